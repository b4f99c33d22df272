import type { KeySource } from "@cloudbackup/core";
import { checkMnemonic, InvalidMnemonicError, InvalidSeedError } from "@cloudbackup/core/seed";
import type { Context } from "../context.ts";
import type { Languages } from "../languages.ts";
import { explainWords, separateWords, type WordsProblem } from "../typed-words.ts";
import { seedOfText } from "./text.ts";

const INSTEAD = "Give the words by --seed-fd, or a seed that is no words; --help lists the ways.";
const MNEMONIC = { unknown: "in no word list", counts: "a mnemonic has 12, 15, 18, 21 or 24" };
const MOST_WORDS = 24;

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
    if (typed !== "") prompter.tell(other ?? explainWords(check, MNEMONIC));
    typed = other === undefined ? await askOn(ask, typed, check) : "";
    if (typed === "") typed = await ask("Words:");
  }
}

/** What is typed where words are missing, or one is wrong, with what was typed before. Empty: all is to be typed again. */
async function askOn(ask: (message: string) => Promise<string>, typed: string, check: WordsProblem): Promise<string> {
  const { problem, count, position } = check;
  const words = separateWords(typed, check);
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
