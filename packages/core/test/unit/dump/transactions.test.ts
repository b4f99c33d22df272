import { describe, expect, it } from "vitest";
import { bytesToHex } from "../../../src/bytes.ts";
import { decodeDump, encodeDump } from "../../../src/dump/codec.ts";
import type { Dump } from "../../../src/dump/dump.ts";
import { mergeDumps } from "../../../src/dump/merge.ts";
import { decodeSection, encodeSection } from "../../../src/dump/sections.ts";
import { type Transaction, transactionsSection } from "../../../src/dump/transactions.ts";
import { InvalidDumpError } from "../../../src/errors.ts";
import { errorOf, noise } from "../../fixtures.ts";

const txid = noise(32);
const encode = (...records: unknown[]) => encodeSection(transactionsSection, records);
const dumpOf = (...transactions: Transaction[]): Dump => ({ accounts: [], pairings: [], transactions });
const merge = (base: Transaction[], local: Transaction[], remote: Transaction[]) => {
  const { dump, conflicts } = mergeDumps({ base: dumpOf(...base), local: dumpOf(...local), remote: dumpOf(...remote) });
  return { transactions: dump.transactions, conflicts };
};

describe("a transaction is refused", () => {
  it.each([
    { id: "no map", record: txid, path: undefined },
    { id: "no txid", record: { height: 1 }, path: "txid" },
    { id: "a txid of 31 bytes", record: { txid: txid.subarray(1) }, path: "txid" },
    { id: "a txid in hex", record: { txid: bytesToHex(txid) }, path: "txid" },
    { id: "a height below 0", record: { txid, height: -1 }, path: "height" },
    { id: "no height, as null", record: { txid, height: null }, path: "height" },
    { id: "a time in fractions", record: { txid, time: 1.5 }, path: "time" },
    { id: "a time as Date", record: { txid, time: new Date(0) }, path: "time" },
    { id: "raw in hex", record: { txid, raw: "0100" }, path: "raw" },
  ])("$id", ({ record, path }) => {
    const error = errorOf(() => encode({ txid: noise(32, 1) }, record)) as InvalidDumpError;
    expect(error).toBeInstanceOf(InvalidDumpError);
    expect([error.section, error.index, error.path]).toEqual(["transactions", 1, path]);
  });

  it("twice", () => {
    expect(() => encode({ txid }, { txid: txid.slice(), height: 1 })).toThrow(
      "transactions[1]: has the identity of record 0",
    );
  });
});

it("stays where it was given, with the keys that others added", () => {
  const records = [3, 1, 2].map((label) => ({ txid: noise(32, label), height: 900_000 - label, fee: label }));
  expect(decodeSection(transactionsSection, encode(...records, { txid }))).toEqual([...records, { txid }]);
});

it("is typed and checked in every dump, whoever reads it", () => {
  const read = decodeDump(encodeDump(dumpOf({ txid, height: 7 })));
  expect(read.transactions?.[0]?.height).toBe(7);
  const body = encodeSection({ ...transactionsSection, schema: { "~standard": anything } }, [{ txid: "x" }]);
  const sections = new Map([...encodeDump(dumpOf()), ["transactions", body]]);
  expect(() => decodeDump(sections)).toThrow("transactions[0].txid: must be 32 bytes");
});

const anything = { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) } as never;

describe("merged", () => {
  const [a, b, c] = [1, 2, 3].map((label): Transaction => ({ txid: noise(32, label) })) as [
    Transaction,
    Transaction,
    Transaction,
  ];

  it("the server's order comes first, then what is new here", () => {
    expect(merge([a], [a, b], [a, c])).toEqual({ transactions: [a, c, b], conflicts: [] });
  });

  it("one that was replaced, and so removed, is removed", () => {
    expect(merge([a, b], [a], [a, b, c])).toEqual({ transactions: [a, c], conflicts: [] });
  });

  it.each<{ id: string; base: object; local: object; remote: object; merged: object }>([
    {
      id: "a block here, bytes there",
      base: {},
      local: { height: 5 },
      remote: { raw: noise(9) },
      merged: { height: 5, raw: noise(9) },
    },
    { id: "two heights", base: {}, local: { height: 6 }, remote: { height: 5 }, merged: { height: 6 } },
    {
      id: "two heights, the other way round",
      base: { height: 4 },
      local: { height: 5 },
      remote: { height: 6 },
      merged: { height: 6 },
    },
    { id: "seen twice", base: {}, local: { time: 60 }, remote: { time: 50 }, merged: { time: 50 } },
    {
      id: "without witnesses here",
      base: {},
      local: { raw: noise(8) },
      remote: { raw: noise(9) },
      merged: { raw: noise(9) },
    },
    {
      id: "without witnesses there",
      base: {},
      local: { raw: noise(9) },
      remote: { raw: noise(8) },
      merged: { raw: noise(9) },
    },
    { id: "no longer in a block here", base: { height: 5 }, local: {}, remote: { height: 5 }, merged: {} },
  ])("$id", ({ base, local, remote, merged }) => {
    const of = (keys: object) => [{ txid, ...keys }];
    expect(merge(of(base), of(local), of(remote))).toEqual({ transactions: of(merged), conflicts: [] });
  });

  it("one raw form of two of the same length, whoever merges", () => {
    const [x, y] = [
      { txid, raw: noise(9, 1) },
      { txid, raw: noise(9, 2) },
    ];
    expect(merge([], [x], [y])).toEqual(merge([], [y], [x]));
  });

  it("in another block here and in none there is the wallet's to decide", () => {
    const of = (keys: object) => [{ txid, ...keys }];
    const { transactions, conflicts } = merge(of({ height: 5 }), of({ height: 6 }), of({}));
    expect(transactions).toEqual(of({}));
    expect(conflicts).toMatchObject([{ section: "transactions", key: "height", local: 6, remote: undefined }]);
  });
});
