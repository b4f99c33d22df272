import { expect, it } from "vitest";
import { concatBytes } from "../../../src/bytes.ts";
import { cutChunks, gearTable, LIST_ROW } from "../../../src/chunks/chunker.ts";
import { type CutBody, recutChunks } from "../../../src/chunks/recut.ts";
import { chunkIdOf } from "../../../src/envelope/envelope.ts";
import { keys, noise } from "../../fixtures.ts";

const gear = gearTable(keys);
const refOf = (chunk: Uint8Array) => ({ id: chunkIdOf(keys, chunk), size: chunk.length });
const cutAll = (body: Uint8Array): CutBody => ({ body, list: cutChunks(body, gear, LIST_ROW).map(refOf) });

/** The list, and how many of its chunks had to be named. */
function recut(body: Uint8Array, before?: CutBody) {
  let named = 0;
  const list = recutChunks(body, gear, LIST_ROW, before, (chunk) => {
    named++;
    return chunkIdOf(keys, chunk);
  });
  expect(list).toEqual(cutAll(body).list);
  return { list, named };
}

const old = noise(60_000);
const before = cutAll(old);
const count = before.list.length;
/** Where the third chunk begins, and where the last one does. */
const third = (before.list[0]?.size ?? 0) + (before.list[1]?.size ?? 0);
const last = old.length - (before.list.at(-1)?.size ?? 0);

it("names every chunk of a body without another before it", () => {
  expect(count).toBeGreaterThan(12);
  expect(recut(old).named).toBe(count);
});

it("names none of the same body but the last chunk's, which its end may have cut", () => {
  expect(recut(old.slice(), before).named).toBeLessThanOrEqual(1);
});

it.each([1, 500, 20_000])("names the last chunk and those after it where %i bytes are appended", (length) => {
  const { list, named } = recut(concatBytes(old, noise(length, 1)), before);
  expect(named).toBeLessThanOrEqual(list.length - count + 1);
});

it.each([
  { id: "a byte changed", at: third + 10, remove: 1, insert: 1 },
  { id: "a byte inserted", at: third + 10, remove: 0, insert: 1 },
  { id: "bytes removed", at: third + 10, remove: 300, insert: 0 },
  { id: "bytes at the start", at: 0, remove: 0, insert: 100 },
  { id: "a chunk's first byte", at: third, remove: 1, insert: 1 },
  { id: "a chunk's last byte", at: third - 1, remove: 1, insert: 1 },
])("names the chunks of the change alone: $id", ({ at, remove, insert }) => {
  const body = concatBytes(old.subarray(0, at), noise(insert, 2), old.subarray(at + remove));
  expect(recut(body, before).named).toBeLessThan(count / 2);
});

it.each([0, 1, 1_024, third, last, last + 1, old.length - 1])("a body that ends sooner, at %i", (length) => {
  const { named } = recut(old.slice(0, length), before);
  expect(named).toBeLessThanOrEqual(1);
});

it("bodies with nothing in common, and none at all", () => {
  recut(noise(30_000, 3), before);
  recut(new Uint8Array(30_000), before);
  recut(new Uint8Array(30_001), cutAll(new Uint8Array(30_000)));
  recut(new Uint8Array(), before);
  recut(old, cutAll(new Uint8Array()));
});
