import { assertKnownOptions, assertUint, copyBytes } from "../bytes.ts";
import { checkMnemonic } from "./check-mnemonic.ts";
import { assertWordlists, entropyToMnemonic, mnemonicToEntropy } from "./mnemonic.ts";
import { MnemonicChecksumError } from "./mnemonic-errors.ts";
import { isEntropyLength, isMnemonicLength } from "./mnemonic-lengths.ts";
import { isPaperWallet, parsePaperWallet } from "./paper-wallet.ts";
import { InvalidSeedQrError } from "./seed-qr-error.ts";
import { indexOf, type Wordlist, type Wordlists } from "./wordlist.ts";
import { wordlist as english } from "./wordlists/english.ts";
import { readWords } from "./words.ts";

/** What a QR code of a seed holds. */
export interface SeedQr {
  /** In which form it holds it. `mnemonic`: the words as text. */
  format: "seedqr" | "compact-seedqr" | "mnemonic" | "paper-wallet";
  /** The words: lower case, NFKD, one space between two. */
  mnemonic: string;
  /** What the words write down: 16 to 32 bytes, the caller's to wipe. */
  entropy: Uint8Array;
  /** When the wallet was made, unix seconds, where a paper wallet says it: there are no transactions before. */
  birthday?: number;
}

const DIGITS_PER_WORD = 4;
/** Twelve words of three letters, and what is between them. Chinese ones are shorter, and twelve. */
const SHORTEST_WORDS = 47;

/**
 * Reads what a QR code of a seed holds, whatever its form: SeedQR (digits), CompactSeedQR (bytes), the words as text, and the
 * older `Seed=<entropy in hex>&Time=<unix seconds>` of paper wallets. Bytes are best, as `readQrPicture` gives them: text that
 * a scanner made of a CompactSeedQR has lost what it held, and is refused.
 *
 * A CompactSeedQR has no checksum beside that of its QR code: any 16 bytes are twelve words. Bytes that are a link, a number or hex
 * are taken for none.
 *
 * @param payload what the code holds
 * @param options how it is read
 * @param options.wordlist of digits and bytes, which say no language; by default English, the one that SeedQR knows
 * @param options.wordlists lists by language, of words as text, which decide; by default English alone
 * @param options.now unix seconds: a paper wallet's time that is later is left out
 * @throws TypeError, RangeError for wrong arguments; InvalidSeedQrError for what is no seed; InvalidMnemonicError,
 *   MnemonicChecksumError for words as text that are wrong
 * @example
 * ```ts
 * import { parseSeedQr } from "@cloudbackup/core/seed";
 *
 * const digits = parseSeedQr("073318950739065415961602009907670428187212261116");
 * console.log(digits.format, digits.mnemonic.slice(0, 19)); // → seedqr forum undo fragile
 *
 * const paper = parseSeedQr("Seed=5bbd9d71a8ec7990831aff359d426545&Time=1404172800");
 * console.log(paper.mnemonic === digits.mnemonic, paper.birthday); // → true 1404172800
 * ```
 * @see https://github.com/SeedSigner/seedsigner/blob/dev/docs/seed_qr/README.md
 */
export function parseSeedQr(
  payload: string | Uint8Array,
  options: {
    wordlist?: Wordlist | undefined;
    wordlists?: Wordlists | undefined;
    now?: number | undefined;
  } = {},
): SeedQr {
  if (typeof payload !== "string" && !(payload instanceof Uint8Array)) {
    throw new TypeError("payload must be a string or a Uint8Array");
  }
  assertKnownOptions(options, ["wordlist", "wordlists", "now"], "options");
  const { wordlist = english, now = Number.MAX_SAFE_INTEGER } = options;
  assertUint(now, "now");
  indexOf(wordlist, "wordlist");
  const { wordlists = { english } } = options;
  assertWordlists(wordlists);
  if (typeof payload === "string") return parseText(payload, { wordlist, wordlists, now });
  const entropy = compactEntropy(payload);
  if (entropy !== undefined) return ofEntropy("compact-seedqr", entropy, wordlist);
  return parseText(textOf(payload), { wordlist, wordlists, now });
}

/**
 * What a SeedQR of these words holds: digits, four for each word; compact, the entropy's bytes, which are the caller's to wipe.
 * A QR code must hold the digits in numeric mode, the bytes in byte mode: `seedQrSvg` and `seedQrPng` of
 * `@cloudbackup/core/seed/picture` make it.
 *
 * @param mnemonic 12, 15, 18, 21 or 24 words, as a person types them
 * @param options what is made of them
 * @param options.compact bytes instead of digits: a smaller code, of the same words
 * @param options.wordlist of the words' language; by default English, the one that SeedQR knows
 * @throws TypeError for wrong arguments; InvalidMnemonicError, MnemonicChecksumError for wrong words
 * @example
 * ```ts
 * import { formatSeedQr } from "@cloudbackup/core/seed";
 *
 * console.log(formatSeedQr("forum undo fragile fade shy sign arrest garment culture tube off merit"));
 * // → 073318950739065415961602009907670428187212261116
 * ```
 * @see https://github.com/SeedSigner/seedsigner/blob/dev/docs/seed_qr/README.md
 */
