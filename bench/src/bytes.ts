import { createCipheriv } from "node:crypto";

/** Bytes that look random and do not compress, the same for the same seed. */
export function pseudoRandomBytes(length: number, seed: number): Uint8Array {
  const key = new Uint8Array(32);
  new DataView(key.buffer).setUint32(0, seed);
  const cipher = createCipheriv("chacha20", key, new Uint8Array(16));
  return new Uint8Array(cipher.update(new Uint8Array(length)));
}

/** Randomness that core asks for, the same in every run. */
export function pseudoRandom(seed: number): (length: number) => Uint8Array {
  let calls = 0;
  return (length) => pseudoRandomBytes(length, seed * 2 ** 20 + calls++);
}
