import { entropyToMnemonic as scureEntropyToMnemonic } from "@scure/bip39";
import { assertBytes, assertKnownOptions, copyBytes, equalBytes, utf8ToBytes } from "../bytes.ts";
import { defaultSeedPrimitives } from "../primitives/default.ts";
import type { SeedPrimitives } from "../primitives/primitives.ts";
import { entropyBytesOf, isEntropyLength, isMnemonicLength } from "./mnemonic-lengths.ts";
import { errorOf, type Mnemonic, readMnemonic, wipeMnemonics } from "./read-mnemonic.ts";
import { indexOf, type Wordlist, type Wordlists } from "./wordlist.ts";
import { wordlist as english } from "./wordlists/english.ts";

/** BIP-39, "From mnemonic to seed". */
const PBKDF2_ITERATIONS = 2048;
const SEED_BYTES = 64;

/** In which languages words are looked for: one list, or several by name, of which the words decide. By default English. */
export interface WordlistOptions {
  /** The 2048 words of one language, from `@cloudbackup/core/seed/wordlists`. */
  wordlist?: Wordlist | undefined;
  /** Lists by language: all of `wordlists`, or some. Not together with `wordlist`. */
  wordlists?: Wordlists | undefined;
}

/**
 * The BIP-39 seed of a mnemonic, 64 bytes, the caller's to wipe. White space, case, accents and numbers of a list are as a
 * person types them.
 *
 * @param mnemonic 12, 15, 18, 21 or 24 words
 * @param options how they are read
 * @param options.passphrase the "25th word", NFKD-normalised; by default none
 * @param options.wordlist the list of one language, from `@cloudbackup/core/seed/wordlists`; by default English
 * @param options.wordlists lists by language, of which the words decide: in place of `wordlist`
 * @param options.primitives by default the platform's
 * @throws TypeError, RangeError for wrong arguments; InvalidMnemonicError for a wrong number of words, an unknown word (by position);
 *   MnemonicChecksumError for words that are not a mnemonic together
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
  options: WordlistOptions & { passphrase?: string | undefined; primitives?: SeedPrimitives | undefined } = {},
): Promise<Uint8Array> {
  assertKnownOptions(options, ["passphrase", "wordlist", "wordlists", "primitives"], "options");
  const { passphrase = "", primitives = defaultSeedPrimitives } = options;
  if (typeof passphrase !== "string") throw new TypeError("passphrase must be a string");
  // Halves of a character have no bytes of their own in UTF-8: different passphrases would give one seed.
  if (/\p{Cs}/u.test(passphrase)) throw new RangeError("passphrase must be well-formed Unicode");
  const readings = parseMnemonic(mnemonic, options);
  wipeMnemonics(readings);
  const text = onlyOne(readings, (a, b) => a.text === b.text).text;
  const password = utf8ToBytes(text);
  const salt = utf8ToBytes(`mnemonic${passphrase.normalize("NFKD")}`);
  try {
    return await primitives.pbkdf2HmacSha512(password, salt, PBKDF2_ITERATIONS, SEED_BYTES);
  } finally {
    password.fill(0);
    salt.fill(0);
  }
}

/**
 * The entropy that a mnemonic writes down, 16 to 32 bytes, the caller's to wipe. No passphrase is part of it.
 *
 * @param mnemonic 12, 15, 18, 21 or 24 words, as a person types them
 * @param options how they are read
 * @param options.wordlist the list of one language; by default English
 * @param options.wordlists lists by language, of which the words decide: in place of `wordlist`
 * @throws TypeError for wrong arguments; InvalidMnemonicError for a wrong number of words, an unknown word (by position);
 *   MnemonicChecksumError for words that are not a mnemonic together
 * @example
 * ```ts
 * import { entropyToMnemonic, mnemonicToEntropy } from "@cloudbackup/core/seed";
 * import { wordlist as czech } from "@cloudbackup/core/seed/wordlists/czech";
 *
 * const entropy = mnemonicToEntropy("zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong");
 * console.log(entropy.length, entropy[0]); // → 16 255
 * console.log(entropyToMnemonic(entropy, { wordlist: czech }).split(" ")[0]); // → zvyk
 * ```
 */
