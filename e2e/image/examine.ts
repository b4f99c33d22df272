import assert from "node:assert/strict";
import { chown, copyFile, mkdir, readdir, readFile, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { root } from "../../scripts/setup.mjs";
import type { Step } from "../tools/report.ts";
import type { Shell } from "../tools/shell.ts";
import { Container, type ImageConfig } from "./container.ts";

/** The user `node` of the base image. */
const UID = 1000;

/** What docs/operating.md says to copy the database with. */
const COPY = 'new (require("/app/node_modules/better-sqlite3"))("cloudbackup.sqlite").backup("copy.sqlite")';

/** @param files the image's, mounted somewhere */
export async function examine(shell: Shell, config: ImageConfig, files: string): Promise<void> {
  assert.equal(config.User, "node");
  assert.deepEqual(Object.keys(config.Volumes), ["/data"]);
  const app = join(files, "app");
  assert.deepEqual((await readdir(app)).sort(), ["node_modules", "package-lock.json", "package.json"]);
  const changeable = "( ! -uid 0 -o -perm /022 ) ! -type l".split(" ");
  assert.equal(await shell.run("find", [app, ...changeable]), "");
}

/** From the first start to a copy of the database in another container. */
export async function runImage(
  step: Step,
  shell: Shell,
  config: ImageConfig,
  files: string,
  folder: string,
): Promise<void> {
  const port = await freePort();
  const data = await makeVolume(join(folder, "data"));
  const first = await step("starts on a read-only system", () => Container.start(shell, config, files, data, port));
  let realm: string;
  try {
    await step("is the first process, and has no rights", () => assertNoRights(first));
    await step("its health check passes, and fails where nobody answers", async () => {
      const [, ...health] = config.Healthcheck.Test;
      await first.run(health);
      await assert.rejects(first.run(health, [`CLOUDBACKUP_PORT=${await freePort()}`]), { code: 1 });
    });
    realm = await step("registers a user, in its volume", async () => {
      assert.equal(await register(port), 202);
      assert.equal((await stat(join(data, "cloudbackup.sqlite"))).uid, UID);
      return realmOf(port);
    });
    await step("copies its database while it runs", async () => {
      assert.ok((await readFile(join(root, "docs", "operating.md"), "utf8")).includes(COPY));
      await first.run(["node", "-e", COPY]);
    });
    await step("ends well when it is stopped", async () => assert.equal(await first.stop(), "exit code 0"));
  } finally {
    await first.kill();
  }

  const copy = await makeVolume(join(folder, "copy"));
  await copyFile(join(data, "copy.sqlite"), join(copy, "cloudbackup.sqlite"));
  await chown(join(copy, "cloudbackup.sqlite"), UID, UID);
  for (const [name, volume] of Object.entries({ "the same volume": data, "the copy": copy })) {
    await step(`knows the user in a new container with ${name}`, async () => {
      const next = await Container.start(shell, config, files, volume, port);
      try {
        assert.equal(await realmOf(port), realm);
        assert.equal(await register(port), 409);
        assert.equal(await next.stop(), "exit code 0");
      } finally {
        await next.kill();
      }
    });
  }
}

async function assertNoRights(container: Container): Promise<void> {
  assert.match(await container.status("Uid"), new RegExp(`^${UID}\\b`));
  assert.match(await container.status("NSpid"), /\s1$/);
  assert.equal(Number.parseInt(await container.status("CapEff"), 16), 0);
  assert.equal(await container.status("NoNewPrivs"), "1");
}

/** With the owner and the rights that a volume takes over from the image's folder. */
async function makeVolume(folder: string): Promise<string> {
  await mkdir(folder, { mode: 0o700 });
  await chown(folder, UID, UID);
  return folder;
}

async function register(port: number): Promise<number> {
  const user = { username: "hodler21", password: "correct horse battery staple", email: "hodler21@example.org" };
  const { status } = await fetch(`http://127.0.0.1:${port}/v1/users`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(user),
  });
  return status;
}

/** Which server it is: a new database makes another. */
async function realmOf(port: number): Promise<string> {
  const { realm } = (await (await fetch(`http://127.0.0.1:${port}/v1/server`)).json()) as { realm: string };
  assert.match(realm, /^[0-9a-f]+$/);
  return realm;
}

/** Free when it was asked for. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("A TCP server has a port");
  return address.port;
}
