import { generateMnemonic } from "@cloudbackup/core/seed";
import { type Command, Option } from "commander";
import type { Context } from "../context.ts";
import { LANGUAGE_NAMES, languagesOf } from "../languages.ts";
import { writeDown } from "../write-down.ts";
import { command, type Run } from "./command.ts";

const COUNTS = [12, 15, 18, 21, 24] as const;

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
  const heading = "Write these words down, in this order. Who has them has the coins.";
  await writeDown(context, { heading, words, otherwise: "Ctrl-C ends this: then make new words." });
  context.output.note(`These ${words.length} words are a new seed, and nothing else keeps them.`);
}
