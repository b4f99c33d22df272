import { describe, expect, it } from "vitest";
import { type Label, labelsSection } from "../../../src/dump/labels.ts";
import { decodeSection, encodeSection } from "../../../src/dump/sections.ts";
import { InvalidDumpError } from "../../../src/errors.ts";
import { errorOf } from "../../fixtures.ts";

const encode = (...records: unknown[]) => encodeSection(labelsSection, records);
const roundTrip = (...records: unknown[]) => decodeSection(labelsSection, encode(...records)) as Label[];
const label = { type: "tx", ref: "f91d", label: "Rent" };

describe("a label is refused", () => {
  it.each([
    { id: "text", record: "tx", path: undefined },
    { id: "no type", record: { ref: "a" }, path: "type" },
    { id: "no ref", record: { type: "tx" }, path: "ref" },
    { id: "a label that is no text", record: { ...label, label: 1 }, path: "label" },
    { id: "an origin that is no text", record: { ...label, origin: {} }, path: "origin" },
    { id: "spendable that is text", record: { ...label, spendable: "true" }, path: "spendable" },
    { id: "more that is no JSON", record: { ...label, more: "{" }, path: "more" },
    { id: "more that is a JSON array", record: { ...label, more: "[]" }, path: "more" },
    { id: "more that is JSON null", record: { ...label, more: "null" }, path: "more" },
    { id: "more that is a map", record: { ...label, more: {} }, path: "more" },
  ])("$id", ({ record, path }) => {
    const error = errorOf(() => encode(record)) as InvalidDumpError;
    expect(error).toBeInstanceOf(InvalidDumpError);
    expect([error.section, error.index, error.path]).toEqual(["labels", 0, path]);
  });
});

it("may be empty, and of a type unknown here", () => {
  const records = [{ type: "acme", ref: "x", label: "", spendable: false, more: '{"fee":1}', extra: 1 }];
  expect(roundTrip(...records)).toEqual(records);
});

it("is told apart by type, ref and origin", () => {
  const records = [
    { type: "tx", ref: "a", origin: "wpkh" },
    { type: "tx", ref: "a", origin: "" },
    { type: "tx", ref: "a" },
    { type: "addr", ref: "b" },
    { type: "tx", ref: "Z" },
  ];
  expect(roundTrip(...records)).toEqual([records[3], records[4], records[2], records[1], records[0]]);
  expect(() => encode(label, { ...label, label: "Other" })).toThrow("labels[1]: has the identity of record 0");
});
