import fc from "fast-check";
import { expect, it } from "vitest";
import { decodeDump, encodeDump } from "../../src/dump/codec.ts";
import { formatJsonObject, parseJsonObject } from "../../src/interchange/canonical-json.ts";
import { formatLabels, parseLabels } from "../../src/interchange/labels-jsonl.ts";
import { definedSections } from "./arbitraries.ts";

const key = fc.oneof(
  fc.constantFrom("type", "ref", "label", "origin", "spendable", "more", "__proto__", "fee"),
  fc.string({ unit: "binary", maxLength: 4 }),
);
const object = fc.dictionary(key, fc.jsonValue(), { maxKeys: 6 });
const line = fc.oneof(
  object,
  fc
    .tuple(object, fc.record({ type: fc.constantFrom("tx", "addr"), ref: fc.constantFrom("a", "b") }))
    .map(([any, known]) => ({ ...any, ...known })),
);

it("reads as objects exactly the texts that JSON.parse does", () => {
  const written = object.map((value) => JSON.stringify(value));
  const broken = fc.tuple(
    written,
    fc.nat(),
    fc.nat(),
    fc.constantFrom("", "{", "]", '"', ",", "\\", "0", "-", ".", "e", " ", "\u00a0", "\t", "/", "null"),
  );
  const text = fc.oneof(
    written,
    fc.string({ maxLength: 12 }),
    broken.map(([json, at, length, put]) => {
      const start = at % (json.length + 1);
      return json.slice(0, start) + put + json.slice(start + (length % 3));
    }),
  );
  fc.assert(
    fc.property(text, (given) => {
      let value: unknown;
      try {
        value = JSON.parse(given);
      } catch {
        // Stays undefined.
      }
      const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
      const entries = parseJsonObject(given);
      expect(entries !== null).toBe(isObject);
      if (entries) expect(JSON.parse(formatJsonObject(entries))).toEqual(value);
    }),
    { numRuns: 2_000 },
  );
});

it("any labels of a dump come back from their file, but for what JSON has not", () => {
  fc.assert(
    fc.property(definedSections.labels, (labels) => {
      expect(parseLabels(formatLabels(labels))).toEqual({ labels, problems: [] });
    }),
  );
});

it("any file comes out with the meaning of each line, or says which it left", () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), (values) => {
      const { labels, problems } = parseLabels(values.map((value) => JSON.stringify(value)).join("\r\n"));
      const read = decodeDump(encodeDump({ accounts: [], pairings: [], labels })).labels ?? [];
      const out = new Set(
        [...formatLabels(read).split("\n"), ...problems.map(({ text }) => text)].filter(Boolean).map(meaningOf),
      );
      expect(out).toEqual(new Set(values.map((value) => meaningOf(JSON.stringify(value)))));
      for (const { line, text } of problems) expect(text).toBe(JSON.stringify(values[line - 1]));
    }),
    { numRuns: 500 },
  );
});

function meaningOf(text: string): string {
  return formatJsonObject(parseJsonObject(text) ?? []);
}
