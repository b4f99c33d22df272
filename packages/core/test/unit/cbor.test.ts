import { describe, expect, it } from "vitest";
import { bytesToHex, hexToBytes } from "../../src/bytes.ts";
import { CborError, decodeCbor, decodeCborSequence, encodeCbor, isCborMap } from "../../src/cbor.ts";

const nested = (depth: number) => `${"81".repeat(depth - 1)}80`;

describe("a decoder refuses", () => {
  it.each([
    { id: "nothing at all", hex: "" },
    { id: "a byte left over", hex: "f4f5" },
    { id: "uint in 1 byte that needs none", hex: "1817" },
    { id: "uint in 2 bytes that needs 1", hex: "1900ff" },
    { id: "uint in 4 bytes that needs 2", hex: "1a0000ffff" },
    { id: "uint in 8 bytes that needs 4", hex: "1b00000000ffffffff" },
    { id: "negative in 1 byte that needs none", hex: "3817" },
    { id: "negative in 8 bytes that needs 4", hex: "3b00000000ffffffff" },
    { id: "length of bytes not shortest", hex: "580100" },
    { id: "length of text not shortest", hex: "780161" },
    { id: "length of an array not shortest", hex: "980100" },
    { id: "length of a map not shortest", hex: "b801616100" },
    { id: "indefinite bytes", hex: "5f4100ff" },
    { id: "indefinite text", hex: "7f6161ff" },
    { id: "indefinite array", hex: "9fff" },
    { id: "indefinite map", hex: "bfff" },
    { id: "a break", hex: "ff" },
    { id: "a break in an array", hex: "8100ff" },
    { id: "reserved length 28 of a uint", hex: "1c" },
    { id: "reserved length 29 of text", hex: "7d" },
    { id: "reserved length 30 of an array", hex: "9e" },
    { id: "a half float", hex: "f93c00" },
    { id: "a float", hex: "fa3f800000" },
    { id: "a double", hex: "fb3ff0000000000000" },
    { id: "undefined", hex: "f7" },
    { id: "simple value 0", hex: "e0" },
    { id: "simple value 19", hex: "f3" },
    { id: "simple value 32", hex: "f820" },
    { id: "false in two bytes", hex: "f814" },
    { id: "a tag", hex: "c000" },
    { id: "a bignum", hex: "c249010000000000000000" },
    { id: "a tag inside a map", hex: "a16161c100" },
    { id: "the self-described tag", hex: "d9d9f700" },
    { id: "an integer as a key", hex: "a10100" },
    { id: "bytes as a key", hex: "a1416100" },
    { id: "an array as a key", hex: "a18000" },
    { id: "null as a key", hex: "a1f600" },
    { id: "a key twice", hex: "a2616100616100" },
    { id: "the empty key twice", hex: "a260006000" },
    { id: "keys unsorted", hex: "a2616200616100" },
    { id: "keys alphabetical, not bytewise", hex: "a262616100616200" },
    { id: "keys unsorted in a map of a map", hex: "a16161a2616200616100" },
    { id: "keys unsorted behind a value that is a map", hex: "a26162a0616100" },
    { id: "text: a stray byte", hex: "61ff" },
    { id: "text: overlong", hex: "62c080" },
    { id: "text: a surrogate", hex: "63eda080" },
    { id: "text: beyond U+10FFFF", hex: "64f4908080" },
    { id: "text: cut off", hex: "61c3" },
    { id: "text: bad beside a real U+FFFD", hex: "64efbfbdff" },
    { id: "text: bad behind a BOM", hex: "64efbbbfff" },
    { id: "text: bad in the 40th byte", hex: `7828${"61".repeat(39)}ff` },
    { id: "text: bad in a key", hex: "a161ff00" },
    { id: "cut off in the head, 1 byte", hex: "18" },
    { id: "cut off in the head, 2 bytes", hex: "1900" },
    { id: "cut off in the head, 4 bytes", hex: "1a000000" },
    { id: "cut off in the head, 8 bytes", hex: "1b00000000000000" },
    { id: "cut off in an array", hex: "820000".slice(0, 4) },
    { id: "cut off behind a key", hex: "a16161" },
    { id: "cut off in a nested item", hex: "8181" },
  ])("$id", ({ hex }) => {
    expect(() => decodeCbor(hexToBytes(hex))).toThrow(CborError);
  });

  it.each([
    { id: "bytes, 1 too many", hex: "4100".replace("41", "42") },
    { id: "bytes, 2^32 − 1", hex: "5affffffff00" },
    { id: "bytes, 2^64 − 1", hex: "5bffffffffffffffff" },
    { id: "text, 2^32", hex: "7b000000010000000061" },
    { id: "array, 2^32 − 1", hex: "9affffffff0000" },
    { id: "array, 2^53", hex: "9b002000000000000000" },
    { id: "map, more pairs than bytes", hex: "a2616100" },
    { id: "map, 2^63", hex: "bb8000000000000000" },
    { id: "array in an array", hex: "829a7fffffff00" },
  ])("a length beyond the bytes that remain, before it allocates: $id", ({ hex }) => {
    for (const views of [false, true]) {
      expect(() => decodeCbor(hexToBytes(hex), { views })).toThrow(/beyond the bytes that remain/);
    }
  });

  it("17 arrays or maps inside each other, and takes 16", () => {
    expect(bytesToHex(encodeCbor(decodeCbor(hexToBytes(nested(16)))))).toBe(nested(16));
    expect(() => decodeCbor(hexToBytes(nested(17)))).toThrow(/more than 16/);
    const maps = (depth: number) => hexToBytes(`${"a160".repeat(depth - 1)}a0`);
    expect(isCborMap(decodeCbor(maps(16)))).toBe(true);
    expect(() => decodeCbor(maps(17))).toThrow(/more than 16/);
  });

  it("not many arrays side by side: depth is counted anew", () => {
    const wide = `9820${"8180".repeat(32)}`;
    expect(bytesToHex(encodeCbor(decodeCbor(hexToBytes(wide))))).toBe(wide);
  });

  it("any prefix of an item, in whatever mode", () => {
    const bytes = encodeCbor({ a: [1, 300, "é".repeat(20)], b: new Uint8Array(40), c: { d: null } });
    for (let length = 0; length < bytes.length; length++) {
      for (const views of [false, true]) {
        expect(() => decodeCbor(bytes.subarray(0, length), { views })).toThrow(CborError);
      }
    }
  });
});

