import { expect, it } from "vitest";
import {
  assertBytes,
  assertKnownOptions,
  assertUint,
  bytesToHex,
  compareBytes,
  copyBytes,
  equalBytes,
  joinBytes,
  u32,
  u64,
} from "../../src/bytes.ts";

it("joins any number of arrays", () => {
  expect(joinBytes([])).toEqual(new Uint8Array());
  expect(joinBytes(new Array(200_000).fill(Uint8Array.of(1))).length).toBe(200_000);
  expect(joinBytes([Uint8Array.of(1), new Uint8Array(), Uint8Array.of(2, 3)])).toEqual(Uint8Array.of(1, 2, 3));
});

it("copies to a plain array, also out of a Buffer", () => {
  const buffer = Buffer.from([1, 2]);
  const copy = copyBytes(buffer);
  buffer.fill(0);
  expect(copy).toStrictEqual(Uint8Array.of(1, 2));
});

it("writes numbers big-endian", () => {
  expect(bytesToHex(u32(0x01020304))).toBe("01020304");
  expect(bytesToHex(u64(2 ** 53 - 1))).toBe("001fffffffffffff");
});

it("compares bytes, a prefix first", () => {
  const sorted = [[], [0], [0, 0], [0, 1], [1], [255]].map((bytes) => Uint8Array.from(bytes));
  expect(sorted.toReversed().sort(compareBytes)).toEqual(sorted);
  for (const a of sorted) for (const b of sorted) expect(equalBytes(a, b)).toBe(a === b);
});

it("names the argument that is wrong", () => {
  expect(() => assertBytes([], "seed")).toThrow(new TypeError("seed must be a Uint8Array"));
  expect(() => assertBytes(new Uint8Array(3), "seed", 4)).toThrow(new RangeError("seed must have 4 bytes, it has 3"));
  expect(() => assertUint("1", "now")).toThrow(TypeError);
  for (const value of [-1, 0.5, Number.NaN, 2 ** 53]) expect(() => assertUint(value, "now")).toThrow(RangeError);
  expect(() => assertUint(0, "revision", 1)).toThrow("revision must be an integer of at least 1");
  expect(() => assertKnownOptions({ a: 1, c: undefined }, ["a", "b"], "options")).toThrow(
    new TypeError('options has no option "c"; it knows a, b'),
  );
  expect(() => assertKnownOptions({ a: 1 }, ["a", "b"], "options")).not.toThrow();
});
