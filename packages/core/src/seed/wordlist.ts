import { bareKey, wordKey } from "./words.ts";

/** The 2048 words of one language, in the order of BIP-39. */
export type Wordlist = readonly string[];

/** Lists by the name of their language: `english`, `japanese`, `chinese-simplified`, … */
export type Wordlists = Readonly<Record<string, Wordlist>>;

const WORDLIST_LENGTH = 2048;

/** A list as it is searched. */
export interface WordIndex {
  /** The words in NFKD, as a seed is made of them. */
  words: readonly string[];
  /** Position of each word in the list. */
  exact: ReadonlyMap<string, number>;
  /** The same without accents. A word that is not alone in that is missing. */
  bare: ReadonlyMap<string, number>;
}

/** Of lists that cannot change. A field that is checked with every key that is pressed asks for them again and again. */
const indexes = /* @__PURE__ */ new WeakMap<Wordlist, WordIndex>();

/** @throws TypeError, which names the argument, unless it has 2048 different words */
export function indexOf(wordlist: Wordlist, name: string): WordIndex {
  const known = typeof wordlist === "object" && wordlist !== null ? indexes.get(wordlist) : undefined;
  if (known) return known;
  if (!Array.isArray(wordlist) || !wordlist.every((word) => typeof word === "string")) {
    throw new TypeError(`${name} must be an array of ${WORDLIST_LENGTH} different words`);
  }
  const exact = new Map(wordlist.map((word, at) => [wordKey(word), at]));
  if (wordlist.length !== WORDLIST_LENGTH || exact.size !== WORDLIST_LENGTH) {
    throw new TypeError(`${name} must be an array of ${WORDLIST_LENGTH} different words`);
  }
  const bare = new Map<string, number>();
  const shared = new Set<string>();
  for (const [key, at] of exact) {
    const short = bareKey(key);
    if (bare.has(short)) shared.add(short);
    bare.set(short, at);
  }
  for (const short of shared) bare.delete(short);
  const index = { words: wordlist.map((word) => word.normalize("NFKD")), exact, bare };
  if (Object.isFrozen(wordlist)) indexes.set(wordlist, index);
  return index;
}
