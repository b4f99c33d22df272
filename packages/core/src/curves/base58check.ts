import { concatBytes, equalBytes } from "../bytes.ts";

const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const CHECKSUM_BYTES = 4;
/** Of an extended key it is 111. The time it takes grows with the square. */
const MAX_LETTERS = 4096;

/**
 * Base58Check, as `createBase58check` of `@scure/base` makes it: all that `@scure/bip32` needs of that library, for extended
 * keys.
 *
 * @see https://en.bitcoin.it/wiki/Base58Check_encoding
 */
export function createBase58check(sha256: (bytes: Uint8Array) => Uint8Array) {
  const checksum = (bytes: Uint8Array) => sha256(sha256(bytes)).slice(0, CHECKSUM_BYTES);
  return {
    encode: (bytes: Uint8Array): string =>
      [...convert(concatBytes(bytes, checksum(bytes)), 256, 58)].map((digit) => ALPHABET[digit]).join(""),

    /** @throws Error, which shows nothing of the text: other letters, too many, another checksum */
    decode(text: string): Uint8Array {
      const digits = Array.from(text, (letter) => ALPHABET.indexOf(letter));
      if (digits.length > MAX_LETTERS || digits.includes(-1)) throw new Error("not Base58");
      const bytes = Uint8Array.from(convert(digits, 58, 256));
      const payload = bytes.slice(0, -CHECKSUM_BYTES);
      if (!equalBytes(bytes.slice(-CHECKSUM_BYTES), checksum(payload))) throw new Error("Base58Check: wrong checksum");
      return payload;
    },
  };
}

/** Digits of another base, the highest first. Each zero that a number begins with stands for one. */
function convert(digits: ArrayLike<number> & Iterable<number>, from: number, to: number): number[] {
  const converted: number[] = [];
  for (const digit of digits) {
    let carry = digit;
    for (let i = 0; i < converted.length || carry > 0; i++) {
      carry += (converted[i] ?? 0) * from;
      converted[i] = carry % to;
      carry = Math.floor(carry / to);
    }
  }
  for (let i = 0; digits[i] === 0; i++) converted.push(0);
  return converted.reverse();
}
