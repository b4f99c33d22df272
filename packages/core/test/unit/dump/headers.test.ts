import { describe, expect, it } from "vitest";
import type { Dump } from "../../../src/dump/dump.ts";
import { type BlockHeaders, headersSection } from "../../../src/dump/headers.ts";
import { mergeDumps } from "../../../src/dump/merge.ts";
import { decodeSection, encodeSection } from "../../../src/dump/sections.ts";
import { InvalidDumpError } from "../../../src/errors.ts";
import { errorOf, noise } from "../../fixtures.ts";

const encode = (...records: unknown[]) => encodeSection(headersSection, records);
const record: BlockHeaders = { network: "mainnet", start: 0, bytes: noise(160) };

describe("a record of headers is refused", () => {
  it.each([
    { id: "no map", record: record.bytes, path: undefined },
    { id: "no network", record: { ...record, network: undefined }, path: "network" },
    { id: "an empty network", record: { ...record, network: "" }, path: "network" },
    { id: "no start", record: { ...record, start: undefined }, path: "start" },
    { id: "a start below 0", record: { ...record, start: -1 }, path: "start" },
    { id: "no bytes", record: { ...record, bytes: undefined }, path: "bytes" },
    { id: "no header", record: { ...record, bytes: new Uint8Array() }, path: "bytes" },
    { id: "half a header", record: { ...record, bytes: noise(120) }, path: "bytes" },
    { id: "2,017 headers", record: { ...record, bytes: new Uint8Array(80 * 2017) }, path: "bytes" },
    { id: "headers as a list", record: { ...record, bytes: [noise(80)] }, path: "bytes" },
  ])("$id", ({ record, path }) => {
    const error = errorOf(() => encode(record)) as InvalidDumpError;
    expect(error).toBeInstanceOf(InvalidDumpError);
    expect([error.section, error.index, error.path]).toEqual(["headers", 0, path]);
  });

  it("of one network and start twice", () => {
    expect(() => encode(record, { ...record, bytes: noise(80) })).toThrow("headers[1]: has the identity of record 0");
  });
});

it("is sorted by network and height, and keeps what others added", () => {
  const full = { ...record, start: 2016, bytes: new Uint8Array(80 * 2016), tip: true };
  const records = [{ ...record, network: "testnet" }, { ...record, start: 10_000 }, full, record];
  expect(decodeSection(headersSection, encode(...records))).toEqual([record, full, records[1], records[0]]);
});

describe("merged", () => {
  const of = (bytes: Uint8Array): Dump => ({ accounts: [], pairings: [], headers: [{ ...record, bytes }] });
  const chain = noise(800);
  const fork = new Uint8Array([...chain.subarray(0, 400), ...noise(80)]);

  it.each([
    { id: "further here", local: chain, remote: chain.subarray(0, 480) },
    { id: "further there", local: chain.subarray(0, 480), remote: chain },
  ])("$id: the longer one", ({ local, remote }) => {
    const merged = mergeDumps({ base: of(chain.subarray(0, 400)), local: of(local), remote: of(remote) });
    expect(merged).toEqual({ dump: of(chain), conflicts: [] });
  });

  it("on two branches: the wallet decides", () => {
    const sides = { base: of(chain.subarray(0, 400)), local: of(fork), remote: of(chain) };
    const { dump, conflicts } = mergeDumps(sides);
    expect(dump).toEqual(of(chain));
    expect(conflicts).toMatchObject([{ section: "headers", key: "bytes", local: fork, remote: chain }]);
    expect(mergeDumps({ ...sides, resolve: ({ local }) => local }).dump).toEqual(of(fork));
  });

  it("back from a branch on one side alone: that side", () => {
    const merged = mergeDumps({ base: of(fork), local: of(fork), remote: of(chain.subarray(0, 400)) });
    expect(merged).toEqual({ dump: of(chain.subarray(0, 400)), conflicts: [] });
  });
});