export function formatSeedQr(
  mnemonic: string,
  options?: { compact?: false | undefined; wordlist?: Wordlist | undefined },
): string;
export function formatSeedQr(mnemonic: string, options: { compact: true; wordlist?: Wordlist | undefined }): Uint8Array;
export function formatSeedQr(
  mnemonic: string,
  options?: { compact?: boolean | undefined; wordlist?: Wordlist | undefined },
): string | Uint8Array;
export function formatSeedQr(
  mnemonic: string,
  options: { compact?: boolean | undefined; wordlist?: Wordlist | undefined } = {},
): string | Uint8Array {
  assertKnownOptions(options, ["compact", "wordlist"], "options");
  const { compact = false, wordlist = english } = options;
  if (typeof compact !== "boolean") throw new TypeError("compact must be a boolean");
  const entropy = mnemonicToEntropy(mnemonic, { wordlist });
  if (compact) return entropy;
  const list = indexOf(wordlist, "wordlist").exact;
  const words = entropyToMnemonic(entropy, { wordlist }).normalize("NFKD").split(" ");
  entropy.fill(0);
  return words.map((word) => String(list.get(word)).padStart(DIGITS_PER_WORD, "0")).join("");
}

interface Reading {
  wordlist: Wordlist;
  wordlists: Wordlists;
  now: number;
}

function parseText(text: string, { wordlist, wordlists, now }: Reading): SeedQr {
  const trimmed = text.trim();
  if (/^\d+$/u.test(trimmed)) return ofEntropy("seedqr", entropyOfDigits(trimmed, wordlist), wordlist);
  if (isPaperWallet(trimmed)) {
    const { entropy, ...rest } = parsePaperWallet(trimmed, now);
    return { ...ofEntropy("paper-wallet", entropy, wordlist), ...rest };
  }
  if (isUnprintable(text)) throw new InvalidSeedQrError("bytes-as-text");
  const isCounted = isMnemonicLength(readWords(trimmed).words.length);
  if (!isCounted && text.length < SHORTEST_WORDS) {
    const isOfBytes = isEntropyLength(text.length) && !isOtherText(text);
    throw new InvalidSeedQrError(isOfBytes ? "bytes-as-text" : "unknown-form");
  }
  if (!isCounted && !/\s/u.test(trimmed)) throw new InvalidSeedQrError("unknown-form");
  const entropy = mnemonicToEntropy(text, { wordlists });
  const check = checkMnemonic(text, { wordlists });
  return { format: "mnemonic", mnemonic: check.ok ? check.mnemonic : text, entropy };
}

function ofEntropy(format: SeedQr["format"], entropy: Uint8Array, wordlist: Wordlist): SeedQr {
  // Which makes one space of the Japanese one too.
  return { format, mnemonic: entropyToMnemonic(entropy, { wordlist }).normalize("NFKD"), entropy };
}

/** @throws InvalidSeedQrError */
function entropyOfDigits(digits: string, wordlist: Wordlist): Uint8Array {
  // Neither a number that something else counts, nor a barcode.
  if (!isMnemonicLength(digits.length / DIGITS_PER_WORD)) throw new InvalidSeedQrError("length");
  const { words } = indexOf(wordlist, "wordlist");
  const mnemonic = (digits.match(/\d{4}/gu) ?? []).map((index) => words[Number(index)]);
  if (mnemonic.includes(undefined)) throw new InvalidSeedQrError("index");
  try {
    return mnemonicToEntropy(mnemonic.join(" "), { wordlist });
  } catch (error) {
    if (error instanceof MnemonicChecksumError) throw new InvalidSeedQrError("checksum");
    throw error;
  }
}

/** The entropy in bytes that a CompactSeedQR gave, a copy; undefined for text. */
function compactEntropy(bytes: Uint8Array): Uint8Array | undefined {
  // The shortest text that is a seed has 37 bytes.
  if (isEntropyLength(bytes.length)) {
    const isText = bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
    return isText && isOtherText(String.fromCharCode(...bytes)) ? undefined : copyBytes(bytes);
  }
  return unframed(bytes);
}

/**
 * Text of the length of some entropy that is a link, a number or hex. Entropy looks like that once in 2^30 at most; codes
 * of links and numbers are everywhere.
 */
function isOtherText(text: string): boolean {
  return /^[a-z][a-z0-9+.-]{2,}:/iu.test(text) || /^\d+$/u.test(text) || /^[0-9a-f]+$/iu.test(text);
}

/** Characters that no person writes: what a scanner makes of bytes. */
function isUnprintable(text: string): boolean {
  return /[\p{Cs}\p{Co}\p{Cn}\ufffd]|(?![\t\n\v\f\r\u0085])\p{Cc}/u.test(text);
}

/**
 * What some scanners give, ZXing among them, is all that the code has room for: 4 (mode, 4 bits) ‖ length (8 bits) ‖ bytes ‖
 * 0 (4 bits) ‖ 0xec, 0x11, 0xec, … to its end.
 *
 * @see ISO/IEC 18004 §7.4.5, §7.4.10
 */
function unframed(bytes: Uint8Array): Uint8Array | undefined {
  const nibble = (at: number) => ((bytes[at >> 1] ?? 0) >> (at % 2 === 0 ? 4 : 0)) & 15;
  const length = (nibble(1) << 4) | nibble(2);
  if (nibble(0) !== 4 || !isEntropyLength(length) || bytes.length < length + 2) return undefined;
  if (nibble(3 + 2 * length) !== 0) return undefined;
  const padding = bytes.subarray(length + 2);
  if (!padding.every((byte, at) => byte === (at % 2 === 0 ? 0xec : 0x11))) return undefined;
  return Uint8Array.from({ length }, (_, at) => (nibble(3 + 2 * at) << 4) | nibble(4 + 2 * at));
}

/** @throws InvalidSeedQrError unless it is UTF-8 */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new InvalidSeedQrError("unknown-form");
  }
}
