import type { Wordlist } from "./wordlist.ts";
import { bareKey, wordKey } from "./words.ts";

const MAX_NEAREST = 5;
/** In which the words of most lists differ from one another. */
const PREFIX_LETTERS = 4;
/** Longer ones are like no word, and are compared with none: the longest of a list has 11 letters, in Korean's smallest parts. */
const MAX_LETTERS = 24;

/**
 * The words of the lists that are most like a word that none has, the nearest first, 5 at most: one that it begins (as the
 * abbreviations of four letters that steel plates have), one that a letter or two changed, added, left out or swapped make
 * of it, one that begins with the same four letters.
 *
 * @param word as `readWords` gives it
 * @param wordlists where to look
 */
export function nearestWords(word: string, wordlists: readonly Wordlist[]): string[] {
  const typed = letters(word);
  if (typed.length > MAX_LETTERS) return [];
  const found = new Map<string, number>();
  for (const candidate of new Set(wordlists.flat())) {
    const farness = farnessOf(letters(wordKey(candidate)), typed);
    if (farness !== undefined) found.set(candidate, farness);
  }
  // The sort is stable: those equally near stay in the order of their list.
  const sorted = [...found].sort(([, a], [, b]) => a - b);
  return sorted.slice(0, MAX_NEAREST).map(([candidate]) => candidate);
}

/** Katakana as Hiragana, which the Japanese list is written in. */
function letters(key: string): string {
  return bareKey(key).replace(/[\u30a1-\u30f6]/g, (kana) => String.fromCharCode(kana.charCodeAt(0) - 0x60));
}

/** Smaller is nearer, undefined is not near. A word that was begun is nearer than one with another letter. */
function farnessOf(word: string, typed: string): number | undefined {
  const most = typed.length < 2 ? 0 : typed.length < 4 ? 1 : 2;
  if (typed.length > 1 && word.startsWith(typed)) return 1;
  const distance = editDistance(typed, word, most);
  // A first letter is seldom wrong.
  if (distance <= most) return 4 * distance - (word[0] === typed[0] ? 1 : 0);
  const isSameStart = typed.length > PREFIX_LETTERS && word.startsWith(typed.slice(0, PREFIX_LETTERS));
  return isSameStart ? 4 * most + 1 : undefined;
}

/**
 * How many letters are to be changed, added, left out or swapped with the next one: the optimal string alignment distance, as
 * far as it is at most `most`, else any larger number.
 *
 * @see https://en.wikipedia.org/wiki/Damerau%E2%80%93Levenshtein_distance
 */
function editDistance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min(
        (last[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (last[j - 1] as number) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, (before[j - 2] as number) + 1);
      }
      row.push(least);
    }
    [before, last] = [last, row];
  }
  return last[b.length] as number;
}
