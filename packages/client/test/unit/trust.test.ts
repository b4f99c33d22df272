import { deriveBackupKeys, foldChain, type Manifest, sealAtHome } from "@cloudbackup/core";
import { beforeEach, describe, expect, it } from "vitest";
import { assertContinues } from "../../src/continues.ts";
import { ForkError, WentBackError } from "../../src/errors.ts";
import { memoryStorage, type Storage } from "../../src/storage.ts";
import { assertNotBehind, loadMark, type Mark, raiseMark } from "../../src/trust.ts";
import { SharedWallet } from "../../src/wallet-parts.ts";
import { SEED } from "../support/wallets.ts";

const keys = deriveBackupKeys(SEED, new Uint8Array(16).fill(5));
const hash = (revision: number) => new Uint8Array(32).fill(revision);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** The chain of a history 1, 2, 3 … whose envelopes have those hashes. */
function chainAt(revision: number): Uint8Array {
  let chain: Uint8Array = new Uint8Array(32);
  for (let each = 1; each < revision; each++) chain = foldChain(keys, chain, hash(each));
  return chain;
}

const markAt = (revision: number): Mark => ({
  revision,
  sha256: hex(hash(revision)),
  chain: hex(chainAt(revision)),
  gen: revision,
  held: [],
});
const openedAt = (revision: number, more: Partial<Manifest> = {}) => ({
  manifest: {
    revision,
    parent: hash(revision - 1),
    chain: chainAt(revision),
    heals: [] as Uint8Array[],
    ...more,
  } as Manifest,
  sha256: hash(revision),
});
const history = (upTo: number) => async (from: number) =>
  Array.from({ length: upTo - from + 1 }, (_, i) => [from + i, hex(hash(from + i))] as [number, string]);

describe("a mark", () => {
  let storage: Storage;
  let raise: (mark: Mark) => Promise<void>;
  beforeEach(() => {
    storage = memoryStorage();
    const parts = { entries: storage, keys, shared: new SharedWallet() };
    raise = (mark) => raiseMark(parts, mark);
  });

  it("only rises", async () => {
    expect(await loadMark(storage, keys)).toBeNull();
    await raise(markAt(2));
    await raise(markAt(1));
    await raise({ ...markAt(2), gen: 9 });
    expect(await loadMark(storage, keys)).toEqual(markAt(2));
    await raise(markAt(3));
    expect(await loadMark(storage, keys)).toEqual(markAt(3));
  });

  it("only rises where several raise it at once", async () => {
    await Promise.all([3, 1, 4, 2].map((revision) => raise(markAt(revision))));
    expect(await loadMark(storage, keys)).toEqual(markAt(4));
  });

  it("keeps the last 32 that are held, whichever way it rises", async () => {
    const held = (revision: number) => ({ ...markAt(revision), held: [hex(hash(revision))] });
    await raise(held(1));
    await raise(markAt(3));
    await raise(held(2));
    await raise(held(2));
    expect(await loadMark(storage, keys)).toEqual({ ...markAt(3), held: [hex(hash(1)), hex(hash(2))] });
    for (let revision = 3; revision <= 40; revision++) await raise(held(revision));
    const kept = Array.from({ length: 32 }, (_, i) => hex(hash(i + 9)));
    expect(await loadMark(storage, keys)).toEqual({ ...markAt(40), held: kept });
  });

  it("is sealed, and another wallet's is none", async () => {
    await raise(markAt(2));
    expect(new TextDecoder("latin1").decode(await storage.get("mark"))).not.toContain("revision");
    expect(await loadMark(storage, deriveBackupKeys(SEED, new Uint8Array(16).fill(6)))).toBeNull();
    await storage.set("mark", new Uint8Array(3));
    expect(await loadMark(storage, keys)).toBeNull();
  });

  it("of an older version holds nothing, and what is no mark is none", async () => {
    const keep = (text: string) => storage.set("mark", sealAtHome(keys, "mark", new TextEncoder().encode(text)));
    const { held: _, ...older } = markAt(2);
    await keep(JSON.stringify(older));
    expect(await loadMark(storage, keys)).toEqual(markAt(2));
    const broken = ["", "7", "[]", "null", "{}", JSON.stringify({ ...older, revision: "2" })];
    for (const more of [{ sha256: "ab" }, { chain: null }, { gen: -1 }, { held: {} }, { held: ["x"] }]) {
      broken.push(JSON.stringify({ ...older, ...more }));
    }
    for (const text of broken) {
      await keep(text);
      expect(await loadMark(storage, keys), text).toBeNull();
    }
  });
});

