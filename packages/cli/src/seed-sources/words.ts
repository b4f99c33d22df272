import { InvalidMnemonicError, mnemonicToSeed } from "@cloudbackup/core/seed";
import type { Context } from "../context.ts";

const INSTEAD = "Give the words by --seed-fd, or a way of giving a seed that needs none (--help lists them).";

/** Asks for the words until they are a mnemonic; what is wrong is said by position, at the terminal alone. */
export async function askMnemonic({ prompter }: Context, message = "Words:"): Promise<string> {
  let typed = "";
  for (;;) {
    typed = `${typed} ${await prompter.askWords({ message, instead: INSTEAD })}`.trim();
    if (prompter.hasMore) continue;
    const problem = await problemOf(typed);
    if (problem === undefined) return typed;
    prompter.tell(problem);
    typed = "";
  }
}

async function problemOf(typed: string): Promise<string | undefined> {
  try {
    (await mnemonicToSeed(typed)).fill(0);
    return undefined;
  } catch (error) {
    if (error instanceof InvalidMnemonicError) return error.message;
    throw error;
  }
}
