import fc from "fast-check";
import { expect, it } from "vitest";
import { bytesToHex, concatBytes, joinBytes } from "../../src/bytes.ts";
import { CborError, decodeCbor, decodeCborSequence, encodeCbor } from "../../src/cbor.ts";
import { cborValue } from "./arbitraries.ts";
import { isOneItem } from "./cbor-oracle.ts";

/** Whether the library takes the bytes; an error other than its own fails the property. */
function takes(bytes: Uint8Array, views: boolean): boolean {
  try {
    const value = decodeCbor(bytes, { views });
    expect(bytesToHex(encodeCbor(value))).toBe(bytesToHex(bytes));
    return true;
  } catch (error) {
    if (!(error instanceof CborError)) throw error;
    return false;
  }
}

const agrees = (bytes: Uint8Array) => {
  const expected = isOneItem(bytes);
  expect([takes(bytes, false), takes(bytes, true)], bytesToHex(bytes)).toEqual([expected, expected]);
};

/** A head of any major type, its argument in a form that may be too long, indefinite or reserved. */
const head = (major: number, argument: number) =>
  fc.constantFrom(0, 0, 0, 1, 2, 4, 8, 31, 28).map((form) => {
    if (form === 31 || form === 28) return Uint8Array.of((major << 5) | form);
    if (form === 0 && argument < 24) return Uint8Array.of((major << 5) | argument);
    const bytes = new Uint8Array(1 + Math.max(form, argument < 256 ? 1 : 2));
    const size = bytes.length - 1;
    bytes[0] = (major << 5) | (24 + Math.log2(size));
    for (let i = 0; i < size && i < 4; i++) bytes[size - i] = (argument >>> (8 * i)) & 255;
    return bytes;
  });

const parts = (...arbitraries: fc.Arbitrary<Uint8Array>[]) => fc.tuple(...arbitraries).map((all) => joinBytes(all));

/** CBOR at large: every major type, unsorted and repeated keys, floats, tags, lengths in any form. */
const general: fc.Arbitrary<Uint8Array> = fc.letrec<{ item: Uint8Array }>((tie) => {
  const many = (major: number, each: (i: number) => fc.Arbitrary<Uint8Array>, count: number, per: number) =>
    parts(head(major, count), ...Array.from({ length: count * per }, (_, i) => each(i)));
  const string = (major: number, content: fc.Arbitrary<Uint8Array>) =>
    content.chain((bytes) => parts(head(major, bytes.length), fc.constant(bytes)));
  const text = string(
    3,
    fc.oneof(
      fc
        .constantFrom("", "a", "b", "aa", "é", "\ufeff", "\ufffd", "a".repeat(40))
        .map((value) => new TextEncoder().encode(value)),
      fc.uint8Array({ maxLength: 4 }),
      fc
        .constantFrom([0xed, 0xa0, 0x80], [0xc0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82])
        .map((bytes) => Uint8Array.from(bytes)),
    ),
  );
  return {
    item: fc.oneof(
      { depthSize: "small" },
      fc.nat(70_000).chain((value) => head(0, value)),
      fc.nat(300).chain((value) => head(1, value)),
      string(2, fc.uint8Array({ maxLength: 30 })),
      text,
      fc.constantFrom(0xf4, 0xf5, 0xf6, 0xf7, 0xe0, 0xff).map((byte) => Uint8Array.of(byte)),
      fc.uint8Array({ minLength: 2, maxLength: 8 }).map((bytes) => Uint8Array.of(0xfa + (bytes.length % 2), ...bytes)),
      fc.nat(3).chain((count) => many(4, () => tie("item"), count, 1)),
      fc
        .nat(3)
        .chain((count) =>
          many(
            5,
            (i) =>
              i % 2 === 0
                ? fc.oneof({ weight: 9, arbitrary: text }, { weight: 1, arbitrary: tie("item") })
                : tie("item"),
            count,
            2,
          ),
        ),
      fc.nat(30).chain((tag) => parts(head(6, tag), tie("item"))),
      fc
        .integer({ min: 14, max: 18 })
        .map((depth) => Uint8Array.from({ length: depth }, (_, i) => (i === depth - 1 ? 0x80 : 0x81))),
    ),
  };
}).item;

it("takes of CBOR at large what the subset is, and encodes it to the same bytes", () => {
  let taken = 0;
  fc.assert(
    fc.property(general, (bytes) => {
      agrees(bytes);
      if (isOneItem(bytes)) taken++;
    }),
    { numRuns: 4_000 },
  );
  // Both outcomes must come up for the property to say anything.
  expect(taken).toBeGreaterThan(200);
  expect(taken).toBeLessThan(3_800);
});

it("takes of any bytes what the subset is", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 24 }), agrees), { numRuns: 4_000 });
});

it("takes every item of one or two bytes that the subset has, and no other", () => {
  for (let first = 0; first < 256; first++) {
    agrees(Uint8Array.of(first));
    for (let second = 0; second < 256; second++) agrees(Uint8Array.of(first, second));
  }
});

it("takes of mutated items what the subset is", () => {
  const mutated = fc.tuple(cborValue, fc.nat(), fc.nat(255), fc.nat(2)).map(([value, at, byte, kind]) => {
    const bytes = encodeCbor(value);
    const place = at % bytes.length;
    if (kind === 0) return concatBytes(bytes.subarray(0, place), Uint8Array.of(byte), bytes.subarray(place));
    if (kind === 1) return concatBytes(bytes.subarray(0, place), bytes.subarray(place + 1));
    bytes[place] = byte;
    return bytes;
  });
  fc.assert(fc.property(mutated, agrees), { numRuns: 3_000 });
});

it("reads a sequence as its items, one by one", () => {
  fc.assert(
    fc.property(fc.array(cborValue, { maxLength: 6 }), (values) => {
      const items = values.map((value) => encodeCbor(value));
      const read = [...decodeCborSequence(joinBytes(items))];
      expect(read).toEqual(values);
    }),
    { numRuns: 300 },
  );
});
