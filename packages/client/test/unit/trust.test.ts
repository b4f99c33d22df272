import { deriveBackupKeys, foldChain, type Manifest } from "@cloudbackup/core";
import { beforeEach, describe, expect, it } from "vitest";
import { ForkError, WentBackError } from "../../src/errors.ts";
import { memoryStorage, type Storage } from "../../src/storage.ts";
import { assertContinues, assertNotBehind, loadMark, type Mark, raiseMark } from "../../src/trust.ts";
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
});
const openedAt = (revision: number, more: Partial<Manifest> = {}) => ({
  manifest: { revision, chain: chainAt(revision), heals: [] as Uint8Array[], ...more } as Manifest,
  sha256: hash(revision),
});
const history = (upTo: number) => async (from: number) =>
  Array.from({ length: upTo - from + 1 }, (_, i) => [from + i, hex(hash(from + i))] as [number, string]);

describe("a mark", () => {
  let storage: Storage;
  beforeEach(() => {
    storage = memoryStorage();
  });

  it("only rises", async () => {
    expect(await loadMark(storage, keys)).toBeNull();
    await raiseMark(storage, keys, markAt(2));
    await raiseMark(storage, keys, markAt(1));
    await raiseMark(storage, keys, { ...markAt(2), gen: 9 });
    expect(await loadMark(storage, keys)).toEqual(markAt(2));
    await raiseMark(storage, keys, markAt(3));
    expect(await loadMark(storage, keys)).toEqual(markAt(3));
  });

  it("is sealed, and another wallet's is none", async () => {
    await raiseMark(storage, keys, markAt(2));
    expect(new TextDecoder("latin1").decode(await storage.get("mark"))).not.toContain("revision");
    expect(await loadMark(storage, deriveBackupKeys(SEED, new Uint8Array(16).fill(6)))).toBeNull();
    await storage.set("mark", new Uint8Array(3));
    expect(await loadMark(storage, keys)).toBeNull();
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
