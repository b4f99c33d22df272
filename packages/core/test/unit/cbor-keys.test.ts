import { expect, it } from "vitest";
import { decodeCborSequence, encodeCborSequence } from "../../src/cbor.ts";
import { KnownKeys } from "../../src/cbor-keys.ts";

it("knows a key again by its bytes, not by its length or its ends", () => {
  const bytes = new TextEncoder().encode("abcaxcabcab");
  const keys = new KnownKeys(bytes);
  keys.add(0, 3, "abc");
  expect(keys.find(6, 9)).toBe("abc");
  expect(keys.find(3, 6)).toBeUndefined();
  expect(keys.find(9, 11)).toBeUndefined();
});

it("keeps no more keys than it can look through", () => {
  const keys = new KnownKeys(Uint8Array.from({ length: 256 }, (_, i) => i));
  for (let i = 0; i < 256; i++) keys.add(i, i + 1, String(i));
  expect(keys.find(31, 32)).toBe("31");
  expect(keys.find(32, 33)).toBeUndefined();
});

it("gives records their own keys, however many there are, also those that look alike", () => {
  const records = Array.from({ length: 200 }, (_, i) => ({
    [`k${i % 50}`]: i,
    é: "text",
    "e\u0301": { k1: 1, [`n${i}`]: [] },
    ["__proto__"]: i,
  }));
  const decoded = [...decodeCborSequence(encodeCborSequence(records))];
  expect(decoded.map((record) => Object.entries(record as object).sort())).toEqual(
    records.map((record) => Object.entries(record).sort()),
  );
});
