import { describe, expect, it } from "vitest";
import { hexToBytes } from "../../../src/bytes.ts";
import type { Dump } from "../../../src/dump/dump.ts";
import { type Filter, filtersSection } from "../../../src/dump/filters.ts";
import { mergeDumps } from "../../../src/dump/merge.ts";
import { decodeSection, encodeSection } from "../../../src/dump/sections.ts";
import { InvalidDumpError } from "../../../src/errors.ts";
import { errorOf, noise } from "../../fixtures.ts";
import { publicText } from "../../public-files.ts";

const encode = (...records: unknown[]) => encodeSection(filtersSection, records);
const roundTrip = (...records: unknown[]) => decodeSection(filtersSection, encode(...records));
/** Of the example in BIP-37's companion documents: three bytes of bits, five hash functions. */
const bloom: Filter = { kind: "bip37", bytes: hexToBytes("614e9b"), hashFunctions: 5, tweak: 0, flags: 1 };
/** Of the genesis block of testnet. */
const basic: Filter = {
  kind: "bip158",
  block: hexToBytes("000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943"),
  bytes: hexToBytes("019dfca8"),
};

describe("a filter is refused", () => {
  it.each([
    { id: "no map", record: noise(9), path: undefined },
    { id: "no kind", record: { bytes: noise(9) }, path: "kind" },
    { id: "a bloom filter without bits", record: { ...bloom, bytes: undefined }, path: "bytes" },
    { id: "a bloom filter of 36,001 bytes", record: { ...bloom, bytes: new Uint8Array(36_001) }, path: "bytes" },
    { id: "51 hash functions", record: { ...bloom, hashFunctions: 51 }, path: "hashFunctions" },
    { id: "no hash functions", record: { ...bloom, hashFunctions: undefined }, path: "hashFunctions" },
    { id: "a tweak of 33 bits", record: { ...bloom, tweak: 2 ** 32 }, path: "tweak" },
    { id: "a tweak below 0", record: { ...bloom, tweak: -1 }, path: "tweak" },
    { id: "flags of which nobody knows", record: { ...bloom, flags: 3 }, path: "flags" },
    { id: "a filter of no block", record: { ...basic, block: undefined }, path: "block" },
    { id: "a filter of a block in hex", record: { ...basic, block: "00" }, path: "block" },
    { id: "an empty filter of a block", record: { ...basic, bytes: new Uint8Array() }, path: "bytes" },
    { id: "a filter whose count is cut off", record: { ...basic, bytes: Uint8Array.of(0xfd, 1) }, path: "bytes" },
    {
      id: "a filter whose count of 64 bits is cut off",
      record: { ...basic, bytes: new Uint8Array(8).fill(255) },
      path: "bytes",
    },
    { id: "a fraction", record: { ...bloom, extra: { rate: 0.1 } }, path: "extra.rate" },
  ])("$id", ({ record, path }) => {
    const error = errorOf(() => encode(record)) as InvalidDumpError;
    expect(error).toBeInstanceOf(InvalidDumpError);
    expect([error.section, error.index, error.path]).toEqual(["filters", 0, path]);
  });

  it("twice", () => {
    expect(() => encode(basic, bloom, { ...basic })).toThrow("filters[2]: has the identity of record 0");
    expect(() => encode({ kind: "acme", of: { a: 1 } }, { of: { a: 1, b: undefined }, kind: "acme" })).toThrow(
      "filters[1]",
    );
  });
});

it("stays where it was given, and differs from another in any key", () => {
  const records = [bloom, basic, { ...bloom, tweak: 1 }, { ...bloom, note: "x" }, { kind: "constructor", bytes: [1] }];
  expect(roundTrip(...records)).toEqual(records);
});

it("may be as large as its kind allows, and of a block that pays to nobody", () => {
  const records = [
    { ...bloom, bytes: new Uint8Array(36_000), hashFunctions: 50, tweak: 2 ** 32 - 1, flags: 2 },
    { ...basic, bytes: Uint8Array.of(0) },
    { ...basic, bytes: Uint8Array.of(0xfd, 0, 1) },
  ];
  expect(roundTrip(...records)).toEqual(records);
});

it("merged: those of both sides, and none twice", () => {
  const dumpOf = (...filters: Filter[]): Dump => ({ accounts: [], pairings: [], filters });
  const changed = { ...bloom, tweak: 9 };
  const merged = mergeDumps({ base: dumpOf(bloom), local: dumpOf(changed, basic), remote: dumpOf(bloom, basic) });
  expect(merged).toEqual({ dump: dumpOf(basic, changed), conflicts: [] });
});

const path = "spv/testnet-19.json";
const vectors = publicText(path);
const hasVectors = vectors !== undefined;
type Row = [height: number, hash: string, block: string, scripts: string[], before: string, filter: string];
const blocks: readonly Row[] = hasVectors ? JSON.parse(vectors).slice(1) : [];

it(`takes the filters of ${hasVectors ? path : `a block (${path} is not there)`}`, () => {
  const filters = blocks.map(([, hash, , , , filter]): Filter => {
    return { kind: "bip158", block: hexToBytes(hash), bytes: hexToBytes(filter) };
  });
  if (hasVectors) expect(filters.length).toBe(10);
  const records = hasVectors ? filters : [basic];
  expect(roundTrip(...records)).toEqual(records);
});