describe("one value, one form", () => {
  const own = (key: string, value: unknown) => Object.fromEntries([[key, value]]);

  it.each([
    { hex: "00", value: 0 },
    { hex: "17", value: 23 },
    { hex: "1818", value: 24 },
    { hex: "18ff", value: 255 },
    { hex: "190100", value: 256 },
    { hex: "1a00010000", value: 65536 },
    { hex: "1b0000000100000000", value: 2 ** 32 },
    { hex: "1b001fffffffffffff", value: Number.MAX_SAFE_INTEGER },
    { hex: "1b0020000000000000", value: 2n ** 53n },
    { hex: "1bffffffffffffffff", value: 2n ** 64n - 1n },
    { hex: "20", value: -1 },
    { hex: "3863", value: -100 },
    { hex: "3b001ffffffffffffe", value: Number.MIN_SAFE_INTEGER },
    { hex: "3b001fffffffffffff", value: -(2n ** 53n) },
    { hex: "3bffffffffffffffff", value: -(2n ** 64n) },
    { hex: "40", value: new Uint8Array() },
    { hex: "4401020304", value: Uint8Array.of(1, 2, 3, 4) },
    { hex: "60", value: "" },
    { hex: "62c3bc", value: "ü" },
    { hex: "6375cc88", value: "u\u0308" },
    { hex: "64f0908591", value: "\u{10151}" },
    { hex: "63efbbbf", value: "\ufeff" },
    { hex: "64efbbbf61", value: "\ufeffa" },
    { hex: `7823efbbbf${"61".repeat(32)}`, value: `\ufeff${"a".repeat(32)}` },
    { hex: "63efbfbd", value: "\ufffd" },
    { hex: "6161", value: "a" },
    { hex: "80", value: [] },
    { hex: "83010203", value: [1, 2, 3] },
    { hex: "a0", value: {} },
    { hex: "a26161016162820203", value: { b: [2, 3], a: 1 } },
    { hex: "a2616200626161f5", value: { aa: true, b: 0 } },
    { hex: "a1695f5f70726f746f5f5f01", value: own("__proto__", 1) },
    { hex: "a1695f5f70726f746f5f5fa1617601", value: own("__proto__", { v: 1 }) },
    { hex: "a16b636f6e7374727563746f7201", value: { constructor: 1 } },
    { hex: "a163efbbbf00", value: { "\ufeff": 0 } },
    { hex: "f4", value: false },
    { hex: "f5", value: true },
    { hex: "f6", value: null },
  ])("$hex", ({ hex, value }) => {
    expect(decodeCbor(hexToBytes(hex))).toStrictEqual(value);
    expect(decodeCbor(hexToBytes(hex), { views: true })).toStrictEqual(value);
    expect(bytesToHex(encodeCbor(value))).toBe(hex);
  });

  it("sorts keys by their encoded bytes, UTF-8 and not UTF-16", () => {
    const keys = ["\u{10000}", "\uffff", "aaaaa", "b", "", "é", "ab", "Z"];
    const bytes = encodeCbor(Object.fromEntries(keys.map((key, i) => [key, i])));
    expect(Object.keys(decodeCbor(bytes) as object)).toEqual(["", "Z", "b", "ab", "é", "\uffff", "\u{10000}", "aaaaa"]);
  });

  it("takes a bigint that a number could hold as that number", () => {
    expect(bytesToHex(encodeCbor([5n, -1n, 2n ** 53n - 1n]))).toBe("83 05 20 1b001fffffffffffff".replaceAll(" ", ""));
    expect(bytesToHex(encodeCbor(-0))).toBe("00");
  });

  it("does not set the prototype of what it decodes", () => {
    const value = decodeCbor(hexToBytes("a1695f5f70726f746f5f5fa1617601")) as { v?: number };
    expect(value.v).toBeUndefined();
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });
});

