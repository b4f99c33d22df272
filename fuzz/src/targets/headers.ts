import { hexToBytes, joinBytes } from "../../../packages/core/src/bytes.ts";
import type { BlockHeaders } from "../../../packages/core/src/dump/headers.ts";
import { checkHeaders, InvalidHeadersError } from "../../../packages/core/src/headers/check-headers.ts";
import { blocks } from "../corpus.ts";
import { mutateBytes } from "../mutate-bytes.ts";
import type { Source } from "../source.ts";
import { attempt, claim, defineTarget, type Target } from "../target.ts";

const HEADER_BYTES = 80;
const NETWORKS = ["mainnet", "testnet", "testnet4", "signet", "regtest", "mars"];
/** Block 0 of regtest, and what stands in the vectors. */
const HEADERS: readonly Uint8Array[] = [
  `01000000${"00".repeat(32)}3ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4adae5494dffff7f2002000000`,
  ...blocks.map(({ block }) => block.slice(0, 2 * HEADER_BYTES)),
].map(hexToBytes);

export const headerTargets: readonly Target[] = [
  defineTarget({
    name: "checkHeaders",
    share: 10,
    open: () => ({
      make: (source) => Array.from({ length: 1 + source.below(3) }, (_, i) => recordOf(source, i)),
      check: (records: readonly BlockHeaders[]) => {
        const { outcome, value } = attempt(() => checkHeaders(records), [InvalidHeadersError]);
        for (const { start, end, hash, work } of value ?? []) {
          claim(end >= start && hash.length === 32, "a chain has a header, and this a hash");
          claim(work === undefined || work > BigInt(end - start), "every header is work");
        }
        return outcome;
      },
    }),
  }),
];

/** One or two headers, most of them changed. Starts differ, since records of one identity are none of the section. */
function recordOf(source: Source, index: number): BlockHeaders {
  const from = joinBytes([source.pick(HEADERS), source.oneIn(2) ? source.pick(HEADERS) : new Uint8Array()]);
  const mutant = source.oneIn(4) ? from : mutateBytes(source, from, from);
  const length = Math.max(1, Math.floor(mutant.length / HEADER_BYTES)) * HEADER_BYTES;
  const bytes = new Uint8Array(length);
  bytes.set(mutant.subarray(0, length));
  return { network: source.pick(NETWORKS), start: source.oneIn(2) ? index : index + 2016 * source.below(3), bytes };
}
