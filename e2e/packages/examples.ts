import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Step } from "../tools/report.ts";
import type { Shell } from "../tools/shell.ts";
import { withDevServer } from "./dev-server.ts";
import { assertOwnPackages, copyExample, npmInstall, type Packed } from "./integrator.ts";

const CLIENT = ["@cloudbackup/client", "@cloudbackup/client/node", "@cloudbackup/core", "@cloudbackup/core/seed"];
const SERVER = ["@cloudbackup/server", "@cloudbackup/core/wire"];

/** A user who registers, is activated, backs up and restores; then two devices of one user. */
export async function quickstart(step: Step, shell: Shell, packed: Packed): Promise<void> {
  await step("npm install", async () => {
    await copyExample("quickstart", shell.folder, packed);
    await npmInstall(shell);
    await assertOwnPackages(shell, [...CLIENT, ...SERVER, "undici"]);
  });
  await step("backs up and restores", () => runQuickstart(shell, shell));
  await step("two devices are kept backed up", async () => {
    const said = await withDevServer(shell, (url) =>
      shell.with({ CLOUDBACKUP_URL: url }).run("npm", ["run", "--silent", "two-devices"]),
    );
    assert.match(said, /^First device: backed up rent$/m);
    assert.match(said, /^Second device: restored rent$/m);
    assert.match(said, /^Second device: united rent, groceries, holidays$/m);
    assert.match(said, /^The server holds 3 notes$/m);
  });
}

/** Where npm leaves out what a package can do without, undici, the same program does the same. */
export async function withoutOptional(step: Step, shell: Shell, server: Shell, packed: Packed): Promise<void> {
  await step("npm install --omit=optional", async () => {
    await copyExample("quickstart", shell.folder, packed);
    // The server is not there either: its password hash is native code, by an optional package for each platform.
    await npmInstall(shell, "--omit=optional", "--omit=dev");
    await assertOwnPackages(shell, CLIENT);
    assert.deepEqual(
      ["undici", "@cloudbackup/server"].filter((name) => existsSync(join(shell.folder, "node_modules", name))),
      [],
    );
  });
  await step("backs up and restores", () => runQuickstart(shell, server));
}

/** The whole story, the failures at its end included. */
export async function authenticatorWallet(step: Step, shell: Shell, packed: Packed): Promise<void> {
  await step("npm install", async () => {
    await copyExample("authenticator-wallet", shell.folder, packed);
    await npmInstall(shell);
    await assertOwnPackages(shell, [...CLIENT, ...SERVER]);
  });
  await step("the demo plays to its end", async () => {
    const temporary = join(shell.folder, "tmp");
    await mkdir(temporary);
    const demo = shell.with({ TMPDIR: temporary });
    const { ok, steps, problems } = JSON.parse(await demo.run("npm", ["run", "--silent", "demo", "--", "--json"]));
    assert.equal(ok, true);
    for (const id of ["second-restore", "third-restore"]) {
      const { revision, accounts, labels, addresses } = steps.find((played: { id: string }) => played.id === id);
      assert.deepEqual({ id, revision, accounts, labels, addresses }, { id, ...RESTORED });
    }
    assert.deepEqual(
      problems.map(({ code }: { code: string }) => code),
      ["ERR_CB_NO_WALLET", "ERR_CB_BAD_CREDENTIALS", "ERR_CB_UNREACHABLE", "ERR_CB_TAMPERED"],
    );
    // npm keeps a cache there.
    const left = (await readdir(temporary)).filter((name) => name.startsWith("cloudbackup"));
    assert.deepEqual(left, [], "the demo leaves nothing behind");
  });
}

/** Bundled by Vite from the packed packages, for a browser. */
export async function browserWallet(step: Step, shell: Shell, packed: Packed): Promise<void> {
  await step("npm install", async () => {
    await copyExample("browser-wallet", shell.folder, packed);
    await npmInstall(shell);
    await assertOwnPackages(shell, ["@cloudbackup/client", "@cloudbackup/client/browser", "@cloudbackup/core/seed"]);
  });
  await step("vite build", async () => {
    await shell.run("npm", ["run", "--silent", "build"]);
    const page = await readFile(join(shell.folder, "dist", "index.html"), "utf8");
    assert.match(page, /Content-Security-Policy/);
    assert.match(page, /<script [^>]*src="\.\/assets\/index-[^"]+\.js"/);
  });
}

/** What the demo's wallet has when it is lost: four accounts and the one added, a label for each of 303 orders. */
const RESTORED = { revision: 2, accounts: 5, labels: 303, addresses: 320 };

async function runQuickstart(shell: Shell, server: Shell): Promise<void> {
  const said = await withDevServer(server, (url) =>
    shell.with({ CLOUDBACKUP_URL: url }).run("npm", ["start", "--silent"]),
  );
  assert.match(said, /^Stored as revision 1: \d+ bytes, encrypted\.$/m);
  assert.match(said, /^Restored: Spending$/m);
}
