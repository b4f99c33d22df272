/**
 * `@cloudbackup/core/seed/wordlists`: the word lists of BIP-39, all ten. Who needs one alone imports it as
 * `@cloudbackup/core/seed/wordlists/japanese`.
 *
 * @module seed/wordlists
 */
import type { Wordlist } from "./wordlist.ts";
import { wordlist as chineseSimplified } from "./wordlists/chinese-simplified.ts";
import { wordlist as chineseTraditional } from "./wordlists/chinese-traditional.ts";
import { wordlist as czech } from "./wordlists/czech.ts";
import { wordlist as english } from "./wordlists/english.ts";
import { wordlist as french } from "./wordlists/french.ts";
import { wordlist as italian } from "./wordlists/italian.ts";
import { wordlist as japanese } from "./wordlists/japanese.ts";
import { wordlist as korean } from "./wordlists/korean.ts";
import { wordlist as portuguese } from "./wordlists/portuguese.ts";
import { wordlist as spanish } from "./wordlists/spanish.ts";

export type { Wordlist, Wordlists } from "./wordlist.ts";

/** The languages that BIP-39 has lists of. */
export type MnemonicLanguage =
  | "english"
  | "japanese"
  | "korean"
  | "spanish"
  | "chinese-simplified"
  | "chinese-traditional"
  | "french"
  | "italian"
  | "czech"
  | "portuguese";

/**
 * All lists, by language, in the order of BIP-39's own page.
 *
 * @see https://github.com/bitcoin/bips/blob/master/bip-0039/bip-0039-wordlists.md
 */
export const wordlists: Readonly<Record<MnemonicLanguage, Wordlist>> = {
  english,
  japanese,
  korean,
  spanish,
  "chinese-simplified": chineseSimplified,
  "chinese-traditional": chineseTraditional,
  french,
  italian,
  czech,
  portuguese,
};
