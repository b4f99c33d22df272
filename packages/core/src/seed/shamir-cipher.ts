import { assertBytes, concatBytes, copyBytes, utf8ToBytes } from "../bytes.ts";
import type { ShamirPrimitives } from "../primitives/primitives.ts";
import { InvalidShareError } from "./shamir-errors.ts";

/** Each of the rounds takes a quarter of them, times two for every step of the exponent. */
const ITERATIONS = 10_000;
const ROUNDS = [0, 1, 2, 3];
const ROUNDS_BACKWARDS = [3, 2, 1, 0];

/** How a secret is encrypted before it is split. */
export interface ShamirCipher {
  passphrase: Uint8Array;
  identifier: number;
  extendable: boolean;
  iterationExponent: number;
  primitives: ShamirPrimitives;
}

/**
 * A Feistel network of four rounds: every passphrase decrypts to some secret, and none of them says whether it is right.
 *
 * @see SLIP-39, "Encryption of the master secret"
 */
export function encryptSecret(secret: Uint8Array, cipher: ShamirCipher): Promise<Uint8Array> {
  return feistel(secret, ROUNDS, cipher);
}

/** The same rounds backwards. */
export function decryptSecret(encrypted: Uint8Array, cipher: ShamirCipher): Promise<Uint8Array> {
  return feistel(encrypted, ROUNDS_BACKWARDS, cipher);
}

async function feistel(input: Uint8Array, rounds: readonly number[], cipher: ShamirCipher): Promise<Uint8Array> {
  const { passphrase, extendable, identifier, iterationExponent, primitives } = cipher;
  const half = input.length / 2;
  const iterations = (ITERATIONS * 2 ** iterationExponent) / ROUNDS.length;
  // Left out of extendable backups, so that the secret can be split again under another identifier.
  const prefix = extendable ? [] : [utf8ToBytes("shamir"), Uint8Array.of(identifier >>> 8, identifier & 0xff)];
  let left = copyBytes(input.subarray(0, half));
  let right = copyBytes(input.subarray(half));
  for (const round of rounds) {
    const password = concatBytes(Uint8Array.of(round), passphrase);
    const salt = concatBytes(...prefix, right);
    const key = await primitives.pbkdf2HmacSha256(password, salt, iterations, half);
    assertBytes(key, "the result of pbkdf2HmacSha256", half);
    for (let i = 0; i < half; i++) left[i] = (left[i] as number) ^ (key[i] as number);
    [left, right] = [right, left];
    for (const secret of [password, salt, key]) secret.fill(0);
  }
  const output = concatBytes(right, left);
  left.fill(0);
  right.fill(0);
  return output;
}

/**
 * SLIP-39, "Passphrase": printable ASCII alone, since other characters have more than one form.
 *
 * @throws TypeError unless it is text; InvalidShareError
 */
export function encodePassphrase(passphrase = ""): Uint8Array {
  if (typeof passphrase !== "string") throw new TypeError("passphrase must be a string");
  if (!/^[ -~]*$/.test(passphrase)) {
    throw new InvalidShareError(
      "passphrase",
      "A passphrase of shares has printable ASCII alone: letters without accents, digits, punctuation, spaces",
    );
  }
  return utf8ToBytes(passphrase);
}
