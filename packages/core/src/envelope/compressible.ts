/*
 * DEFLATE costs some ten times what sealing does, and gains nothing on bytes that look random, as encrypted or compressed
 * ones do. A look at a sample tells, by the two things that DEFLATE lives from; either is enough to try.
 */

/** Bytes that are tried without a look: fewer are cheap, and say little. */
const ALWAYS_BELOW = 1024;
/** The sample: so many runs, spread evenly, each long enough to see all of a short record. */
const RUNS = 64;
const RUN_BYTES = 64;

/**
 * Uneven: Pearson's χ² of how often each of the 256 values comes. Random bytes have 255 ± 22.6, and more than this once in
 * 10^8; a sample in which 1 byte of 20 is a zero, or of 16 is part of an English text, has more.
 */
const MOST_OF_RANDOM = 400;

/** Repeats: of four bytes, where the first of them has these bits 0, so that equal stretches are looked at in equal places. */
const PLACE_MASK = 0b111;
const SLOT_BITS = 10;

/** Whether DEFLATE may make the bytes shorter. Random ones pass for such once in some thousand chunks. */
export function mayDeflate(bytes: Uint8Array): boolean {
  if (bytes.length < ALWAYS_BELOW) return true;
  const counts = new Uint32Array(256);
  const seen = new Int32Array(2 ** SLOT_BITS);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const step = Math.max(RUN_BYTES, Math.floor(bytes.length / RUNS));
  let total = 0;
  // The last three bytes begin nothing of four.
  for (let start = 0; start + RUN_BYTES + 3 <= bytes.length; start += step) {
    const end = start + RUN_BYTES;
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number;
      (counts[byte] as number)++;
      if ((byte & PLACE_MASK) !== 0) continue;
      const four = view.getInt32(at);
      // Knuth's multiplicative hash; what shared a slot is forgotten.
      const slot = Math.imul(four, 0x9e3779b1) >>> (32 - SLOT_BITS);
      if (seen[slot] === four) return true;
      seen[slot] = four;
    }
    total += RUN_BYTES;
  }
  return chiSquared(counts, total) > MOST_OF_RANDOM;
}

function chiSquared(counts: Uint32Array, total: number): number {
  const expected = total / counts.length;
  let sum = 0;
  for (let value = 0; value < counts.length; value++) sum += ((counts[value] as number) - expected) ** 2;
  return sum / expected;
}
