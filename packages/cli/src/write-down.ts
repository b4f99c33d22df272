import type { Context } from "./context.ts";
import { NoTerminalError } from "./errors.ts";

const COLUMNS = 4;
/** How many words a person is asked for, to see that they were written down. */
const ASKED = 3;

/** What is to be written down. */
export interface Page {
  /** What stands above the words. */
  heading: string;
  words: readonly string[];
  /** What is asked after a word that is not on the paper: how to begin again. */
  otherwise: string;
}

/**
 * Shows words on a screen of their own until they are written down, and asks for some of them.
 *
 * @throws NoTerminalError; the reason of `io.stop`
 */
export async function writeDown({ prompter, io }: Context, { heading, words, otherwise }: Page): Promise<void> {
  if (!prompter.isThere)
    throw new NoTerminalError("What is to be written down", "Run this where there is one, or with --json.");
  await prompter.showAlone(
    [heading, "", ...columns(words), ""],
    "Press Enter when they are written down, and they are gone:",
  );
  for (const position of positions(io.random, words.length)) {
    await prompter.askWords({
      message: `To be sure, word ${position}:`,
      instead: "",
      validate: (typed) =>
        typed.trim().toLowerCase().normalize("NFKC") === words[position - 1]
          ? undefined
          : `That is not it. ${otherwise}`,
    });
  }
}

/** With their numbers, down, then to the right. */
export function columns(words: readonly string[]): string[] {
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
