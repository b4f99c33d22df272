import { assertKnownOptions } from "../bytes.ts";
import { assertWordlists } from "./mnemonic.ts";
import type { MnemonicProblem } from "./mnemonic-errors.ts";
import { nearestWords } from "./nearest.ts";
import { type Refusal, readMnemonic, wipeMnemonics } from "./read-mnemonic.ts";
import type { Wordlist, Wordlists } from "./wordlist.ts";
import { wordlist as english } from "./wordlists/english.ts";

/** What a check of typed words found. It holds words: show it to the person, and log nothing of it. */
export type MnemonicCheck =
  | {
      /** They are right. */
      ok: true;
      /** The words as a seed is made of them: NFKD, lower case, one space between two. */
      mnemonic: string;
      /** Every language that they are right in, in the order of `wordlists`. */
      languages: string[];
    }
  | {
      /** They are not. */
      ok: false;
      /** What is wrong. */
      problem: MnemonicProblem;
      /** How many words were typed. */
      count: number;
      /** The first word that is in no list, counted from 1; absent where all are known. */
      position?: number;
      /** Words of the lists that are most like it, the nearest first, 5 at most; absent where all are known. */
      nearest?: string[];
      /** The languages that have the most of the words; empty where none has any. */
      languages: string[];
    };

/**
 * Says of words what is wrong with them, and what to write in the place of one that is unknown: for a field that a person
 * types in. Nothing is thrown for whatever they are, and no abbreviation is taken for a word.
 *
 * @param typed as it is in the field
 * @param options `wordlists`: where to look, by language; by default English alone
 * @throws TypeError for wrong arguments
 * @example
 * ```ts
 * import { checkMnemonic } from "@cloudbackup/core/seed";
 * import { wordlists } from "@cloudbackup/core/seed/wordlists";
 *
 * const check = checkMnemonic("1. zoo 2. zoo 3. zoo 4. zoo 5. zoo 6. zoo 7. zoo 8. zoo 9. zoo 10. zoo 11. zoo 12. worng", { wordlists });
 * if (!check.ok) console.log(check.problem, check.position, check.nearest?.[0]); // → unknown-word 12 wrong
 *
 * console.log(checkMnemonic("的的的的的的的的的的的在", { wordlists }).languages); // → [ 'chinese-simplified', 'chinese-traditional' ]
 * ```
 */
export function checkMnemonic(
  typed: string,
  options: {
    /** Lists by language: all of `@cloudbackup/core/seed/wordlists`, or some. */
    wordlists?: Wordlists | undefined;
  } = {},
): MnemonicCheck {
  if (typeof typed !== "string") throw new TypeError("typed must be a string");
  assertKnownOptions(options, ["wordlists"], "options");
  const { wordlists = { english } } = options;
  assertWordlists(wordlists);
  const read = readMnemonic(typed, wordlists);
  if (!Array.isArray(read)) return explain(read, wordlists);
  wipeMnemonics(read);
  const languages = read.map(({ language }) => language);
  const [mnemonic = "", ...others] = new Set(read.map(({ text }) => text));
  if (others.length > 0) return { ok: false, problem: "ambiguous", count: mnemonic.split(" ").length, languages };
  return { ok: true, mnemonic, languages };
}

function explain({ problem, count, unknown, languages }: Refusal, wordlists: Wordlists): MnemonicCheck {
  if (!unknown) return { ok: false, problem, count, languages };
  const { position, word } = unknown;
  // Where no language has any of the words, each may be theirs.
  const names = languages.length > 0 ? languages : Object.keys(wordlists);
  const nearest = nearestWords(
    word,
    names.map((language) => wordlists[language] as Wordlist),
  );
  return { ok: false, problem, count, position, nearest, languages };
}