describe("an encoder refuses", () => {
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  class Amount {
    value = 1;
  }

  it.each([
    { id: "a fraction", value: 0.5, error: TypeError },
    { id: "not a number", value: Number.NaN, error: TypeError },
    { id: "infinity", value: Number.POSITIVE_INFINITY, error: TypeError },
    { id: "a number beyond 2^53 − 1", value: 2 ** 53, error: RangeError },
    { id: "2^64", value: 2n ** 64n, error: RangeError },
    { id: "−2^64 − 1", value: -(2n ** 64n) - 1n, error: RangeError },
    { id: "undefined", value: undefined, error: TypeError },
    { id: "undefined in an array", value: [undefined], error: TypeError },
    { id: "a hole in an array", value: new Array(1), error: TypeError },
    { id: "a function", value: () => 1, error: TypeError },
    { id: "a symbol", value: Symbol("x"), error: TypeError },
    { id: "a Date", value: new Date(0), error: TypeError },
    { id: "a Map", value: new Map(), error: TypeError },
    { id: "a Set", value: new Set(), error: TypeError },
    { id: "an instance of a class", value: new Amount(), error: TypeError },
    { id: "another typed array", value: new Uint16Array(1), error: TypeError },
    { id: "an ArrayBuffer", value: new ArrayBuffer(1), error: TypeError },
    { id: "half a surrogate pair", value: "a\ud800", error: TypeError },
    { id: "half a surrogate pair in a key", value: { "\udc00": 1 }, error: TypeError },
    { id: "itself inside", value: cyclic, error: RangeError },
  ])("$id", ({ value, error }) => {
    expect(() => encodeCbor(value)).toThrow(error);
  });

  it("17 levels, and takes 16", () => {
    const nest = (depth: number): unknown => (depth === 1 ? [] : [nest(depth - 1)]);
    expect(bytesToHex(encodeCbor(nest(16)))).toBe(nested(16));
    expect(() => encodeCbor(nest(17))).toThrow(RangeError);
  });

  it("names the place and no value", () => {
    expect(() => encodeCbor({ a: [{ b: 0.5 }] })).toThrow("value.a[0].b is not an integer");
    expect(() => encodeCbor({ a: ["hunter2\ud800"] })).not.toThrow(/hunter2/);
    expect(() => encodeCbor({ a: 1234567.5 })).not.toThrow(/1234567/);
  });
});

