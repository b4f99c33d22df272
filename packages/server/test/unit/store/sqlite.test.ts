import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { configure, openSqliteStore } from "../../../src/store/sqlite.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cloudbackup-sqlite-"));
  path = join(folder, "test.sqlite");
});
afterEach(() => rm(folder, { recursive: true }));

const open = (realm?: Uint8Array) => openSqliteStore(path, { randomBytes, ...(realm ? { realm } : {}) });
const bytes = (value: Uint8Array) => Buffer.from(value).toString("hex");

test("a database keeps its realm and its secret", async () => {
  const first = await open();
  await first.close();
  const second = await open();
  expect(bytes(second.identity.realm)).toBe(bytes(first.identity.realm));
  expect(bytes(second.identity.secret)).toBe(bytes(first.identity.secret));
  await second.close();
});

test("a new database takes the realm that it is given, and refuses another one later", async () => {
  const realm = new Uint8Array(16).fill(7);
  const store = await open(realm);
  expect(bytes(store.identity.realm)).toBe(bytes(realm));
  await store.close();
  await expect(open(new Uint8Array(16).fill(8))).rejects.toMatchObject({ code: "ERR_CB_DATA_DIR" });
  await expect(open(new Uint8Array(5))).rejects.toThrow(RangeError);
});

test("a commit is on the disk when it is acknowledged", () => {
  const db = new Sqlite(path);
  configure(db);
  expect(db.pragma("journal_mode", { simple: true })).toBe("wal");
  // 2 is FULL (sqlite.org/pragma.html#pragma_synchronous).
  expect(db.pragma("synchronous", { simple: true })).toBe(2);
  expect(db.pragma("foreign_keys", { simple: true })).toBe(1);
  db.close();
});

test("closing leaves one whole file", async () => {
  const store = await open();
  const pending = store.sessions.spendChallenge(randomBytes(32), 2000, 1000);
  await store.close();
  expect(await pending).toBe(true);
  const db = new Sqlite(path, { readonly: true });
  expect(db.prepare("SELECT count(*) AS n FROM spent_challenges").get()).toEqual({ n: 1 });
  db.close();
});

test("a disk that is full does not keep a database from being closed", async () => {
  const store = await open();
  expect(await store.sessions.spendChallenge(randomBytes(32), 2000, 1000)).toBe(true);
  const checkpoint = vi.spyOn(Sqlite.prototype, "pragma").mockImplementation(() => {
    throw new Sqlite.SqliteError("database or disk is full", "SQLITE_FULL");
  });
  await store.close();
  checkpoint.mockRestore();
  const db = new Sqlite(path);
  expect(db.prepare("SELECT count(*) AS n FROM spent_challenges").get()).toEqual({ n: 1 });
  db.close();
});

test("a read that the database cannot do now says so, as a write does", async () => {
  const store = await open();
  await store.close();
  for (const read of [store.users.byId("x"), store.wallets.byId(new Uint8Array(32))]) {
    await expect(read).rejects.toMatchObject({ code: "ERR_CB_STORE_UNAVAILABLE", retryable: true });
  }
});

test("a new database is its owner's alone, in a folder that is everybody's too", async () => {
  await chmod(folder, 0o755);
  const store = await open();
  for (const name of await readdir(folder)) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
  await store.close();
});

test("a schema that cannot be made whole is not made in part", async () => {
  const db = new Sqlite(path);
  db.exec("CREATE TABLE chunk_uses (n)");
  await expect(open()).rejects.toThrow("chunk_uses");
  expect(db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all()).toEqual(["chunk_uses"]);
  db.exec("DROP TABLE chunk_uses");
  db.close();
  await (await open()).close();
});

test("a database of a newer version is refused in a sentence", async () => {
  await (await open()).close();
  const db = new Sqlite(path);
  db.prepare("INSERT INTO kysely_migration VALUES ('9999-future', '2030-01-01')").run();
  db.close();
  await expect(open()).rejects.toMatchObject({
    code: "ERR_CB_NEWER_DATABASE",
    message: 'The database was made by a newer version of this server (it has "9999-future"): update the server',
  });
});

test("what is no database is refused in a sentence", async () => {
  await writeFile(path, "this is text, and long enough to be taken for a page of a database".repeat(100));
  await expect(open()).rejects.toMatchObject({ code: "ERR_CB_DATA_DIR" });
  await expect(openSqliteStore(join(folder, "no", "folder"), { randomBytes })).rejects.toMatchObject({
    code: "ERR_CB_DATA_DIR",
  });
});
