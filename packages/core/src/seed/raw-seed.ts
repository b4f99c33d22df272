import { hexToBytes } from "../bytes.ts";
import { InvalidSeedError } from "./invalid-seed-error.ts";
import { isMnemonicLength } from "./mnemonic-lengths.ts";

/** BIP-32, "Master key generation": between 128 and 512 bits. */
const MIN_SEED_BYTES = 16;
const MAX_SEED_BYTES = 64;
/** SeedQR: four decimal digits for a word's position in the list. */
const SEED_QR_DIGITS = /^(?:[01]\d{3}|20[0-3]\d|204[0-7])+$/;

/**
 * The bytes of a raw seed, or undefined for what is no hex at all.
 *
 * @param text without white space
 * @throws InvalidSeedError
 */
export function parseRawSeed(text: string): Uint8Array | undefined {
  const digits = text.replace(/^0x/i, "");
  if (!/^[0-9a-f]+$/i.test(digits)) return undefined;
  // Of 24 random bytes, one in 10^18 looks like this.
  if (isMnemonicLength(digits.length / 4) && SEED_QR_DIGITS.test(digits)) throw new InvalidSeedError("seed-qr-digits");
  const bytes = digits.length / 2;
  if (!Number.isInteger(bytes) || bytes < MIN_SEED_BYTES || bytes > MAX_SEED_BYTES) {
    throw new InvalidSeedError("raw-seed-length");
  }
  return hexToBytes(digits);
}