it("takes a key whose value is undefined as absent", () => {
  expect(bytesToHex(encodeCbor({ a: undefined, b: 1 }))).toBe("a1616201");
  expect(bytesToHex(encodeCbor({ a: undefined }))).toBe("a0");
});

it("takes objects without a prototype", () => {
  expect(bytesToHex(encodeCbor(Object.assign(Object.create(null), { a: 1 })))).toBe("a1616101");
});

describe("byte strings", () => {
  const encoded = hexToBytes("8241014102");

  it("are copies", () => {
    const bytes = encoded.slice();
    const [first] = decodeCbor(bytes) as Uint8Array[];
    bytes.fill(0);
    expect(first).toEqual(Uint8Array.of(1));
  });

  it("are views on request", () => {
    const [first] = decodeCbor(encoded, { views: true }) as Uint8Array[];
    expect(first?.buffer).toBe(encoded.buffer);
  });

  it("are copies, and no Buffers, also out of a Buffer", () => {
    const buffer = Buffer.from(encoded);
    const [first] = decodeCbor(buffer) as Uint8Array[];
    buffer.fill(0);
    expect(first).toStrictEqual(Uint8Array.of(1));
    expect(Buffer.isBuffer(first)).toBe(false);
    for (const value of decodeCborSequence(Buffer.from(encoded), { views: true })) {
      expect(Buffer.isBuffer((value as Uint8Array[])[0])).toBe(false);
    }
  });
});

describe("a sequence", () => {
  it("may be empty", () => {
    expect([...decodeCborSequence(new Uint8Array())]).toEqual([]);
  });

  it("gives item by item", () => {
    expect([...decodeCborSequence(hexToBytes("01820203a0"))]).toEqual([1, [2, 3], {}]);
  });

  it("throws when it comes to the item that is wrong", () => {
    const sequence = decodeCborSequence(hexToBytes("01ff"));
    expect(sequence.next().value).toBe(1);
    expect(() => sequence.next()).toThrow(CborError);
  });

  it("that ends inside an item is refused", () => {
    expect(() => [...decodeCborSequence(hexToBytes("018201"))]).toThrow(CborError);
  });
});

it("tells maps from all else", () => {
  const values = [{}, [], null, "a", 1, 1n, true, new Uint8Array(), undefined];
  expect(values.map(isCborMap)).toEqual([true, false, false, false, false, false, false, false, false]);
});

it.each([
  ["a number", 1],
  ["ids", Array.from({ length: 7 }, () => new Uint8Array(32))],
  ["text", "a".repeat(300)],
  ["a chunk", new Uint8Array(5000)],
  ["a map", { a: [new Uint8Array(5000), new Uint8Array(500)] }],
])("encodes %s to an array of its own, no Buffer and no part of a larger one", (_, value) => {
  const encoded = encodeCbor(value);
  expect(Buffer.isBuffer(encoded)).toBe(false);
  expect(encoded.buffer.byteLength).toBe(encoded.length);
});
