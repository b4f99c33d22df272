import { CHECKSUM_WORDS, checksumOf, hasChecksum } from "./shamir-checksum.ts";
import { InvalidShareError, type ShareProblem } from "./shamir-errors.ts";
import { slip39Words } from "./slip39-words.ts";
import { readWords } from "./words.ts";

/** What a share says of itself to whoever reads it. Groups and members count from 1. */
export interface ShareFacts {
  /** 0 to 32767, drawn when the secret was split: shares of one set have it alike. */
  identifier: number;
  /** Whether the secret can be split again into shares that need the same passphrase and give the same wallet. */
  extendable: boolean;
  /** 0 to 15: how dear it is to try a passphrase, twice as dear for each step. */
  iterationExponent: number;
  /** The share's group. */
  group: number;
  /** How many groups must be complete. */
  groupThreshold: number;
  /** How many groups there are. */
  groupCount: number;
  /** The share's number in its group. */
  member: number;
  /** How many shares of its group must be there. */
  memberThreshold: number;
  /** Length of the secret: 16 to 32, even. */
  secretBytes: number;
}

/** A share with what it keeps. */
export interface Share extends ShareFacts {
  /** As long as the secret, and as secret. */
  value: Uint8Array;
}

/** Typed text that is no share. */
export interface ShareFault {
  problem: ShareProblem;
  /** How many words were typed. */
  count: number;
  /** The first unknown word as it is looked for, and its position from 1. */
  unknown?: { position: number; word: string };
}

export const MIN_SECRET_BYTES = 16;
export const MAX_SECRET_BYTES = 32;
const WORD_BITS = 10;
const WORD_MASK = (1 << WORD_BITS) - 1;
const HEADER_WORDS = 4;

/** How many words a share of a secret has: 20 for 16 bytes, 33 for 32. */
const wordCount = (secretBytes: number) => HEADER_WORDS + valueWords(secretBytes) + CHECKSUM_WORDS;
const MAX_WORDS = 33;
const valueWords = (secretBytes: number) => Math.ceil((secretBytes * 8) / WORD_BITS);

/*
 * Bits, the highest first, in words of 10:
 *
 *   identifier 15 | extendable 1 | iteration exponent 4
 *   group 4 | group threshold 4 | group count 4 | member 4 | member threshold 4      each less one
 *   zeros to a whole word, then the value
 *   checksum 30
 *
 * SLIP-39, "Format of the share mnemonic"
 */

/**
 * Reads a share as a person types it: see `readWords`.
 *
 * @throws InvalidShareError for a problem of this one share
 */
export function parseShare(typed: string): Share {
  const read = readShare(typed);
  if (!("problem" in read)) return read;
  const { problem, count, unknown } = read;
  const position = unknown?.position;
  throw new InvalidShareError(problem, messageOf(problem, count, position), { position });
}

/** The same, for who asks first. */
export function readShare(typed: string): Share | ShareFault {
  const { words, isNumberedRight } = readWords(typed);
  const count = words.length;
  const secretBytes = secretBytesOf(count);
  // More are no share, whatever they are.
  const indices = words.slice(0, MAX_WORDS).map((word) => slip39Words.indexOf(word));
  const at = indices.indexOf(-1);
  const unknown = at < 0 ? {} : { unknown: { position: at + 1, word: words[at] as string } };
  if (!isNumberedRight) return { problem: "numbering", count };
  if (secretBytes === undefined) return { problem: "word-count", count, ...unknown };
  if (at >= 0) return { problem: "unknown-word", count, ...unknown };
  try {
    return decodeShare(indices, secretBytes);
  } finally {
    indices.fill(0);
  }
}

function decodeShare(indices: readonly number[], secretBytes: number): Share | ShareFault {
  const count = indices.length;
  const [first, second, third, fourth] = indices as [number, number, number, number];
  const head = (first << WORD_BITS) | second;
  const extendable = ((head >>> 4) & 1) === 1;
  if (!hasChecksum(indices, extendable)) return { problem: "checksum", count };

  const place = (third << WORD_BITS) | fourth;
  const nibble = (shift: number) => ((place >>> shift) & 0xf) + 1;
  const [groupThreshold, groupCount] = [nibble(12), nibble(8)];
  if (groupThreshold > groupCount) return { problem: "group-threshold", count };

  const value = decodeValue(indices.slice(HEADER_WORDS, -CHECKSUM_WORDS), secretBytes);
  if (value === null) return { problem: "padding", count };
  return {
    identifier: head >>> 5,
    extendable,
    iterationExponent: head & 0xf,
    group: nibble(16),
    groupThreshold,
    groupCount,
    member: nibble(4),
    memberThreshold: nibble(0),
    secretBytes,
    value,
  };
}

