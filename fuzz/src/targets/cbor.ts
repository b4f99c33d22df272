import { joinBytes } from "../../../packages/core/src/bytes.ts";
import { CborError, decodeCbor, decodeCborSequence, encodeCbor } from "../../../packages/core/src/cbor.ts";
import { cborValue } from "../../../packages/core/test/property/arbitraries.ts";
import { isOneItem } from "../../../packages/core/test/property/cbor-oracle.ts";
import { longestAllocation } from "../allocations.ts";
import { bundles, sectionBodies } from "../corpus.ts";
import { mutateBytes } from "../mutate-bytes.ts";
import { encodeItems, everyItem, type Item, mutateItems, parseItems } from "../mutate-cbor.ts";
import type { Source } from "../source.ts";
import { ACCEPTED, attempt, claim, claimSameBytes, defineTarget, type Target } from "../target.ts";

/** Items of the vectors that are short enough to be taken ten thousand times a second. */
const MAX_ITEM_BYTES = 600;
const MAX_ROOM_BYTES = 1_024;

export const cborTargets: readonly Target[] = [
  defineTarget({
    name: "decodeCbor",
    share: 150,
    open: () => {
      const seeds = vectorItems();
      const donors = seeds.flatMap(parseItems).flatMap((item) => everyItem([item]));
      return {
        make: (source) => cborInput(source, seeds, donors),
        check: (bytes: Uint8Array) => {
          const expected = isOneItem(bytes);
          let outcome = "";
          for (const views of [false, true]) {
            const read = attempt(() => decodeCbor(bytes, { views }), [CborError]);
            claim((read.outcome === ACCEPTED) === expected, `decodeCbor (views: ${views}) agrees with the oracle`);
            if (expected) claimSameBytes(encodeCbor(read.value), bytes, "what was decoded encodes to the same bytes");
            outcome = read.outcome;
          }
          return outcome;
        },
      };
    },
  }),
  defineTarget({
    name: "decodeCborSequence",
    share: 150,
    open: () => {
      const seeds = vectorItems();
      const donors = seeds.flatMap(parseItems).flatMap((item) => everyItem([item]));
      return {
        make: (source) => joinBytes(Array.from({ length: source.below(4) }, () => cborInput(source, seeds, donors))),
        check: (bytes: Uint8Array) => {
          let read = attempt(() => [...decodeCborSequence(bytes)], [CborError]);
          const longest = longestAllocation(() => {
            read = attempt(() => [...decodeCborSequence(bytes, { views: true })], [CborError]);
          });
          claim(longest <= bytes.length + MAX_ROOM_BYTES, `no array of ${longest} bytes is made for ${bytes.length}`);
          if (read.value) {
            const encoded = joinBytes(read.value.map((value) => encodeCbor(value)));
            claimSameBytes(encoded, bytes, "what was decoded encodes to the same bytes");
          }
          return read.outcome;
        },
      };
    },
  }),
];

/** A good item with changes, one that fast-check made with changes, or any bytes at all. */
function cborInput(source: Source, seeds: readonly Uint8Array[], donors: readonly Item[]): Uint8Array {
  const kind = source.below(20);
  if (kind === 0) return source.bytes(source.below(40));
  if (kind < 4) {
    const bytes = encodeCbor(source.draw(cborValue));
    return source.oneIn(4) ? bytes : mutateBytes(source, bytes, source.pick(seeds));
  }
  const seed = source.pick(seeds);
  if (kind < 11) return mutateBytes(source, seed, source.pick(seeds));
  return encodeItems(mutateItems(source, parseItems(seed), donors));
}

/** Items of the bundles and of the sections, each once. */
function vectorItems(): Uint8Array[] {
  const sequences = [...bundles, ...sectionBodies.map(({ body }) => body)];
  const items = sequences.flatMap((sequence) => {
    const read = attempt(() => [...decodeCborSequence(sequence)], [CborError]);
    return (read.value ?? []).map((value) => encodeCbor(value));
  });
  const texts = new Set(
    items.filter((item) => item.length <= MAX_ITEM_BYTES).map((item) => Buffer.from(item).toString("hex")),
  );
  return [...texts].map((hex) => new Uint8Array(Buffer.from(hex, "hex")));
}
