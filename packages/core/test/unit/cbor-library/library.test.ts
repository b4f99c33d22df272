import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { library } from "#cbor";
import { bytesToHex, hexToBytes } from "../../../src/bytes.ts";
import { library as full } from "../../../src/cbor-library/full.ts";
import type { CborLibrary } from "../../../src/cbor-library/library.ts";
import { library as small } from "../../../src/cbor-library/small.ts";
import { cborValue } from "../../property/arbitraries.ts";

/** With room for whatever is encoded here. */
const encoderOf =
  (encodeInto: CborLibrary["encodeInto"]) =>
  (value: unknown): Uint8Array => {
    const into = new Uint8Array(2 ** 20);
    return into.slice(0, encodeInto(value, into));
  };

it("is the one that the project is for", ({ task }) => {
  expect(library).toBe(task.file.projectName === "core, portable" ? small : full);
});

describe.each([
  { name: "full", it: full },
  { name: "small", it: small },
])("the $name library", ({ it: { encodeInto, reader } }) => {
  const encode = encoderOf(encodeInto);

  it.each([
    { id: "shorter ones first", value: { bb: 1, a: 2, c: 3 }, hex: "a361610261630362626201" },
    { id: "bytes, not UTF-16 units", value: { "\u{10000}": 1, "\uffff": 2 }, hex: "a263efbfbf0264f090808001" },
    { id: "by length in bytes", value: { é: 1, aa: 2, z: 3 }, hex: "a3617a036261610262c3a901" },
    { id: "that look like indices", value: { a: 1, 10: 2, 9: 3, "-1": 4 }, hex: "a4613903616101622d310462313002" },
    { id: "and none that is undefined", value: { b: undefined, a: 1 }, hex: "a1616101" },
    { id: "also what is no key elsewhere", value: { ["__proto__"]: 1 }, hex: "a1695f5f70726f746f5f5f01" },
    { id: "within lists and maps", value: [{ b: { d: 1, c: 2 } }], hex: "81a16162a261630261640" + "1" },
  ])("writes keys in the order of their encoding: $id", ({ value, hex }) => {
    expect(bytesToHex(encode(value))).toBe(hex);
  });

  it("writes to the start of what it is given, and nothing behind", () => {
    const into = new Uint8Array(6).fill(0xaa);
    expect(encodeInto([1, 2, 3], into.subarray(1))).toBe(4);
    expect(bytesToHex(into)).toBe("aa83010203aa");
  });

  it.each([
    { hex: "1b001fffffffffffff", value: Number.MAX_SAFE_INTEGER },
    { hex: "1b0020000000000000", value: 2n ** 53n },
    { hex: "3b001ffffffffffffe", value: Number.MIN_SAFE_INTEGER },
    { hex: "3b001fffffffffffff", value: -(2n ** 53n) },
    { hex: "1b0000000100000000", value: 2 ** 32 },
    { hex: "f5", value: true },
    { hex: "f6", value: null },
    { hex: "6161", value: "a" },
  ])("reads $hex where it stands", ({ hex, value }) => {
    const item = hexToBytes(hex);
    const bytes = new Uint8Array([0, ...item, 0]);
    expect(reader(bytes)(1, 1 + item.length)).toBe(value);
  });

  it("reads copies", () => {
    const bytes = hexToBytes("43010203");
    const read = reader(bytes)(0, 4) as Uint8Array;
    bytes.fill(0);
    expect(read).toEqual(Uint8Array.of(1, 2, 3));
    expect(read).not.toBeInstanceOf(Buffer);
  });
});

it("writes the same bytes as the other one", () => {
  fc.assert(
    fc.property(cborValue, (value) => {
      expect(bytesToHex(encoderOf(small.encodeInto)(value))).toBe(bytesToHex(encoderOf(full.encodeInto)(value)));
    }),
    { numRuns: 500 },
  );
});
