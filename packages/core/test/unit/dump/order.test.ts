import { expect, it } from "vitest";
import { compareBytes, utf8ToBytes } from "../../../src/bytes.ts";
import { compareKeys, compareText, type Key } from "../../../src/dump/order.ts";

const texts = [
  "",
  "\u0000",
  "A",
  "a",
  "aa",
  "b",
  "é",
  "\ud7ff",
  "\ue000",
  "\uffff",
  "\u{10000}",
  "\u{10000}a",
  "\u{10ffff}",
];

it("orders text by its UTF-8 bytes, where UTF-16 would differ", () => {
  expect(texts.toReversed().sort(compareText)).toEqual(texts);
  expect(texts.toSorted()).not.toEqual(texts);
  for (const a of texts) {
    for (const b of texts) {
      const expected = Math.sign(compareBytes(utf8ToBytes(a), utf8ToBytes(b)));
      expect(Math.sign(compareText(a, b)), `${a} ${b}`).toBe(expected);
    }
  }
});

const keys: Key[] = [
  undefined,
  false,
  true,
  -(2n ** 64n),
  -1,
  0,
  5,
  2 ** 40,
  2n ** 60n,
  new Uint8Array(),
  Uint8Array.of(0),
  Uint8Array.of(1),
  Uint8Array.of(1, 0),
  "",
  "a",
  "b",
  [],
  [undefined],
  [undefined, 1],
  [1],
  [1, undefined],
  [1, 2],
  ["a"],
];

it("orders keys: an absent one first, integers by value, lists item by item", () => {
  expect(keys.toReversed().sort(compareKeys)).toEqual([...keys.slice(1), undefined]);
  for (const [i, a] of keys.entries()) {
    for (const [j, b] of keys.entries()) expect(Math.sign(compareKeys(a, b)), `${i} ${j}`).toBe(Math.sign(i - j));
  }
});

it("takes a number and a bigint of one value as equal", () => {
  expect(compareKeys(5, 5n)).toBe(0);
  expect(compareKeys([4n], [5])).toBeLessThan(0);
});
