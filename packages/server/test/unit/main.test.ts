import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import Sqlite from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";

const fileOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const MAIN = fileOf("../../src/main.ts");
const SOURCES = new URL("../../../../scripts/sources.mjs", import.meta.url).href;

let folder: string;
let children: ChildProcess[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cloudbackup-main-"));
  children = [];
});
afterEach(async () => {
  for (const child of children) if (child.exitCode === null) child.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

/** The program, as a shell starts it. */
function start(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ["--no-warnings", "--import", SOURCES, MAIN, ...args], {
    env: {
      PATH: process.env.PATH,
      TMPDIR: folder,
      CLOUDBACKUP_DATA_DIR: join(folder, "data"),
      CLOUDBACKUP_PORT: "0",
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  let output = "";
  const waiting: (() => void)[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
      for (const look of waiting) look();
    });
  }
  const ended = once(child, "close").then(([code]) => ({ code, output }));
  return {
    child,
    ended,
    output: () => output,
    /** What the pattern's group finds, as soon as it was printed. */
    printed: (pattern: RegExp) =>
      new Promise<string>((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(output)?.[1];
          if (found !== undefined) resolve(found);
        };
        waiting.push(look);
        look();
        void ended.then(() => reject(new Error(`it ended: ${output}`)));
      }),
  };
}

const LISTENING = /listening at (http:\/\/127\.0\.0\.1:\d+)/;

test("starts, says where, what is open and where mail goes, and stops when asked to", async () => {
  const program = start([]);
  const url = await program.printed(LISTENING);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  await program.printed(/(registration is open)/);
  await program.printed(/(activation mail is written to files)/);
  program.child.kill("SIGTERM");
  const { code } = await program.ended;
  expect(code).toBe(0);
  // One whole file: the write-ahead log is in it.
  expect(await readdir(join(folder, "data"))).toEqual(["cloudbackup.sqlite"]);
});

test("a port in use is one sentence", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const { code, output } = await start(["--port", String(port)]).ended;
  other.close();
  expect(output).toBe(`Cannot listen on 127.0.0.1 port ${port}: another program uses that port\n`);
  expect(code).toBe(1);
});

test("a data folder that cannot be written is one sentence", async () => {
  const file = join(folder, "file");
  await writeFile(file, "");
  const dataDir = join(file, "data");
  const { code, output } = await start([], { CLOUDBACKUP_DATA_DIR: dataDir }).ended;
  expect(output).toBe(`The data folder ${dataDir} cannot be used: ENOTDIR\n`);
  expect(code).toBe(1);
});

test("a database of a newer version is one sentence", async () => {
  const first = start([]);
  await first.printed(LISTENING);
  first.child.kill("SIGINT");
  expect((await first.ended).code).toBe(0);
  const db = new Sqlite(join(folder, "data", "cloudbackup.sqlite"));
  db.prepare("INSERT INTO kysely_migration VALUES ('9999-future', '2030-01-01')").run();
  db.close();
  const { code, output } = await start([]).ended;
  expect(output).toMatch(/^The database was made by a newer version of this server .*: update the server\n$/);
  expect(code).toBe(1);
});

test("a setting that is wrong is one sentence, one that is unknown is pointed out", async () => {
  const wrong = await start([], { CLOUDBACKUP_REGISTRATION: "maybe" }).ended;
  expect(wrong).toEqual({ code: 1, output: 'CLOUDBACKUP_REGISTRATION must be open or closed, not "maybe"\n' });
  const program = start([], { CLOUDBACKUP_ORIGIN: "https://backup.example" });
  await program.printed(/(CLOUDBACKUP_ORIGIN is no setting)/);
});

test("--help lists every setting, an unknown option is an error", async () => {
  const help = await start(["--help"]).ended;
  expect(help.code).toBe(0);
  for (const name of ["CLOUDBACKUP_DATA_DIR", "CLOUDBACKUP_SMTP_URL", "dev"]) expect(help.output).toContain(name);
  const unknown = await start(["--prot", "1"]).ended;
  expect(unknown.code).toBe(1);
  expect(unknown.output).toContain("--prot");
});

test("dev prints links to click, and leaves nothing behind", async () => {
  const program = start(["dev"]);
  const url = await program.printed(LISTENING);
  expect((await readdir(folder)).some((name) => name.startsWith("cloudbackup-dev-"))).toBe(true);
  const { origins } = (await (await fetch(`${url}/v1/server`)).json()) as { origins: string[] };
  expect(origins.slice(0, 3)).toEqual(["http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*"]);
  const user = { username: "alice", password: "correct horse battery", email: "alice@example.org" };
  const headers = { "content-type": "application/json" };
  const registered = await fetch(`${url}/v1/users`, { method: "POST", headers, body: JSON.stringify(user) });
  expect(registered.status).toBe(202);
  const link = await program.printed(/alice@example\.org: (\S+)\n/);
  expect(link.startsWith(`${url}/activate#token=`)).toBe(true);
  expect((await fetch(link)).status).toBe(200);
  const token = new URL(link).hash.slice("#token=".length);
  const activated = await fetch(`${url}/v1/users/activate`, {
    method: "POST",
    headers,
    body: JSON.stringify({ token }),
  });
  expect(activated.status).toBe(204);
  program.child.kill("SIGTERM");
  expect((await program.ended).code).toBe(0);
  expect((await readdir(folder)).filter((name) => name.startsWith("cloudbackup-dev-"))).toEqual([]);
});

/** A Node of another major version on this machine, or undefined. */
function olderNode(): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const candidates = folders.map((each) => join(each, "node")).filter((path) => existsSync(path));
  return candidates.find((path) => {
    const { stdout } = spawnSync(path, ["--version"], { encoding: "utf8" });
    const major = Number(/^v(\d+)/.exec(stdout ?? "")?.[1]);
    return major >= 18 && major < 22;
  });
}

test("an old Node is refused before it loads anything that it cannot", async () => {
  for (const name of ["main", "node-version"]) {
    const source = await readFile(fileOf(`../../src/${name}.ts`), "utf8");
    await writeFile(join(folder, `${name}.mjs`), stripTypeScriptTypes(source).replaceAll('.ts"', '.mjs"'));
  }
  // Without an old Node on this machine, this one says that it is one.
  const old = olderNode();
  const pretend = 'Object.defineProperty(process.versions, "node", { value: "20.0.0" });';
  const args = old ? [] : ["--import", `data:text/javascript,${encodeURIComponent(pretend)}`];
  const { status, stderr, stdout } = spawnSync(old ?? process.execPath, [...args, join(folder, "main.mjs")], {
    encoding: "utf8",
  });
  expect(stderr).toMatch(/^cloudbackup-server needs Node 22\.19 or newer, this is \d+\.\d+\.\d+\..*\n$/);
  expect([status, stdout]).toEqual([1, ""]);
});