export function mnemonicToEntropy(mnemonic: string, options: WordlistOptions = {}): Uint8Array {
  assertKnownOptions(options, ["wordlist", "wordlists"], "options");
  const readings = parseMnemonic(mnemonic, options);
  try {
    return copyBytes(onlyOne(readings, (a, b) => equalBytes(a.entropy, b.entropy)).entropy);
  } finally {
    wipeMnemonics(readings);
  }
}

/**
 * The mnemonic that writes entropy down: one space between two words, in Japanese the ideographic one (U+3000).
 *
 * @param entropy 16, 20, 24, 28 or 32 bytes
 * @param options `wordlist`: by default English
 * @throws TypeError, RangeError for wrong arguments
 * @see https://github.com/bitcoin/bips/blob/master/bip-0039.mediawiki "Generating the mnemonic"
 */
export function entropyToMnemonic(
  entropy: Uint8Array,
  options: {
    /** The list of one language, from `@cloudbackup/core/seed/wordlists`. */
    wordlist?: Wordlist | undefined;
  } = {},
): string {
  assertBytes(entropy, "entropy");
  if (!isEntropyLength(entropy.length)) {
    throw new RangeError(`entropy must have 16, 20, 24, 28 or 32 bytes, it has ${entropy.length}`);
  }
  assertKnownOptions(options, ["wordlist"], "options");
  return scureEntropyToMnemonic(entropy, indexOf(options.wordlist ?? english, "wordlist").words as string[]);
}

/**
 * A new mnemonic.
 *
 * @param options how it is made
 * @param options.random cryptographically secure: that many bytes
 * @param options.words 12, 15, 18, 21 or 24; by default 24
 * @param options.wordlist the list of one language; by default English
 * @throws TypeError, RangeError for wrong arguments, and for a `random` that gives another number of bytes, or zeros alone
 * @example
 * ```ts
 * import { generateMnemonic } from "@cloudbackup/core/seed";
 *
 * const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
 * console.log(generateMnemonic({ random, words: 12 }).split(" ").length); // → 12
 * ```
 */
export function generateMnemonic(options: {
  random: (length: number) => Uint8Array;
  words?: 12 | 15 | 18 | 21 | 24 | undefined;
  wordlist?: Wordlist | undefined;
}): string {
  assertKnownOptions(options, ["random", "words", "wordlist"], "options");
  const { random, words = 24, wordlist } = options;
  if (typeof random !== "function") throw new TypeError("random must be a function");
  if (!isMnemonicLength(words)) throw new RangeError("words must be 12, 15, 18, 21 or 24");
  const length = entropyBytesOf(words);
  const entropy = random(length);
  assertBytes(entropy, "random()", length);
  // What a generator that is not connected gives. By chance it comes once in 2^128.
  if (entropy.every((byte) => byte === 0)) throw new RangeError("random() gave zeros alone");
  return entropyToMnemonic(entropy, { wordlist });
}

/** @throws TypeError, InvalidMnemonicError, MnemonicChecksumError */
function parseMnemonic(mnemonic: string, { wordlist, wordlists }: WordlistOptions): Mnemonic[] {
  if (typeof mnemonic !== "string") throw new TypeError("mnemonic must be a string");
  const read = readMnemonic(mnemonic, chosenLists({ wordlist, wordlists }));
  if (!Array.isArray(read)) throw errorOf(read);
  return read;
}

function chosenLists({ wordlist, wordlists }: WordlistOptions): Wordlists {
  if (wordlists === undefined) {
    indexOf(wordlist ?? english, "wordlist");
    return { wordlist: wordlist ?? english };
  }
  if (wordlist !== undefined) throw new TypeError("wordlist and wordlists cannot both be given");
  assertWordlists(wordlists);
  return wordlists;
}

/** @throws TypeError unless it has one list or more */
export function assertWordlists(wordlists: Wordlists): void {
  if (typeof wordlists !== "object" || wordlists === null || Object.keys(wordlists).length === 0) {
    throw new TypeError("wordlists must be an object of word lists by language");
  }
}

/** The first, where it does not matter which. */
function onlyOne(readings: readonly Mnemonic[], isSame: (a: Mnemonic, b: Mnemonic) => boolean): Mnemonic {
  const [first, ...others] = readings as [Mnemonic, ...Mnemonic[]];
  if (!others.every((other) => isSame(first, other))) {
    throw errorOf({ problem: "ambiguous", count: 0, languages: [] });
  }
  return first;
}
