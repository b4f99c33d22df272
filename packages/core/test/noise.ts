import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes, joinBytes, u32 } from "../src/bytes.ts";
import type { Random } from "../src/envelope/envelope.ts";

/** Bytes that look random and are the same in every run. */
export function noise(length: number, label = 0): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, i) => sha256(concatBytes(u32(label), u32(i))));
  return joinBytes(blocks).slice(0, length);
}

/** A seeded double of the platform's randomness. */
export function seededRandom(start = 0): Random {
  let count = start;
  return (length) => noise(length, ++count);
}
