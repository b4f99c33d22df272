import { sha256 } from "@noble/hashes/sha2.js";
import { expect, it } from "vitest";
import { bytesToHex, utf8ToBytes } from "../../../src/bytes.ts";
import { slip39Words } from "../../../src/seed/slip39-words.ts";

it("is SLIP-39's list, word for word", () => {
  expect(bytesToHex(sha256(utf8ToBytes(`${slip39Words.join("\n")}\n`)))).toBe(
    "bcc4555340332d169718aed8bf31dd9d5248cb7da6e5d355140ef4f1e601eec3",
  );
});

it("has 1,024 words in order, told apart by four letters", () => {
  expect(slip39Words).toHaveLength(1024);
  expect([...slip39Words].sort()).toEqual(slip39Words);
  expect(new Set(slip39Words.map((word) => word.slice(0, 4))).size).toBe(1024);
  expect(slip39Words.filter((word) => !/^[a-z]{4,8}$/.test(word))).toEqual([]);
});
