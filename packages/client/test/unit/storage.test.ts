import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { directoryStorage } from "../../src/directory-storage.ts";
import { memoryStorage, storageUnder } from "../../src/storage.ts";
import { storageSuite } from "../support/storage-suite.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cloudbackup-storage-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Every file below the folder, as its path there. */
const files = async () =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

storageSuite("memory", memoryStorage);
storageSuite("directory", () => directoryStorage(join(folder, "not", "there", "yet")));
storageSuite("partial memory", () => storageUnder(memoryStorage(), "a/part/"));
storageSuite("partial directory", () => storageUnder(directoryStorage(folder), "cloudbackup/wallets/"));

describe("a directory storage", () => {
  it("is readable by its owner alone", async () => {
    const inner = join(folder, "inner");
    await directoryStorage(inner).set("a/b", bytes("secret"));
    if (process.platform === "win32") return;
    for (const file of await files()) expect((await stat(file)).mode & 0o777).toBe(0o600);
    for (const made of [inner, join(inner, "a")]) expect((await stat(made)).mode & 0o777).toBe(0o700);
  });

  it("uses names that no file system confuses", async () => {
    const storage = directoryStorage(folder);
    for (const key of ["A", "a", "É", ".", "con.txt", "a b", "🔑"]) await storage.set(key, bytes(key));
    const names = (await files()).map((file) => file.slice(folder.length + 1));
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(7);
    for (const name of names) expect(name).toMatch(/^[a-z0-9_%-]+\.entry$/);
  });

  it("ignores what is not its own: a temporary file that was left over, a system's litter", async () => {
    const storage = directoryStorage(folder);
    await storage.set("a/key", bytes("whole"));
    const [file] = await files();
    await writeFile(`${file}.0000.new`, "ha");
    await writeFile(join(folder, ".DS_Store"), "litter");
    await writeFile(join(folder, "a", "%zz"), "litter");
    expect(await storage.keys("")).toEqual(["a/key"]);
    expect(await storage.get("a/key")).toEqual(bytes("whole"));
    await storage.set("a/key", bytes("again"));
    expect(await storage.get("a/key")).toEqual(bytes("again"));
  });

  it("leaves nothing of a write that fails, and what was there as it was", async () => {
    const storage = directoryStorage(folder);
    await storage.set("key", bytes("before"));
    await expect(storage.set("key", 7 as never)).rejects.toThrow();
    expect(await storage.get("key")).toEqual(bytes("before"));
    expect((await files()).filter((file) => file.endsWith(".new"))).toEqual([]);
  });

  it("shares a folder with another one: each sees whole values of both", async () => {
    const [one, two] = [directoryStorage(folder), directoryStorage(folder)];
    const values = ["a", "b"].map((letter) => bytes(letter.repeat(10_000)));
    const writes = Array.from({ length: 20 }, (_, i) => (i % 2 ? one : two).set("key", values[i % 2] as Uint8Array));
    const reads = Array.from({ length: 20 }, () => one.get("key"));
    await Promise.all(writes);
    for (const value of [...(await Promise.all(reads)), await two.get("key")]) {
      if (value) expect(values).toContainEqual(value);
    }
    await one.delete("key");
    expect(await two.get("key")).toBeUndefined();
  });

  it("refuses keys that are no names", async () => {
    const storage = directoryStorage(folder);
    for (const key of ["", "/a", "a/", "a//b", "\ud800"]) await expect(storage.get(key)).rejects.toThrow(RangeError);
    expect(() => directoryStorage("")).toThrow(TypeError);
  });

  it("passes on what the system says", async () => {
    const file = join(folder, "file");
    await writeFile(file, "");
    const storage = directoryStorage(file);
    await expect(storage.set("a", bytes("a"))).rejects.toThrow(/EEXIST|ENOTDIR/);
    await expect(storage.keys("")).rejects.toThrow(/ENOTDIR/);
  });

  it("does not say that it is confidential; memory does", () => {
    expect(directoryStorage(folder).confidential).toBeUndefined();
    expect(memoryStorage().confidential).toBe(true);
  });
});
