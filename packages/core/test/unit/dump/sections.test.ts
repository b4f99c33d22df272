import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { joinBytes } from "../../../src/bytes.ts";
import { encodeCbor } from "../../../src/cbor.ts";
import { decodeDump, encodeDump } from "../../../src/dump/codec.ts";
import type { Dump } from "../../../src/dump/dump.ts";
import {
  decodeSection,
  defineSection,
  encodeSection,
  identityText,
  isSectionName,
} from "../../../src/dump/sections.ts";
import { InvalidDumpError } from "../../../src/errors.ts";
import { emptyDump, errorOf, textOf } from "../../fixtures.ts";

const note = v.looseObject({ id: v.number(), text: v.string() });
const notes = defineSection({ name: "acme.notes", schema: note, identity: (record) => record.id });
const dumpOf = (records: readonly unknown[]): Dump => ({ ...emptyDump, "acme.notes": records });
const roundTrip = (section: typeof notes, records: unknown[]) =>
  decodeSection(section, encodeSection(section, records));

describe("defineSection refuses", () => {
  const good = { name: "acme.notes", schema: note, identity: (record: { id: number }) => record.id } as const;

  it.each([
    { id: "a name without a dot", options: { ...good, name: "notes" }, error: RangeError },
    { id: "a name of the format", options: { ...good, name: "labels" }, error: RangeError },
    { id: "an empty name", options: { ...good, name: "" }, error: RangeError },
    { id: "a name of 65 characters", options: { ...good, name: `acme.${"n".repeat(60)}` }, error: RangeError },
    { id: "capitals", options: { ...good, name: "Acme.notes" }, error: RangeError },
    { id: "an underscore", options: { ...good, name: "acme.my_notes" }, error: RangeError },
    { id: "a line break at the end", options: { ...good, name: "acme.notes\n" }, error: RangeError },
    { id: "a name that is no text", options: { ...good, name: 1 }, error: TypeError },
    { id: "no schema", options: { ...good, schema: undefined }, error: TypeError },
    { id: "a schema that is none", options: { ...good, schema: { parse: () => 1 } }, error: TypeError },
    { id: "no identity", options: { ...good, identity: undefined }, error: TypeError },
    { id: "an identity that is a key", options: { ...good, identity: "id" }, error: TypeError },
    { id: "an unknown order", options: { ...good, order: "date" }, error: TypeError },
    { id: "a merge that is no map", options: { ...good, merge: () => 1 }, error: TypeError },
    { id: "a merge rule that is no function", options: { ...good, merge: { text: "longer" } }, error: TypeError },
    { id: "a mistyped option", options: { ...good, ordre: "given" }, error: TypeError },
  ])("$id", ({ options, error }) => {
    expect(() => defineSection(options as never)).toThrow(error);
  });
});

it("takes options that are undefined as absent", () => {
  const options = { name: "acme.notes", schema: note, identity: () => 1, order: undefined, merge: undefined };
  const section = defineSection(options as never);
  expect(section).toMatchObject({ order: "identity", merge: {} });
});

it("takes names of 64 characters", () => {
  expect(isSectionName("a".repeat(64))).toBe(true);
  expect(isSectionName("a".repeat(65))).toBe(false);
  expect(isSectionName("a-9.z")).toBe(true);
});

describe("order", () => {
  const records = [
    { id: 2, text: "b" },
    { id: 10, text: "c" },
    { id: 1, text: "c" },
  ];
  const idsOf = (section: typeof notes) => roundTrip(section, records).map((record) => (record as { id: number }).id);
  const identity = (record: { id: number }) => record.id;

  it("is by identity unless said otherwise", () => {
    expect(idsOf(notes)).toEqual([1, 2, 10]);
  });

  it("may be the given one", () => {
    expect(idsOf(defineSection({ name: "acme.notes", schema: note, identity, order: "given" }))).toEqual([2, 10, 1]);
  });

  it("may be by another key, where equal ones keep the given order", () => {
    const order = (record: { text: string }) => record.text;
    expect(idsOf(defineSection({ name: "acme.notes", schema: note, identity, order }))).toEqual([2, 10, 1]);
  });

  it("leaves the caller's list as it was", () => {
    encodeSection(notes, Object.freeze([...records]));
    expect(records.map((record) => record.id)).toEqual([2, 10, 1]);
  });

  it("is not demanded of a reader", () => {
    const body = joinBytes(records.map((record) => encodeCbor(record)));
    expect(decodeSection(notes, body)).toEqual(records);
  });
});

describe("two records of one identity", () => {
  it("are refused by writers and readers", () => {
    const twice = [
      { id: 1, text: "a" },
      { id: 2, text: "b" },
      { id: 1, text: "c" },
    ];
    expect(() => encodeSection(notes, twice)).toThrow("acme.notes[2]: has the identity of record 0");
    const body = joinBytes(twice.map((record) => encodeCbor(record)));
    expect(() => decodeSection(notes, body)).toThrow("acme.notes[2]: has the identity of record 0");
  });

  const any = v.custom<{ key: never }>(() => true);
  const keyed = defineSection({ name: "acme.keyed", schema: any, identity: (record) => record.key });

  it.each([
    { id: "a number and a bigint", a: 5, b: 5n },
    { id: "a Uint8Array and a Buffer", a: Uint8Array.of(1, 2), b: Buffer.from([1, 2]) },
    { id: "0 and −0", a: 0, b: -0 },
    { id: "lists of them", a: [5, Uint8Array.of(1)], b: [5n, Buffer.from([1])] },
  ])("may look different: $id", ({ a, b }) => {
    expect(() => encodeSection(keyed, [{ key: a }, { key: b }])).toThrow(InvalidDumpError);
    expect(identityText(a)).toBe(identityText(b));
  });

  it.each([
    { id: "text and number", a: "5", b: 5 },
    { id: "text and list", a: "a", b: ["a"] },
    { id: "a list and a nested list", a: ["a", "b"], b: [["a"], "b"] },
    { id: "texts that hold what would part them", a: ['a","b'], b: ["a", "b"] },
    { id: "bytes and their hex", a: Uint8Array.of(1), b: "01" },
    { id: "absent and empty", a: [undefined], b: [""] },
    { id: "absent and false", a: [undefined], b: [false] },
    { id: "neighbours beyond 2^53", a: 2n ** 60n, b: 2n ** 60n + 1n },
  ])("are not alike: $id", ({ a, b }) => {
    expect(identityText(a as never)).not.toBe(identityText(b as never));
  });
});

