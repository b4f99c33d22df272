import type { KeySource } from "@cloudbackup/core";
import { checkMnemonic, InvalidMnemonicError, InvalidSeedError, type MnemonicCheck } from "@cloudbackup/core/seed";
import type { Context } from "../context.ts";
import type { Languages } from "../languages.ts";
import { seedOfText } from "./text.ts";

const INSTEAD = "Give the words by --seed-fd, or a seed that is no words; --help lists the ways.";
const COUNTS = "12, 15, 18, 21 or 24";
const MOST_WORDS = 24;

type Problem = Extract<MnemonicCheck, { ok: false }>;

/**
 * Asks for the words until they are a mnemonic; a raw seed or a root key is taken, too. What is wrong is said by position, and
 * words that may be meant are offered, at the terminal alone. A single wrong word is asked for again alone.
 */
export async function askSeed(
  { prompter }: Context,
  languages: Languages,
): Promise<{ mnemonic: string } | { source: KeySource }> {
  const ask = async (message: string): Promise<string> => {
    let typed = await prompter.askWords({ message, instead: INSTEAD });
    // Pasted in several lines.
    while (prompter.hasMore) typed += ` ${await prompter.askWords({ message, instead: INSTEAD })}`;
    return typed.trim();
  };
  let typed = await ask("Words:");
  for (;;) {
    const check = checkMnemonic(typed, languages);
    if (check.ok) return { mnemonic: check.mnemonic };
    const other = await otherSeed(typed, languages);
    if (typeof other === "object") return other;
    if (typed !== "") prompter.tell(other ?? explain(check));
    typed = other === undefined ? await askOn(ask, typed, check) : "";
    if (typed === "") typed = await ask("Words:");
  }
}

/** What is typed where words are missing, or one is wrong, with what was typed before. Empty: all is to be typed again. */
async function askOn(ask: (message: string) => Promise<string>, typed: string, check: Problem): Promise<string> {
  const { problem, count, position } = check;
  const words = wordsOf(typed, check);
  if (problem === "unknown-word" && words && position !== undefined) {
    const word = await ask(`Word ${position} again (Enter alone: all words again):`);
    return word === "" ? "" : words.toSpliced(position - 1, 1, word).join(" ");
  }
  const isShort = (problem === "word-count" || problem === "checksum") && count > 0 && count < MOST_WORDS;
  if (!isShort) return "";
  const more = await ask("The words after them (Enter alone: all words again):");
  return more === "" ? "" : `${typed} ${more}`;
}

/** Undefined: it is words. A sentence: it is a seed of another kind, and wrong. */
async function otherSeed(typed: string, languages: Languages): Promise<{ source: KeySource } | string | undefined> {
  if (/\s/u.test(typed)) return undefined;
  try {
    const given = await seedOfText(typed, languages);
    return "source" in given ? given : undefined;
  } catch (error) {
    if (error instanceof InvalidSeedError && error.reason !== "unknown-form") return error.message;
    if (error instanceof InvalidSeedError || error instanceof InvalidMnemonicError) return undefined;
    throw error;
  }
}

/** What is wrong, for the person who typed it: it offers words. */
function explain({ problem, count, position, nearest = [] }: Problem): string {
  switch (problem) {
    case "unknown-word":
      return `Word ${position} is in no word list.${nearest.length > 0 ? ` Near it: ${nearest.join(", ")}.` : ""}`;
    case "word-count":
      return `${count === 1 ? "That is 1 word" : `Those are ${count} words`}; a mnemonic has ${COUNTS}.`;
    case "checksum":
      return `All ${count} words are known, but do not belong together: one is another word, two are swapped, or some are missing.`;
    case "numbering":
      return "The numbers beside the words are not 1, 2, 3 … to the last. Type the words without numbers.";
    case "ambiguous":
      return "The words are right in several languages, which give different seeds: begin again with --language.";
  }
}

/** Undefined where a word of them cannot be told from its neighbours: numbers stand there, or no space. */
function wordsOf(typed: string, { count }: Problem): string[] | undefined {
  const words = typed.split(/\s+/u);
  return words.length === count && !/\d/u.test(typed) ? words : undefined;
}
