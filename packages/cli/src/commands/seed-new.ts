import { generateMnemonic } from "@cloudbackup/core/seed";
import { type Command, Option } from "commander";
import type { Context } from "../context.ts";
import { NoTerminalError } from "../errors.ts";
import { LANGUAGE_NAMES, languagesOf } from "../languages.ts";
import { command, type Run } from "./command.ts";

const COUNTS = [12, 15, 18, 21, 24] as const;
const COLUMNS = 4;
/** How many words a person is asked for, to see that they were written down. */
const ASKED = 3;

export function seedNew(run: Run): Command {
  const made = command("new", {
    summary: "makes a new mnemonic",
    more: "The words are shown until Enter is pressed, and kept nowhere: write them down on paper. With --json they are printed, for a program that knows what it does with them.",
    examples: ["cloudbackup seed new", "cloudbackup seed new --words 12 --language spanish"],
  })
    .addOption(new Option("--words <count>", "how many").choices(COUNTS.map(String)).default("24"))
    .option("--language <name>", `of the words: ${LANGUAGE_NAMES.join(", ")}`, "english");
  run(made, async (context, { words, language }: { words: string; language: string }) => {
    const [wordlist] = Object.values(languagesOf(language).wordlists);
    const count = Number(words) as (typeof COUNTS)[number];
    const mnemonic = generateMnemonic({ random: context.io.random, words: count, wordlist });
    if (context.output.isJson) context.output.result({ mnemonic, words: count, language }, []);
    else await show(context, mnemonic.normalize("NFKC").split(/\s+/u));
  });
  return made;
}

async function show(context: Context, words: readonly string[]): Promise<void> {
  const { prompter, output, io } = context;
  if (!prompter.isThere) throw new NoTerminalError("New words", "Run this where there is one, or with --json.");
  const lines = ["Write these words down, in this order. Who has them has the coins.", "", ...columns(words), ""];
  await prompter.showAlone(lines, "Press Enter when they are written down, and they are gone:");
  for (const position of positions(io.random, words.length)) {
    await prompter.askWords({
      message: `To be sure, word ${position}:`,
      instead: "",
      validate: (typed) => {
        const isIt = typed.trim().toLowerCase().normalize("NFKC") === words[position - 1];
        return isIt ? undefined : "That is not it. Ctrl-C ends this: then make new words.";
      },
    });
  }
  output.note(`These ${words.length} words are a new seed, and nothing else keeps them.`);
}

/** Down, then to the right. */
function columns(words: readonly string[]): string[] {
  const rows = Math.ceil(words.length / COLUMNS);
  const cell = (index: number) => {
    const word = words[index];
    return word === undefined ? "" : `${String(index + 1).padStart(2)}. ${word}`.padEnd(16);
  };
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: COLUMNS }, (_, column) => cell(column * rows + row))
      .join("")
      .trimEnd(),
  );
}

/** Some, ascending. */
function positions(random: (length: number) => Uint8Array, count: number): number[] {
  const chosen = new Set<number>();
  while (chosen.size < ASKED) {
    const [byte = 0] = random(1);
    // Without a remainder that would prefer some.
    if (byte < Math.floor(256 / count) * count) chosen.add((byte % count) + 1);
  }
  return [...chosen].sort((a, b) => a - b);
}