describe("what the server says is current", () => {
  it("is at or above the mark", () => {
    assertNotBehind(null, { revision: 0, sha256: null });
    assertNotBehind(markAt(2), { revision: 2, sha256: hex(hash(2)) });
    assertNotBehind(markAt(2), { revision: 9, sha256: "anything" });
  });

  it("went back below it, or to nothing", () => {
    expect(() => assertNotBehind(markAt(2), { revision: 1, sha256: hex(hash(1)) })).toThrow(WentBackError);
    expect(() => assertNotBehind(markAt(2), { revision: 2, sha256: null })).toThrow(WentBackError);
    expect(() => assertNotBehind(markAt(2), { revision: 7, sha256: null })).toThrow(/no backup/);
  });

  it("is a fork with another hash at the mark", () => {
    expect(() => assertNotBehind(markAt(2), { revision: 2, sha256: hex(hash(3)) })).toThrow(ForkError);
  });
});

describe("an opened backup", () => {
  it("continues from the mark through all that lies between", async () => {
    await assertContinues(null, keys, openedAt(5), () => Promise.reject(new Error("needs no history")));
    await assertContinues(markAt(5), keys, openedAt(5), () => Promise.reject(new Error("needs no history")));
    await assertContinues(markAt(1), keys, openedAt(5), history(5));
    await assertContinues(markAt(4), keys, openedAt(5), history(9));
  });

  it("says what it continues", async () => {
    const known = (mark: Mark | null, more: Partial<Manifest> = {}) =>
      assertContinues(mark, keys, openedAt(5, more), history(5));
    expect(await known(markAt(2))).toEqual([2, 3, 4].map((revision) => hex(hash(revision))));
    expect(await known(null)).toEqual([hex(hash(4))]);
    expect(await known(markAt(5))).toEqual([hex(hash(4))]);
    expect(await known(null, { parent: null })).toEqual([]);
    const healed = { heals: [hash(8), hash(2)] };
    expect(await known(markAt(2), healed)).toEqual([8, 2, 4].map((revision) => hex(hash(revision))));
  });

  it.each<[string, [number, string][]]>([
    ["nothing between", []],
    [
      "another hash at the mark",
      [
        [2, hex(hash(7))],
        [3, hex(hash(3))],
      ],
    ],
    ["a revision left out", [[2, hex(hash(2))]]],
    [
      "another hash on the way",
      [
        [2, hex(hash(2))],
        [3, hex(hash(7))],
      ],
    ],
    [
      "revisions in disorder",
      [
        [3, hex(hash(3))],
        [2, hex(hash(2))],
      ],
    ],
  ])("is a fork with %s", async (_, between) => {
    await expect(assertContinues(markAt(2), keys, openedAt(4), async () => between)).rejects.toThrow(ForkError);
  });

  it("went back, or forks, at the mark itself", async () => {
    await expect(assertContinues(markAt(5), keys, openedAt(4), history(5))).rejects.toThrow(WentBackError);
    await expect(assertContinues(markAt(5), keys, { ...openedAt(5), sha256: hash(6) }, history(5))).rejects.toThrow(
      ForkError,
    );
  });

  it("heals a fork whose hash it names", async () => {
    const none = async () => [];
    await expect(assertContinues(markAt(2), keys, openedAt(4, { heals: [hash(1)] }), none)).rejects.toThrow(ForkError);
    await assertContinues(markAt(2), keys, openedAt(4, { heals: [hash(1), hash(2)] }), none);
    await expect(assertContinues(markAt(5), keys, openedAt(4, { heals: [hash(5)] }), none)).rejects.toThrow(
      WentBackError,
    );
  });
});
