import { joinBytes } from "../../../packages/core/src/bytes.ts";
import { CborError, type CborMap, decodeCborSequence } from "../../../packages/core/src/cbor.ts";
import {
  type Bundle,
  decodeBundle,
  decodeBundleHead,
  decodeChunkItems,
  decodeIds,
  decodeWholeBundle,
  encodeBundle,
  encodeBundleHead,
  encodeChunkItem,
  encodeIds,
} from "../../../packages/core/src/chunks/bundle.ts";
import { IncompleteError, TamperedError, UnsupportedVersionError } from "../../../packages/core/src/errors.ts";
import { longestAllocation } from "../allocations.ts";
import { bundles } from "../corpus.ts";
import { mutateBytes } from "../mutate-bytes.ts";
import { encodeItems, everyItem, type Item, mutateItems, parseItems } from "../mutate-cbor.ts";
import type { Source } from "../source.ts";
import { ACCEPTED, type Attempt, attempt, claim, claimSameBytes, defineTarget, type Target } from "../target.ts";

const REFUSALS = [TamperedError, UnsupportedVersionError, IncompleteError];
/** Keys of a head; more are ignored, and not written back. */
const HEAD_KEYS = 9;
/** Messages and sets of ids. */
const MAX_ROOM_BYTES = 8 * 1024;

export const bundleTargets: readonly Target[] = [
  mutantTarget("decodeBundle", 60, bundles, decodeBundle, checkBundle),
  mutantTarget("decodeWholeBundle", 40, bundles, decodeWholeBundle, checkBundle),
  mutantTarget("decodeBundleHead", 70, heads(), decodeBundleHead, (head, bytes) => {
    checkEncoding(encodeBundleHead(head), bytes);
  }),
  mutantTarget("decodeChunkItems", 120, chunkItems(), decodeChunkItems, (items, bytes) => {
    claimSameBytes(joinBytes(items.map(encodeChunkItem)), bytes, "chunk items encode to the same bytes");
  }),
  mutantTarget("decodeIds", 150, idLists(), decodeIds, (ids, bytes) => {
    claimSameBytes(encodeIds(ids), bytes, "ids encode to the same bytes");
  }),
  {
    name: "bundles cut short",
    share: 60,
    open: () => {
      // Every length of every bundle, the shortest bundles first.
      const sorted = bundles.toSorted((a, b) => a.length - b.length);
      return {
        make: (_, index) => {
          let left = index % sorted.reduce((total, bundle) => total + bundle.length, 0);
          let which = 0;
          for (; left >= (sorted[which] as Uint8Array).length; which++) left -= (sorted[which] as Uint8Array).length;
          return (sorted[which] as Uint8Array).subarray(0, left);
        },
        check: (input) => {
          const bytes = input as Uint8Array;
          const read = attempt(() => decodeBundle(bytes), REFUSALS);
          if (read.value) checkBundle(read.value, bytes);
          const whole = attempt(() => decodeWholeBundle(bytes), REFUSALS);
          if (whole.value) claim(read.value !== undefined, "a whole bundle is a bundle");
          return whole.outcome;
        },
      };
    },
  },
];

/** A reader of bytes whose seeds are mutated, bytewise and in their structure. */
function mutantTarget<T>(
  name: string,
  share: number,
  seeds: readonly Uint8Array[],
  read: (bytes: Uint8Array) => T,
  check: (value: T, bytes: Uint8Array) => void,
): Target {
  return defineTarget({
    name,
    share,
    open: () => {
      // Some of what must be refused is no CBOR at all; of that the bytes alone can be mutated.
      const trees = seeds.flatMap((seed) => (isCbor(seed) ? [parseItems(seed)] : []));
      const donors = trees.flatMap(everyItem);
      return {
        make: (source) => mutantOf(source, seeds, trees, donors),
        check: (bytes: Uint8Array) => {
          let attempted: Attempt<T> | undefined;
          const longest = longestAllocation(() => {
            attempted = attempt(() => read(bytes), REFUSALS);
          });
          claim(longest <= bytes.length + MAX_ROOM_BYTES, `no array of ${longest} bytes is made for ${bytes.length}`);
          if (attempted?.outcome === ACCEPTED) check(attempted.value as T, bytes);
          return attempted?.outcome ?? "";
        },
      };
    },
  });
}

export function mutantOf(
  source: Source,
  seeds: readonly Uint8Array[],
  trees: readonly (readonly Item[])[],
  donors: readonly Item[],
): Uint8Array {
  if (source.oneIn(3)) return mutateBytes(source, source.pick(seeds), source.pick(seeds));
  let tree = source.pick(trees);
  for (let rounds = source.pick([1, 1, 2]); rounds > 0; rounds--) tree = mutateItems(source, tree, donors);
  return encodeItems(tree);
}

function checkBundle(bundle: Bundle, bytes: Uint8Array): void {
  const encoded = encodeBundle(bundle);
  checkEncoding(encoded, bytes);
  claimSameBytes(encodeBundle(decodeBundle(encoded)), encoded, "a bundle comes back from its bytes");
}

/** The same bytes, unless the head had keys that nobody knows. */
function checkEncoding(encoded: Uint8Array, bytes: Uint8Array): void {
  const [head] = decodeCborSequence(bytes);
  if (Object.keys(head as CborMap).length > HEAD_KEYS) return;
  claimSameBytes(encoded, bytes, "what was decoded encodes to the same bytes");
}

export function isCbor(bytes: Uint8Array): boolean {
  return attempt(() => [...decodeCborSequence(bytes)], [CborError]).outcome === ACCEPTED;
}

function goodBundles(): Bundle[] {
  return bundles.flatMap((bytes) => attempt(() => decodeBundle(bytes), REFUSALS).value ?? []);
}

function heads(): Uint8Array[] {
  return goodBundles().map(({ head }) => encodeBundleHead(head));
}

function chunkItems(): Uint8Array[] {
  // Long ones would only cost time.
  const lists = goodBundles().map(({ items }) => items.filter(({ sealed }) => sealed.length < 2_000).slice(0, 6));
  return lists.filter((items) => items.length > 0).map((items) => joinBytes(items.map(encodeChunkItem)));
}

function idLists(): Uint8Array[] {
  return goodBundles().map(({ head }) => encodeIds(head.add.slice(0, 12)));
}
