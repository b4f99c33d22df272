import { expect, it } from "vitest";
import { CborError, type CborValue } from "../../src/cbor.ts";
import { readBytes, readList, readMap, readText, readTuple, readUint, readVersion } from "../../src/cbor-fields.ts";

const VALUES = {
  nothing: undefined,
  null: null,
  bool: true,
  uint: 1,
  negative: -1,
  fraction: 1.5,
  large: 2n ** 60n,
  text: "a",
  bytes: Uint8Array.of(1, 2),
  list: [1],
  map: {},
} satisfies Record<string, CborValue | undefined>;

it.each([
  { read: readMap, takes: ["map"] },
  { read: readList, takes: ["list"] },
  { read: readBytes, takes: ["bytes"] },
  { read: readUint, takes: ["uint"] },
  { read: readText, takes: ["text"] },
  { read: readVersion, takes: ["uint", "negative", "fraction", "large"] },
])("$read.name gives $takes as it is, and refuses all else by its name", ({ read, takes }) => {
  for (const [kind, value] of Object.entries(VALUES)) {
    if (takes.includes(kind)) expect(read(value, "the field")).toBe(value);
    else expect(() => read(value, "the field"), kind).toThrow(/^the field is no /);
  }
});

it("refuses other lengths, and integers below the least", () => {
  expect(readBytes(VALUES.bytes, "id", 2)).toBe(VALUES.bytes);
  expect(() => readBytes(VALUES.bytes, "id", 32)).toThrow("id has 2 bytes, not 32");
  expect(readTuple(VALUES.list, "pair", 1)).toBe(VALUES.list);
  expect(() => readTuple(VALUES.list, "pair", 2)).toThrow("pair has 1 items, not 2");
  expect(readUint(0, "rev")).toBe(0);
  expect(() => readUint(0, "rev", 1)).toThrow(CborError);
});
