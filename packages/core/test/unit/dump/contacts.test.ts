import { describe, expect, it } from "vitest";
import { contactsSection } from "../../../src/dump/contacts.ts";
import type { Dump } from "../../../src/dump/dump.ts";
import { mergeDumps } from "../../../src/dump/merge.ts";
import { decodeSection, encodeSection } from "../../../src/dump/sections.ts";
import { InvalidDumpError } from "../../../src/errors.ts";
import { errorOf } from "../../fixtures.ts";

const encode = (...records: unknown[]) => encodeSection(contactsSection, records);
/** The example of BIP-21. */
const uri = "bitcoin:175tWpb8K1S7NmH4Zx6rewF9WQrcZv245W";

describe("a contact is refused", () => {
  it.each([
    { id: "text", record: "Ada", path: undefined },
    { id: "no name", record: { uri }, path: "name" },
    { id: "an empty name", record: { name: "" }, path: "name" },
    { id: "an address alone", record: { name: "Ada", uri: uri.slice(8) }, path: "uri" },
    { id: "another scheme", record: { name: "Ada", uri: "https://example.org" }, path: "uri" },
    { id: "a scheme alone", record: { name: "Ada", uri: "bitcoin:" }, path: "uri" },
    { id: "a URI with a space", record: { name: "Ada", uri: `${uri}?label=a b` }, path: "uri" },
    { id: "a URI after something else", record: { name: "Ada", uri: `Pay\n${uri}` }, path: "uri" },
    { id: "a URI that is no text", record: { name: "Ada", uri: new URL(uri) }, path: "uri" },
    { id: "a note that is no text", record: { name: "Ada", note: 1 }, path: "note" },
  ])("$id", ({ record, path }) => {
    const error = errorOf(() => encode(record)) as InvalidDumpError;
    expect(error).toBeInstanceOf(InvalidDumpError);
    expect([error.section, error.index, error.path]).toEqual(["contacts", 0, path]);
    expect(error.message).not.toContain("175t");
  });

  it("twice", () => {
    expect(() => encode({ name: "Ada" }, { name: "Ada", uri })).toThrow("contacts[1]: has the identity of record 0");
  });
});

it("is sorted by name, and keeps what others added", () => {
  const records = [
    { name: "Zoé", uri: `${uri}?amount=50&label=Luke-Jr`, note: "" },
    { name: "Ada", uri: uri.replace("bitcoin", "BITCOIN"), picture: new Uint8Array(3) },
    { name: "Bob" },
  ];
  const [zoe, ada, bob] = records;
  expect(decodeSection(contactsSection, encode(...records))).toEqual([ada, bob, zoe]);
});

it("merged: note and address of either side, and two addresses are the wallet's to decide", () => {
  const dumpOf = (contact: object): Dump => ({ accounts: [], pairings: [], contacts: [{ name: "Ada", ...contact }] });
  const quiet = mergeDumps({ base: dumpOf({}), local: dumpOf({ note: "Rent" }), remote: dumpOf({ uri }) });
  expect(quiet).toEqual({ dump: dumpOf({ note: "Rent", uri }), conflicts: [] });
  const other = `${uri}?label=Ada`;
  const { dump, conflicts } = mergeDumps({ base: dumpOf({}), local: dumpOf({ uri: other }), remote: dumpOf({ uri }) });
  expect(dump).toEqual(dumpOf({ uri }));
  expect(conflicts).toMatchObject([{ section: "contacts", key: "uri", local: other, remote: uri }]);
});
