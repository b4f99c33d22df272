import { mnemonicToEntropy } from "@scure/bip39";
import { wordlist as english } from "@scure/bip39/wordlists/english.js";
import { assertKnownOptions, utf8ToBytes } from "../bytes.ts";
import { CloudBackupError } from "../errors.ts";
import { defaultSeedPrimitives } from "../primitives/default.ts";
import type { SeedPrimitives } from "../primitives/primitives.ts";

/** What is wrong with the words that a person gave. It never says the words. */
export class InvalidMnemonicError extends CloudBackupError {
  constructor(message: string) {
    super("ERR_CB_INVALID_MNEMONIC", message);
  }
}

const WORDLIST_LENGTH = 2048;
const WORD_COUNTS = [12, 15, 18, 21, 24];
/** BIP-39, "From mnemonic to seed". */
const PBKDF2_ITERATIONS = 2048;
const SEED_BYTES = 64;

/**
 * The BIP-39 seed of a mnemonic, 64 bytes, the caller's to wipe. White space and case are as a person types them.
 *
 * @param mnemonic 12, 15, 18, 21 or 24 words
 * @param options how they are read
 * @param options.passphrase the "25th word", NFKD-normalised; by default none
 * @param options.wordlist 2048 words of another language, from `@scure/bip39/wordlists`; by default English
 * @param options.primitives by default the platform's
 * @throws TypeError for wrong arguments; InvalidMnemonicError for a wrong number of words, an unknown word (by position), a wrong checksum
 * @example
 * ```ts
 * import { InvalidMnemonicError, mnemonicToSeed } from "@cloudbackup/core/seed";
 *
 * const typed = " Abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
 * const seed = await mnemonicToSeed(typed, { passphrase: "TREZOR" });
 * console.log(seed.length, seed[0]); // → 64 197
 *
 * try {
 *   await mnemonicToSeed(typed.replace("about", "abuot"));
 * } catch (error) {
 *   if (error instanceof InvalidMnemonicError) console.log(error.message); // → Word 12 is not in the word list
 * }
 * ```
 * @see https://github.com/bitcoin/bips/blob/master/bip-0039.mediawiki
 */
export async function mnemonicToSeed(
  mnemonic: string,
  options: {
    passphrase?: string | undefined;
    wordlist?: readonly string[] | undefined;
    primitives?: SeedPrimitives | undefined;
  } = {},
): Promise<Uint8Array> {
  if (typeof mnemonic !== "string") throw new TypeError("mnemonic must be a string");
  assertKnownOptions(options, ["passphrase", "wordlist", "primitives"], "options");
  const { passphrase = "", wordlist = english, primitives = defaultSeedPrimitives } = options;
  if (typeof passphrase !== "string") throw new TypeError("passphrase must be a string");
  const words = mnemonic.normalize("NFKD").trim().toLowerCase().split(/\s+/u);
  assertWords(words, wordlist === english ? english : normalizeWordlist(wordlist));
  const salt = utf8ToBytes(`mnemonic${passphrase.normalize("NFKD")}`);
  return primitives.pbkdf2HmacSha512(utf8ToBytes(words.join(" ")), salt, PBKDF2_ITERATIONS, SEED_BYTES);
}

/** A list may hold its accents in either form of Unicode; what is typed is compared in one. */
function normalizeWordlist(wordlist: readonly string[]): string[] {
  if (!Array.isArray(wordlist) || new Set(wordlist).size !== WORDLIST_LENGTH) {
    throw new TypeError(`wordlist must be an array of ${WORDLIST_LENGTH} different words`);
  }
  return wordlist.map((word) => word.normalize("NFKD"));
}

function assertWords(words: readonly string[], wordlist: string[]): void {
  if (!WORD_COUNTS.includes(words.length) || words[0] === "") {
    const count = words[0] === "" ? 0 : words.length;
    throw new InvalidMnemonicError(`A mnemonic has 12, 15, 18, 21 or 24 words, this one has ${count}`);
  }
  const unknown = words.findIndex((word) => !wordlist.includes(word));
  if (unknown >= 0) throw new InvalidMnemonicError(`Word ${unknown + 1} is not in the word list`);
  try {
    mnemonicToEntropy(words.join(" "), wordlist).fill(0);
  } catch {
    throw new InvalidMnemonicError("The checksum is wrong: a word is mistyped, or two are swapped");
  }
}
