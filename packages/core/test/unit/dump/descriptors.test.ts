import { describe, expect, it } from "vitest";
import { withChecksum } from "../../../src/dump/descriptor-checksum.ts";
import { type Descriptor, descriptorsSection } from "../../../src/dump/descriptors.ts";
import type { Dump } from "../../../src/dump/dump.ts";
import { mergeDumps } from "../../../src/dump/merge.ts";
import { decodeSection, encodeSection } from "../../../src/dump/sections.ts";
import { InvalidDumpError } from "../../../src/errors.ts";
import { emptyDump, errorOf } from "../../fixtures.ts";

const XPUB =
  "xpub68NZiKmJWnxxS6aaHmn81bvJeTESw724CRDs6HbuccFQN9Ku14VQrADWgqbhhTHBaohPX4CjNLf9fq9MYo6oDaPPLPxSb7gwQN3ih19Zm4Y";
const encode = (...records: unknown[]) => encodeSection(descriptorsSection, records);
const roundTrip = (...records: unknown[]) => decodeSection(descriptorsSection, encode(...records)) as Descriptor[];
const descriptor = "raw(deadbeef)#89f8spxm";

describe("a descriptor is refused", () => {
  it.each([
    { id: "text", record: descriptor, path: undefined },
    { id: "none", record: { name: "a" }, path: "descriptor" },
    { id: "bytes", record: { descriptor: new Uint8Array(9) }, path: "descriptor" },
    { id: "empty", record: { descriptor: "" }, path: "descriptor" },
    { id: "no checksum", record: { descriptor: "raw(deadbeef)" }, path: "descriptor" },
    { id: "the checksum of another", record: { descriptor: "raw(deedbeef)#89f8spxm" }, path: "descriptor" },
    { id: "a name that is no text", record: { descriptor, name: 1 }, path: "name" },
    { id: "next below 0", record: { descriptor, next: -1 }, path: "next" },
    { id: "a fraction of a second", record: { descriptor, timestamp: 1.5 }, path: "timestamp" },
  ])("$id", ({ record, path }) => {
    const error = errorOf(() => encode(record)) as InvalidDumpError;
    expect(error).toBeInstanceOf(InvalidDumpError);
    expect([error.section, error.index, error.path]).toEqual(["descriptors", 0, path]);
    expect(error.message).not.toContain("beef");
  });

  it.each(["<>", "<0>", "<0;>", "<;1>", "<0;1", "<0;x>", "<0-1>"])("%s, which is no tuple of BIP-389", (step) => {
    expect(() => encode({ descriptor: withChecksum(`pkh(${XPUB}/${step}/*)`) })).toThrow(InvalidDumpError);
  });
});

it.each(["<0;1>", "<0;1>/*", "<2147483647h;0>/0", "<0';1H;2h>/*h"])("may have the tuple %s", (steps) => {
  const records = [{ descriptor: withChecksum(`pkh(${XPUB}/${steps})`) }];
  expect(roundTrip(...records)).toEqual(records);
});

it("of a function unknown here is kept, with keys unknown here", () => {
  const records = [{ descriptor: withChecksum("acme_vault(2,{a,b},$x < 3)"), next: 0, timestamp: 0, extra: [1] }];
  expect(roundTrip(...records)).toEqual(records);
});

it("is told apart and ordered by itself", () => {
  const [a, b] = [{ descriptor, name: "A" }, { descriptor: withChecksum("addr(x)") }];
  expect(roundTrip(a, b)).toEqual([b, a]);
  expect(() => encode(a, { descriptor })).toThrow("descriptors[1]: has the identity of record 0");
});

it("changed on two devices has the larger next and the earlier timestamp", () => {
  const dumpOf = (record: Partial<Descriptor>): Dump => ({ ...emptyDump, descriptors: [{ descriptor, ...record }] });
  const merged = mergeDumps({
    base: dumpOf({ next: 1, timestamp: 90 }),
    local: dumpOf({ next: 5, timestamp: 70 }),
    remote: dumpOf({ next: 4, timestamp: 50 }),
  });
  expect(merged).toEqual({ dump: dumpOf({ next: 5, timestamp: 50 }), conflicts: [] });
});
