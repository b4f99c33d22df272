import { utf8ToBytes } from "../bytes.ts";

/** Words, of 10 bits each. */
export const CHECKSUM_WORDS = 3;
const GENERATOR = [
  0xe0e040, 0x1c1c080, 0x3838100, 0x7070200, 0xe0e0009, 0x1c0c2412, 0x38086c24, 0x3090fc48, 0x21b1f890, 0x3f3f120,
];

/**
 * RS1024, a Reed-Solomon code over GF(1024): finds any three changed words, and misses others once in 2^30.
 *
 * @param words 10 bits each, without the checksum
 * @see SLIP-39, "Checksum"
 */
export function checksumOf(words: readonly number[], extendable: boolean): number[] {
  const sum = polymod([...prefix(extendable), ...words, 0, 0, 0]) ^ 1;
  return [sum >>> 20, (sum >>> 10) & 1023, sum & 1023];
}

/** Whether the last three words are the checksum of those before. */
export function hasChecksum(words: readonly number[], extendable: boolean): boolean {
  return polymod([...prefix(extendable), ...words]) === 1;
}

function polymod(values: readonly number[]): number {
  let sum = 1;
  for (const value of values) {
    const top = sum >>> 20;
    sum = ((sum & 0xfffff) << 10) ^ value;
    GENERATOR.forEach((term, bit) => {
      sum ^= term & -((top >>> bit) & 1);
    });
  }
  return sum;
}

/** A share of one kind is none of the other. */
function prefix(extendable: boolean): Uint8Array {
  return utf8ToBytes(extendable ? "shamir_extendable" : "shamir");
}
