import { checkMnemonic, type MnemonicCheck } from "@cloudbackup/core/seed";
import type { Context } from "../context.ts";
import type { Languages } from "../languages.ts";

const INSTEAD = "Give the words by --seed-fd, or a seed that is no words; --help lists the ways.";
const COUNTS = "12, 15, 18, 21 or 24";
const MOST_WORDS = 24;

type Problem = Extract<MnemonicCheck, { ok: false }>;

/** Words that are right. */
export type Checked = Extract<MnemonicCheck, { ok: true }>;

/**
 * Asks for the words until they are a mnemonic. What is wrong is said by position, and words that may be meant are offered, at
 * the terminal alone. A single wrong word is asked for again alone.
 */
export async function askMnemonic({ prompter }: Context, languages: Languages, message = "Words:"): Promise<Checked> {
  const ask = (text: string) => prompter.askWords({ message: text, instead: INSTEAD });
  const askLines = async (text: string): Promise<string> => {
    let typed = await ask(text);
    // Pasted in several lines.
    while (prompter.hasMore) typed += ` ${await ask(text)}`;
    return typed.trim();
  };
  let typed = "";
  let question = message;
  for (;;) {
    const more = await askLines(question);
    question = message;
    if (more === "") typed = "";
    else typed = `${typed} ${more}`.trim();
    if (typed === "") continue;
    let check = checkMnemonic(typed, languages);
    while (!check.ok && check.problem === "unknown-word") {
      prompter.tell(explain(check));
      const { position } = check;
      const words = wordsOf(typed, check);
      if (!words || position === undefined) break;
      const again = await askLines(`Word ${position} again (Enter alone: all words again):`);
      words[position - 1] = again;
      typed = again === "" ? "" : words.join(" ");
      check = checkMnemonic(typed, languages);
      if (typed === "") break;
    }
    if (check.ok) return check;
    if (check.problem !== "unknown-word") {
      if (typed !== "") prompter.tell(explain(check));
      const mayGoOn = check.count < MOST_WORDS && (check.problem === "word-count" || check.problem === "checksum");
      if (!mayGoOn) typed = "";
      else if (typed !== "") question = "The words after them (Enter alone: all words again):";
    } else {
      typed = "";
    }
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
