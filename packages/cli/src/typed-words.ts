import type { MnemonicCheck, ShareCheck } from "@cloudbackup/core/seed";

/** What core found wrong with words that were typed. */
export type WordsProblem = Extract<MnemonicCheck | ShareCheck, { ok: false }>;

/** How words of one kind are spoken of. */
interface Kind {
  /** `a mnemonic has 12, 15, 18, 21 or 24` */
  readonly counts: string;
  /** `in no word list` */
  readonly unknown: string;
}

/** What is wrong, for the person who typed it, at the terminal alone: it offers words. */
export function explainWords({ problem, count, position, nearest = [] }: WordsProblem, kind: Kind): string {
  switch (problem) {
    case "unknown-word": {
      const near = nearest.length > 0 ? ` Near it: ${nearest.join(", ")}.` : "";
      return `Word ${position} is ${kind.unknown}.${near}`;
    }
    case "word-count":
      return `${count === 1 ? "That is 1 word" : `Those are ${count} words`}; ${kind.counts}.`;
    case "checksum":
      return `All ${count} words are known, but do not belong together: one is another word, two are swapped, or some are missing.`;
    case "numbering":
      return "The numbers beside the words are not 1, 2, 3 … to the last. Type the words without numbers.";
    case "ambiguous":
      return "The words are right in several languages, which give different seeds: begin again with --language.";
    case "padding":
    case "group-threshold":
      return "The words belong together, but are no share as SLIP-39 writes one.";
  }
}

/** Undefined where a word of them cannot be told from its neighbours: numbers stand there, or no space. */
export function separateWords(typed: string, { count }: Pick<WordsProblem, "count">): string[] | undefined {
  const words = typed.split(/\s+/u);
  return words.length === count && !/\d/u.test(typed) ? words : undefined;
}
