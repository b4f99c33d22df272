import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { directoryStorage } from "../../src/directory-storage.ts";
import { memoryStorage, type Storage, storageUnder } from "../../src/storage.ts";

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

describe.each<[string, () => Storage]>([
  ["memory", memoryStorage],
  ["directory", () => directoryStorage(join(folder, "not", "there", "yet"))],
  ["part of a memory", () => storageUnder(memoryStorage(), "a/part/")],
  ["part of a directory", () => storageUnder(directoryStorage(folder), "cloudbackup/wallets/")],
])("a %s storage", (_, create) => {
  it("begins empty", async () => {
    const storage = create();
    expect(await storage.get("a")).toBeUndefined();
    expect(await storage.keys("")).toEqual([]);
    expect(await storage.keys("a/b")).toEqual([]);
    await storage.delete("a");
  });

  it("gives back what was set, of any length, and replaces it", async () => {
    const storage = create();
    for (const value of [bytes("one"), bytes(""), new Uint8Array(200_000).fill(7), bytes("two")]) {
      await storage.set("key", value);
      const got = await storage.get("key");
      expect(got).toEqual(value);
      expect(got?.constructor).toBe(Uint8Array);
    }
    expect(await storage.keys("")).toEqual(["key"]);
    await storage.delete("key");
    expect(await storage.get("key")).toBeUndefined();
    expect(await storage.keys("")).toEqual([]);
  });

  it("copies out of a Buffer too, whose slices are views", async () => {
    const storage = create();
    const value = Buffer.from("abc");
    await storage.set("key", value);
    value.fill(0);
    expect(await storage.get("key")).toStrictEqual(bytes("abc"));
  });

  it("copies in and out", async () => {
    const storage = create();
    const value = bytes("abc");
    const set = storage.set("key", value);
    await set;
    value.fill(0);
    const got = (await storage.get("key")) as Uint8Array;
    expect(got).toEqual(bytes("abc"));
    got.fill(0);
    expect(await storage.get("key")).toEqual(bytes("abc"));
  });

  it("tells any keys apart", async () => {
    const storage = create();
    const keys = [
      "a", "A", "a/b", "a/B", "a/b/c", "ab", "a.b", ".", "..", "../up", "a/../b", "a//b".replace("//", "/%2f/"), "%41", "%",
      "a%2Fb", "A%2fB", "é", "e\u0301", "É", "🔑", "ключ/ключ", "con", "x.entry", "x.new", "x ", " x", "~", "a\\b", "a:b",
      'a"b<c>|?*', "\u0000", "https%3A%2F%2Fbackup.example%2F", "x".repeat(80), "-", "_",
    ]; // biome-ignore format: a list of keys
    for (const key of keys) await storage.set(key, bytes(key));
    for (const key of keys) expect(await storage.get(key)).toEqual(bytes(key));
    expect((await storage.keys("")).sort()).toEqual([...keys].sort());
    for (const key of keys) await storage.delete(key);
    expect(await storage.keys("")).toEqual([]);
  });

  it("lists by prefix, be it within a name or not", async () => {
    const storage = create();
    for (const key of ["chunks/aa", "chunks/ab", "chunks/b", "chunks", "state", "chunksy/aa"]) {
      await storage.set(key, bytes(key));
    }
    expect((await storage.keys("chunks/")).sort()).toEqual(["chunks/aa", "chunks/ab", "chunks/b"]);
    expect((await storage.keys("chunks/a")).sort()).toEqual(["chunks/aa", "chunks/ab"]);
    expect((await storage.keys("chunks")).sort()).toEqual([
      "chunks",
      "chunks/aa",
      "chunks/ab",
      "chunks/b",
      "chunksy/aa",
    ]);
    expect(await storage.keys("nothing/here")).toEqual([]);
  });

  it("takes writes at once", async () => {
    const storage = create();
    const keys = Array.from({ length: 50 }, (_, i) => `many/${i}`);
    await Promise.all(keys.map((key) => storage.set(key, bytes(key))));
    await Promise.all(keys.map(() => storage.set("same", new Uint8Array(5_000).fill(1))));
    expect(await storage.keys("many/")).toHaveLength(50);
    expect(await storage.get("same")).toEqual(new Uint8Array(5_000).fill(1));
  });
});

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
