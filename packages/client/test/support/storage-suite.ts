import { describe, expect, it } from "vitest";
import type { Storage } from "../../src/storage.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/**
 * What every storage does.
 *
 * @param name ends the sentence “a … storage”
 * @param create an empty one for each test
 */
export function storageSuite(name: string, create: () => Storage | Promise<Storage>): void {
  describe(`a ${name} storage`, () => {
    it("begins empty", async () => {
      const storage = await create();
      expect(await storage.get("a")).toBeUndefined();
      expect(await storage.keys("")).toEqual([]);
      expect(await storage.keys("a/b")).toEqual([]);
      await storage.delete("a");
    });

    it("gives back what was set, of any length, and replaces it", async () => {
      const storage = await create();
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
      const storage = await create();
      const value = Buffer.from("abc");
      await storage.set("key", value);
      value.fill(0);
      expect(await storage.get("key")).toStrictEqual(bytes("abc"));
    });

    it("copies in and out", async () => {
      const storage = await create();
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
      const storage = await create();
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
      const storage = await create();
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
      const storage = await create();
      const keys = Array.from({ length: 50 }, (_, i) => `many/${i}`);
      await Promise.all(keys.map((key) => storage.set(key, bytes(key))));
      await Promise.all(keys.map(() => storage.set("same", new Uint8Array(5_000).fill(1))));
      expect(await storage.keys("many/")).toHaveLength(50);
      expect(await storage.get("same")).toEqual(new Uint8Array(5_000).fill(1));
    });
  });
}