/** Words in lower case, one space between. */
export function formatShare(share: Share): string {
  const { identifier, extendable, iterationExponent, value } = share;
  const head = (identifier << 5) | (Number(extendable) << 4) | iterationExponent;
  const place = [share.group, share.groupThreshold, share.groupCount, share.member, share.memberThreshold].reduce(
    (bits, number) => (bits << 4) | (number - 1),
    0,
  );
  const words = [head, place].flatMap((bits) => [bits >>> WORD_BITS, bits & WORD_MASK]).concat(encodeValue(value));
  words.push(...checksumOf(words, extendable));
  const text = words.map((index) => slip39Words[index]).join(" ");
  words.fill(0);
  return text;
}

/**
 * The public part of a share: which set, group and member it is of, and how many are needed. For a label beside it, or to
 * say what is still missing.
 *
 * @param share as a person types it, in any white space and case
 * @returns nothing that is secret
 * @throws TypeError unless it is text; InvalidShareError with the `reason`
 * @example
 * ```ts
 * import { describeShare } from "@cloudbackup/core/seed";
 *
 * const share =
 *   "shadow pistol academic always adequate wildlife fancy gross oasis cylinder mustang wrist rescue view short owner flip making coding armed";
 * const { member, memberThreshold, secretBytes } = describeShare(share);
 * console.log(member, memberThreshold, secretBytes); // → 3 2 16
 * ```
 * @see https://github.com/satoshilabs/slips/blob/master/slip-0039.md
 */
export function describeShare(share: string): ShareFacts {
  if (typeof share !== "string") throw new TypeError("share must be a string");
  return factsOf(parseShare(share));
}

/** Wipes the rest. */
export function factsOf({ value, ...facts }: Share): ShareFacts {
  value.fill(0);
  return facts;
}

/** Undefined for a number of words that no share has. */
function secretBytesOf(words: number): number | undefined {
  for (let bytes = MIN_SECRET_BYTES; bytes <= MAX_SECRET_BYTES; bytes += 2) {
    if (wordCount(bytes) === words) return bytes;
  }
  return undefined;
}

/** Null where the bits before the value are not zero. */
function decodeValue(words: readonly number[], length: number): Uint8Array | null {
  const padding = WORD_BITS * words.length - 8 * length;
  if ((words[0] as number) >>> (WORD_BITS - padding) !== 0) return null;
  const value = new Uint8Array(length);
  let bits = -padding;
  let held = 0;
  let at = 0;
  for (const word of words) {
    held = (held << WORD_BITS) | word;
    for (bits += WORD_BITS; bits >= 8; held &= (1 << bits) - 1) {
      bits -= 8;
      value[at++] = held >>> bits;
    }
  }
  return value;
}

function encodeValue(value: Uint8Array): number[] {
  const words: number[] = [];
  let bits = WORD_BITS * valueWords(value.length) - 8 * value.length;
  let held = 0;
  for (const byte of value) {
    held = (held << 8) | byte;
    bits += 8;
    if (bits < WORD_BITS) continue;
    bits -= WORD_BITS;
    words.push(held >>> bits);
    held &= (1 << bits) - 1;
  }
  return words;
}

function messageOf(problem: ShareProblem, count: number, position: number | undefined): string {
  switch (problem) {
    case "numbering":
      return "The numbers beside the words are not 1 to the last, one before each word";
    case "word-count":
      return `A share has 20 or 33 words, seldom 22, 23, 25, 27, 28, 30 or 31; this one has ${count}`;
    case "unknown-word":
      return `Word ${position} is not in the word list of shares`;
    case "checksum":
      return "The checksum of the share is wrong: a word is mistyped, or two are swapped";
    case "padding":
      return "The share is not as SLIP-39 writes one: bits are set that no secret has";
    case "group-threshold":
      return "The share asks for more groups than there are";
  }
}
