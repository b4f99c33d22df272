import { mnemonicToEntropy } from "@scure/bip39";
import { InvalidMnemonicError, MnemonicChecksumError, type MnemonicProblem } from "./mnemonic-errors.ts";
import { isMnemonicLength } from "./mnemonic-lengths.ts";
import { indexOf, type WordIndex, type Wordlists } from "./wordlist.ts";
import { bareKey, readWords } from "./words.ts";

const MAX_WORDS = 24;

/** A mnemonic that is right in one language. */
export interface Mnemonic {
  language: string;
  /** The list's words, NFKD, one space between two: what the seed is made of. */
  text: string;
  /** Whoever reads it wipes it. */
  entropy: Uint8Array;
}

/** Typed text that is no mnemonic. */
export interface Refusal {
  problem: MnemonicProblem;
  /** How many words were typed. */
  count: number;
  /** The first unknown word as it is looked for, and its position from 1. */
  unknown?: { position: number; word: string };
  /** The languages that have the most of the words. */
  languages: string[];
}

/** The words in one list: their positions in it, −1 for one that it does not have. */
interface Reading {
  language: string;
  list: WordIndex;
  positions: number[];
  known: number;
  isExact: boolean;
}

/** One mnemonic for each language that it is right in, in the order of `wordlists`; or what is wrong. */
export function readMnemonic(typed: string, wordlists: Wordlists): Mnemonic[] | Refusal {
  const { words, isNumberedRight } = readWords(typed);
  // More are no mnemonic, whatever they are.
  const considered = words.slice(0, MAX_WORDS);
  const readings = indexesOf(wordlists).map(([language, list]) => readIn(language, list, considered));
  const best = bestOf(readings);
  const languages = best.filter(({ known }) => known > 0).map(({ language }) => language);
  const count = words.length;
  const at = best[0]?.positions.indexOf(-1) ?? -1;
  const unknown = at < 0 ? {} : { unknown: { position: at + 1, word: considered[at] as string } };
  if (!isNumberedRight) return { problem: "numbering", count, languages };
  if (!isMnemonicLength(count)) return { problem: "word-count", count, languages, ...unknown };
  if (at >= 0) return { problem: "unknown-word", count, languages, ...unknown };
  const mnemonics = best.flatMap((reading) => checked(reading) ?? []);
  return mnemonics.length > 0 ? mnemonics : { problem: "checksum", count, languages };
}

function indexesOf(wordlists: Wordlists): [language: string, list: WordIndex][] {
  return Object.entries(wordlists).map(([language, wordlist]) => [
    language,
    indexOf(wordlist, `wordlists.${language}`),
  ]);
}

function readIn(language: string, list: WordIndex, words: readonly string[]): Reading {
  const exact = words.map((word) => list.exact.get(word) ?? -1);
  const positions = exact.map((at, i) => (at < 0 ? (list.bare.get(bareKey(words[i] as string)) ?? -1) : at));
  const known = positions.filter((at) => at >= 0).length;
  return { language, list, positions, known, isExact: !exact.includes(-1) };
}

/**
 * The readings that have the most of the words, and of these those that have them up to the furthest; where some have all
 * as they were typed, those alone. The others would change a letter to be right.
 */
function bestOf(readings: readonly Reading[]): Reading[] {
  const reached = ({ positions }: Reading) => (positions.includes(-1) ? positions.indexOf(-1) : positions.length);
  const rank = (a: Reading, b: Reading) =>
    b.known - a.known || reached(b) - reached(a) || Number(b.isExact) - Number(a.isExact);
  const first = [...readings].sort(rank)[0];
  return readings.filter((reading) => first !== undefined && rank(reading, first) === 0);
}

/** Undefined where the checksum is wrong. */
function checked({ language, list, positions }: Reading): Mnemonic | undefined {
  const text = positions.map((at) => list.words[at]).join(" ");
  try {
    return { language, text, entropy: mnemonicToEntropy(text, list.words as string[]) };
  } catch {
    // The library's error could show words, so it is not kept as a cause.
    return undefined;
  }
}

/** Whether these are as many words as a mnemonic has, and one of the lists has all of them. */
export function isOfWords(words: readonly string[], wordlists: Wordlists): boolean {
  if (!isMnemonicLength(words.length)) return false;
  return indexesOf(wordlists).some(([, list]) => words.every((word) => list.exact.has(word)));
}

/** Wipes the entropy of all. */
export function wipeMnemonics(mnemonics: readonly Mnemonic[]): void {
  for (const { entropy } of mnemonics) entropy.fill(0);
}

/** A refusal as an error, which says no word. */
export function errorOf({ problem, count, unknown }: Refusal): InvalidMnemonicError {
  if (problem === "checksum") return new MnemonicChecksumError();
  const position = unknown?.position;
  const messages = {
    "word-count": `A mnemonic has 12, 15, 18, 21 or 24 words, this one has ${count}`,
    numbering: "The numbers beside the words are not 1 to the last, one before each word",
    "unknown-word": `Word ${position} is not in the word list`,
    ambiguous: "The words are right in more than one language, and mean another seed in each: say which language it is",
  };
  return new InvalidMnemonicError(messages[problem], { problem, position });
}
