import { existsSync, readFileSync } from "node:fs";
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

const folder = process.env.CLOUDBACKUP_VECTORS;
const files = ["labelbase-test-vectors.jsonl", "test_vector.jsonl"];
const hasFiles = folder !== undefined && files.every((file) => existsSync(`${folder}/bip329/${file}`));
const written = [
  {
    type: "tx",
    ref: "f91d0a8a78462bc59398f2c5d7a84fcff491c26ba54c4833478b202796c8aafd",
    label: "Transaction",
    origin: "wpkh([d34db33f/84'/0'/0'])",
  },
  { type: "addr", ref: "bc1q34aq5drpuwy3wgl9lhup9892qp6svr8ldzyy7c", label: "Address" },
  {
    type: "output",
    ref: "f91d0a8a78462bc59398f2c5d7a84fcff491c26ba54c4833478b202796c8aafd:1",
    label: "Output",
    spendable: false,
  },
];
const sources: [string, () => Label[]][] = [
  ["written by hand", () => written],
  ...(hasFiles
    ? files.map((file): [string, () => Label[]] => [`of ${file}`, () => recordsOf(`${folder}/bip329/${file}`)])
    : []),
];

it.each(sources)("round-trips the BIP-329 records %s", (_, records) => {
  const unique = new Map(records().map((record) => [JSON.stringify([record.type, record.ref, record.origin]), record]));
  expect(unique.size).toBeGreaterThan(2);
  const read = roundTrip(...unique.values());
  expect(new Set(read.map((record) => JSON.stringify(Object.entries(record).sort())))).toEqual(
    new Set([...unique.values()].map((record) => JSON.stringify(Object.entries(record).sort()))),
  );
});

/** The records of a JSONL file that are labels, without what BIP-329 lets others add as numbers or maps. */
function recordsOf(path: string): Label[] {
  const lines = readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "");
  return lines.flatMap((line) => {
    const { type, ref, label, origin, spendable, ...more } = JSON.parse(line);
    if (typeof type !== "string" || typeof ref !== "string" || (label ?? "").constructor !== String) return [];
    const own = {
      type,
      ref,
      label,
      origin,
      spendable: typeof spendable === "string" ? spendable === "true" : spendable,
    };
    const record = Object.keys(more).length > 0 ? { ...own, more: JSON.stringify(more) } : own;
    return [Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as unknown as Label];
  });
}
