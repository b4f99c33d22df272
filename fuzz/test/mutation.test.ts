import { expect, it } from "vitest";
import { bundles, sectionBodies } from "../src/corpus.ts";
import { mutateBytes } from "../src/mutate-bytes.ts";
import { encodeItems, everyItem, mutateItems, parseItems } from "../src/mutate-cbor.ts";
import { mutateJson } from "../src/mutate-json.ts";
import { Source } from "../src/source.ts";
import { isCbor } from "../src/targets/bundles.ts";

const numbers = Array.from({ length: 400 }, (_, i) => i);
const good = [...bundles, ...sectionBodies.map(({ body }) => body)].filter(
  (bytes) => bytes.length > 0 && isCbor(bytes),
);

it("has every bundle of the vectors", () => {
  expect(bundles.length).toBeGreaterThanOrEqual(51);
  expect(good.length).toBeGreaterThan(50);
});

it("a source gives the same again, and another for another seed, target or number", () => {
  const sample = (...from: ConstructorParameters<typeof Source>) => new Source(...from).bytes(8).join();
  const sources: ConstructorParameters<typeof Source>[] = [[1, "a", 1], [2, "a", 1], [1, "b", 1], [1, "a", 2]]; // biome-ignore format: a list
  expect(new Set(sources.map((from) => sample(...from))).size).toBe(sources.length);
  for (const from of sources) expect(sample(...from)).toBe(sample(...from));
});

it("CBOR is taken apart and put together as it was", () => {
  for (const bytes of good) expect(Buffer.compare(encodeItems(parseItems(bytes)), bytes)).toBe(0);
});

it("changes almost always change something, and never what they were given", () => {
  const bytes = good[0] as Uint8Array;
  const items = parseItems(bytes);
  const donors = everyItem(items);
  const value = { a: [1, { b: null }], c: "text" };
  const changed = { bytes: new Set<string>(), items: new Set<string>(), json: new Set<string>() };
  for (const number of numbers) {
    changed.bytes.add(Buffer.from(mutateBytes(new Source(1, "bytes", number), bytes, bytes)).toString("hex"));
    changed.items.add(
      Buffer.from(encodeItems(mutateItems(new Source(1, "items", number), items, donors))).toString("hex"),
    );
    changed.json.add(Buffer.from(mutateJson(new Source(1, "json", number), value)).toString("hex"));
  }
  expect(changed.bytes.size).toBeGreaterThan(numbers.length * 0.9);
  expect(changed.items.size).toBeGreaterThan(numbers.length * 0.7);
  expect(changed.json.size).toBeGreaterThan(numbers.length * 0.6);
  expect(Buffer.compare(encodeItems(items), bytes)).toBe(0);
  expect(value).toEqual({ a: [1, { b: null }], c: "text" });
});