describe("what could be written but not be read back is refused when it is written", () => {
  it("a bigint that comes back as a number, which the schema refuses", () => {
    const schema = v.object({ id: v.number(), amount: v.bigint() });
    const amounts = defineSection({ name: "acme.amounts", schema, identity: (record) => record.id });
    const large = { id: 1, amount: 2n ** 60n };
    expect(decodeSection(amounts, encodeSection(amounts, [large]))).toEqual([large]);
    const error = errorOf(() => encodeSection(amounts, [large, { id: 2, amount: 5n }])) as InvalidDumpError;
    expect(error).toBeInstanceOf(InvalidDumpError);
    expect([error.section, error.index, error.path]).toEqual(["acme.amounts", 1, "amount"]);
  });
});

it("keeps what a schema transforms or does not know", () => {
  const schema = v.object({ id: v.number(), text: v.pipe(v.string(), v.toUpperCase()) });
  const section = defineSection({ name: "acme.notes", schema, identity: (record) => record.id });
  const records = [{ id: 1, text: "quiet", extra: true }];
  expect(decodeSection(section, encodeSection(section, records))).toEqual(records);
});

it("refuses a schema that answers asynchronously with a TypeError", () => {
  const schema = v.pipeAsync(
    note,
    v.checkAsync(async () => true),
  );
  const section = defineSection({ name: "acme.notes", schema, identity: (record) => record.id });
  expect(() => encodeSection(section, [{ id: 1, text: "a" }])).toThrow(
    new TypeError("the schema of acme.notes must answer synchronously"),
  );
});

describe("errors", () => {
  const secret = "hunter2";

  it("name section, index and key", () => {
    const error = errorOf(() =>
      encodeDump(
        dumpOf([
          { id: 1, text: "a" },
          { id: 2, text: 3 },
        ]),
        { sections: [notes] },
      ),
    );
    expect(error).toMatchObject({ code: "ERR_CB_INVALID_DUMP", section: "acme.notes", index: 1, path: "text" });
    expect(error.message).toMatch(/^acme\.notes\[1\]\.text: /);
  });

  it.each([
    { id: "text where a number should be", schema: v.object({ id: v.number() }), record: { id: secret } },
    { id: "a key that should not be", schema: v.strictObject({ id: v.number() }), record: { id: 1, extra: secret } },
    { id: "one of a few", schema: v.object({ id: v.picklist(["a", "b"]) }), record: { id: secret } },
    { id: "text that is no e-mail", schema: v.object({ id: v.pipe(v.string(), v.email()) }), record: { id: secret } },
    {
      id: "a schema that says the value itself",
      schema: v.object({
        id: v.pipe(
          v.string(),
          v.check(
            () => false,
            (issue) => `bad: ${issue.input}`,
          ),
        ),
      }),
      record: { id: secret },
    },
  ])("hold no plaintext: $id", ({ schema, record }) => {
    const section = defineSection({ name: "acme.notes", schema: schema as never, identity: () => 1 });
    const error = errorOf(() => encodeDump(dumpOf([record]), { sections: [section] }));
    expect(error).toBeInstanceOf(InvalidDumpError);
    expect(textOf(error)).not.toContain(secret);
    const sections = encodeDump(dumpOf([record]));
    const read = errorOf(() => decodeDump(sections, { sections: [section] }));
    expect(read).toBeInstanceOf(InvalidDumpError);
    expect(textOf(read)).not.toContain(secret);
  });

  it.each([
    { id: "a fraction", value: 1234.5, path: "deep.0.key" },
    { id: "a Date", value: new Date(1234), path: "deep.0.key" },
    { id: "half a surrogate pair", value: `${secret}\ud800`, path: "deep.0.key" },
    { id: "undefined in a list", value: [undefined], path: "deep.0.key.0" },
  ])("name the key of what has no form in the format: $id", ({ value, path }) => {
    const error = errorOf(() => encodeDump(dumpOf(["fine", { deep: [{ key: value }] }])));
    expect(error).toMatchObject({ code: "ERR_CB_INVALID_DUMP", section: "acme.notes", index: 1, path });
    expect(textOf(error)).not.toMatch(/hunter2|1234/);
  });

  it("name no key where the record itself has no form", () => {
    const error = errorOf(() => encodeDump(dumpOf([0.5])));
    expect(error).toMatchObject({ section: "acme.notes", index: 0, path: undefined });
    expect(error.message).toBe("acme.notes[0]: is not an integer: the format has no fractions");
  });

  it("name the record that is no CBOR", () => {
    const body = joinBytes([encodeCbor({ id: 1, text: "a" }), Uint8Array.of(0xff)]);
    const error = errorOf(() => decodeSection(notes, body));
    expect(error).toMatchObject({ code: "ERR_CB_INVALID_DUMP", section: "acme.notes", index: 1 });
  });
});
