import { Command } from "commander";
import type { Context } from "../context.ts";

/** Starts a command with what it has of the process and of its options. */
export type Run = <Options extends object>(command: Command, work: Work<Options>) => void;

/** What a command does. @throws what its kind of failure is, by class */
type Work<Options> = (context: Context, options: Options, ...args: string[]) => Promise<void>;

/** Makes a command: its options, its help, and `run` with what it does. */
export type CommandFactory = (run: Run) => Command;

/** A command with a line about it, and examples below its help. */
export function command(
  usage: string,
  about: { summary: string; examples: readonly string[]; more?: string },
): Command {
  const [name = "", ...args] = usage.split(" ");
  const made = new Command(name).summary(about.summary);
  made.description(about.more ? `${about.summary}\n\n${about.more}` : about.summary);
  for (const arg of args) made.argument(arg);
  return made.addHelpText("after", `\nExamples:\n${about.examples.map((line) => `  ${line}`).join("\n")}`);
}
