import { describe, expect, it } from "vitest";
import { bytesToHex, joinBytes } from "../../../src/bytes.ts";
import { encodeCbor } from "../../../src/cbor.ts";
import { gearTable } from "../../../src/chunks/chunker.ts";
import type { ChunkedEntry, SectionEntry } from "../../../src/chunks/manifest.ts";
import { type ChunkMap, readSection, storeSection } from "../../../src/chunks/section-chunks.ts";
import { chunkIdOf, sealChunk } from "../../../src/envelope/envelope.ts";
import { codeOf, errorOf, keys, noise, seededRandom } from "../../fixtures.ts";

const gear = gearTable(keys);
const store = (name: string, body: Uint8Array) => storeSection(keys, gear, name, body);
const random = seededRandom();

/** Chunks made by hand, as another writer may cut them. */
class Chunks {
  readonly sealed: ChunkMap = new Map();

  put(chunk: Uint8Array): { id: Uint8Array; size: number } {
    const id = chunkIdOf(keys, chunk);
    this.sealed.set(bytesToHex(id), sealChunk(keys, id, chunk, random));
    return { id, size: chunk.length };
  }

  read(entry: SectionEntry) {
    return readSection(keys, entry, (id) => this.sealed.get(id));
  }
}

const entryOf = (
  body: Uint8Array,
  depth: number,
  chunks: ChunkedEntry["chunks"],
  size = body.length,
): ChunkedEntry => ({
  name: "acme.notes",
  size,
  sum: keys.primitives.sha256(body),
  depth,
  chunks,
});
const listOf = (refs: ChunkedEntry["chunks"]) => joinBytes(refs.map(({ id, size }) => encodeCbor([id, size])));

describe("a section is inline", () => {
  it.each(["accounts", "pairings", "labels", "descriptors", "contacts"])("%s up to 4 KiB", (name) => {
    expect(store(name, new Uint8Array(4096)).entry).toHaveProperty("data");
    expect(store(name, new Uint8Array(4096)).chunks.size).toBe(0);
    expect(store(name, new Uint8Array(4097)).entry).toHaveProperty("chunks");
    expect(store(name, new Uint8Array()).entry).toHaveProperty("data");
  });

  it.each(["transactions", "headers", "filters", "acme.notes", "a."])("%s never", (name) => {
    expect(store(name, new Uint8Array(1)).entry).toMatchObject({ depth: 0, size: 1 });
    expect(store(name, new Uint8Array(1)).chunks.size).toBe(1);
  });

  it("an empty one that must not be has depth 0 and no chunks", () => {
    expect(store("acme.notes", new Uint8Array()).entry).toMatchObject({ depth: 0, size: 0, chunks: [] });
  });
});

describe("reads back", () => {
  it.each([0, 1, 4096, 4097, 65_536, 65_537, 300_000])("what was stored: %i bytes", (length) => {
    const body = noise(length);
    const { entry, chunks } = store("acme.notes", body);
    const made = new Chunks();
    for (const chunk of chunks.values()) made.put(chunk);
    const read = made.read(entry);
    expect(read.body).toEqual(body);
    expect(new Set(read.ids.map(bytesToHex))).toEqual(new Set(chunks.keys()));
  });

  it("chunks of one byte, lists at depth 4 that other writers need not have cut", () => {
    const made = new Chunks();
    const body = noise(2000);
    let refs = Array.from(body, (byte) => made.put(Uint8Array.of(byte)));
    // 2000 chunks of a byte need a list longer than the section: not so 4 of 500.
    refs = [0, 500, 1000, 1500].map((at) => made.put(body.subarray(at, at + 500)));
    for (let depth = 1; depth <= 4; depth++) {
      const list = listOf(refs);
      // Cut in the middle of an entry: lists are joined before they are decoded.
      refs = [made.put(list.subarray(0, 17)), made.put(list.subarray(17))];
      expect(made.read(entryOf(body, depth, refs)).body).toEqual(body);
    }
  });

  it("a section that is inline although ours would not be, as a copy", () => {
    const data = Uint8Array.of(1, 2);
    const entry = { name: "acme.notes", size: 2, sum: keys.primitives.sha256(data), data };
    const { body, ids } = new Chunks().read(entry);
    data.fill(0);
    expect([body, ids]).toEqual([Uint8Array.of(1, 2), []]);
  });

  it("an empty list at any depth", () => {
    expect(new Chunks().read(entryOf(new Uint8Array(), 3, [])).body).toEqual(new Uint8Array());
  });
});

describe("is tampered where", () => {
  const body = noise(1000);

  it.each([-1, 1, 1000])("the chunks have %i bytes more than the section says", (more) => {
    const made = new Chunks();
    expect(codeOf(() => made.read(entryOf(body, 0, [made.put(body)], 1000 - more)))).toBe("ERR_CB_TAMPERED");
  });

  it("the chunks go on after the body", () => {
    const made = new Chunks();
    const refs = [made.put(body), made.put(Uint8Array.of(1))];
    expect(codeOf(() => made.read(entryOf(body, 0, refs)))).toBe("ERR_CB_TAMPERED");
  });

  it("a list is longer than the section, before any of it is opened", () => {
    const made = new Chunks();
    const refs = Array.from(body, (byte) => made.put(Uint8Array.of(byte)));
    const list = made.put(listOf(refs));
    made.sealed.clear();
    const error = errorOf(() => made.read(entryOf(body, 1, [list], 999)));
    expect(error).toMatchObject({ code: "ERR_CB_TAMPERED" });
    expect(error.message).toMatch(/list longer than itself/);
  });

  it.each([
    { id: "no CBOR", list: Uint8Array.of(0xff) },
    { id: "cut off", list: encodeCbor([new Uint8Array(32), 1]).subarray(0, -1) },
    { id: "no [id, size]", list: encodeCbor([1]) },
    { id: "one with a chunk of 0 bytes", list: encodeCbor([new Uint8Array(32), 0]) },
    { id: "one with a chunk of 65,537 bytes", list: encodeCbor([new Uint8Array(32), 65_537]) },
  ])("a list is $id", ({ list }) => {
    const made = new Chunks();
    expect(codeOf(() => made.read(entryOf(body, 1, [made.put(list)])))).toBe("ERR_CB_TAMPERED");
  });

  it("a chunk has another size than its list says", () => {
    const made = new Chunks();
    const [a, b] = [made.put(body.subarray(0, 500)), made.put(body.subarray(500))];
    const refs = [
      { ...a, size: 499 },
      { ...b, size: 501 },
    ];
    expect(codeOf(() => made.read(entryOf(body, 0, refs)))).toBe("ERR_CB_TAMPERED");
  });

  it("the body has another checksum", () => {
    const made = new Chunks();
    const entry = { ...entryOf(body, 0, [made.put(body)]), sum: new Uint8Array(32) };
    expect(codeOf(() => made.read(entry))).toBe("ERR_CB_TAMPERED");
  });
});

it("is incomplete where chunks are missing, before any is opened", () => {
  const made = new Chunks();
  const refs = [made.put(Uint8Array.of(1)), made.put(Uint8Array.of(2)), made.put(Uint8Array.of(3))];
  const [first, second, third] = [...made.sealed.keys()] as [string, string, string];
  made.sealed.set(first, new Uint8Array(60));
  made.sealed.delete(second);
  made.sealed.delete(third);
  const error = errorOf(() => made.read(entryOf(Uint8Array.of(1, 2, 3), 0, refs)));
  expect(error).toMatchObject({ code: "ERR_CB_INCOMPLETE", missing: [second, third] });
});
