import { encodeCbor } from "../cbor.ts";
import { defaultPrimitives } from "../primitives/default.ts";
import { all, byteString, bytes, type Check, map, schemaOf, text, uintTo } from "./fields.ts";
import { type SectionDefinition, sectionOf } from "./sections.ts";

/** A filter that finds what is the wallet's. Further kinds, and keys not named here, are kept and written back. @see docs/sections.md */
export interface Filter {
  /** `bip37`: a bloom filter that a peer is given. `bip158`: the basic filter of a block. */
  kind: "bip37" | "bip158" | (string & {});
  /** `bip37`: the bits, at most 36,000 bytes. `bip158`: the number of items, and these as a Golomb-coded set. */
  bytes?: Uint8Array;
  /** `bip37`: at most 50. */
  hashFunctions?: number;
  /** `bip37`: of 32 bits, unlike that of other wallets. */
  tweak?: number;
  /** `bip37`: how a peer adds outputs to it, 0 to 2. */
  flags?: number;
  /** `bip158`: the 32 bytes that the block's hash spells in hex, as explorers write it. */
  block?: Uint8Array;
  [key: string]: unknown;
}

const byKind = new Map<unknown, Check>([
  [
    "bip37",
    map({
      bytes: byteString("must be at most 36,000 bytes", ({ length }) => length <= 36_000),
      hashFunctions: uintTo(50),
      tweak: uintTo(0xffffffff),
      flags: uintTo(2),
    }),
  ],
  ["bip158", map({ block: bytes(32), bytes: byteString("must begin with the number of items", hasCount) })],
]);

const filter = all(map({ kind: text }), (value) => byKind.get((value as Filter).kind)?.(value), encodable);

export const filtersSection: SectionDefinition<"filters", Filter> = sectionOf({
  name: "filters",
  schema: schemaOf(filter),
  // The whole record; of filters that are large, many and alike in nothing, a hash.
  identity: (record) => [record.kind, defaultPrimitives.sha256(encodeCbor(record))],
  order: "given",
});

/** A CompactSize: a byte, or one that says that 2, 4 or 8 follow. */
function hasCount(value: Uint8Array): boolean {
  const first = value[0] as number;
  return value.length > (first < 253 ? 0 : 2 ** (first - 252));
}

/** What the format has no form for has no identity. */
function encodable(value: unknown): ReturnType<Check> {
  let problem: ReturnType<Check>;
  const refuse = (message: string, path: readonly (string | number)[]) => {
    problem = { message, path: path.map(String) };
    return new Error(message);
  };
  try {
    encodeCbor(value, refuse);
  } catch (error) {
    if (!problem) throw error;
  }
  return problem;
}
