import { PERIOD } from "../dump/headers.ts";

/** Two weeks, which a period should take. */
const PERIOD_SECONDS = 14 * 24 * 60 * 60;

/**
 * The number that a block's hash must not exceed, from its compact form: a byte of length, then a signed number of 3 bytes
 * that is followed by zeros up to that length.
 *
 * @returns undefined: negative or 0, which no hash satisfies; beyond 256 bits, which Bitcoin Core refuses, it is above any limit
 */
export function decodeTarget(compact: number): bigint | undefined {
  const length = compact >>> 24;
  const digits = BigInt(compact & 0x7fffff);
  const target = length <= 3 ? digits >> BigInt(8 * (3 - length)) : digits << BigInt(8 * (length - 3));
  const isNegative = (compact & 0x800000) !== 0;
  return isNegative || target === 0n ? undefined : target;
}

/** The compact form, in which all but the first 2 or 3 bytes are lost. */
export function encodeTarget(target: bigint): number {
  let length = Math.ceil(target.toString(16).length / 2);
  let digits = Number(length <= 3 ? target << BigInt(8 * (3 - length)) : target >> BigInt(8 * (length - 3)));
  // The topmost bit is the sign.
  if (digits & 0x800000) {
    digits >>= 8;
    length++;
  }
  return length * 2 ** 24 + digits;
}

/** Of how many hashes one is at most `target`: the work that a block shows. */
export function workOf(target: bigint): bigint {
  return 2n ** 256n / (target + 1n);
}

/**
 * The compact target of the period after one with `compact`.
 *
 * @param seconds from the period's first header to its last: Bitcoin counts 2,015 intervals, and takes them for 2,016
 * @param limit the easiest target
 */
export function nextTarget(compact: number, seconds: number, limit: bigint): number {
  const counted = Math.min(Math.max(seconds, PERIOD_SECONDS / 4), PERIOD_SECONDS * 4);
  const target = ((decodeTarget(compact) ?? 0n) * BigInt(counted)) / BigInt(PERIOD_SECONDS);
  return encodeTarget(target > limit ? limit : target);
}

/** Whether a period begins at that height. */
export function beginsPeriod(height: number): boolean {
  return height % PERIOD === 0;
}
