import type { Command } from "commander";
import type { Context } from "./context.ts";
import { readDescriptor } from "./read-descriptor.ts";
import type { Server } from "./server.ts";

/** The options of a command that may need a user. */
export interface UserOptions {
  username?: string;
  passwordFd?: string;
}

export function withUserOptions(command: Command): Command {
  return command
    .option("--username <name>", "asked for where it is not given")
    .option("--password-fd <n>", "reads the password from file descriptor n, its first line");
}

export async function askUsername({ prompter }: Context, { username }: UserOptions): Promise<string> {
  if (username !== undefined) return username;
  return (await prompter.askText({ message: "Username:", instead: "Give it by --username.", validate: needed })).trim();
}

/** @param twice where it is a new one */
export async function askPassword(
  { io, prompter }: Context,
  { passwordFd }: UserOptions,
  { twice = false } = {},
): Promise<string> {
  if (passwordFd !== undefined) return firstLine(await readDescriptor(io, passwordFd, "--password-fd"));
  const instead = "Give it by --password-fd.";
  const password = await prompter.askSecret({ message: "Password:", instead, validate: needed });
  if (twice) {
    await prompter.askSecret({
      message: "Password again:",
      instead,
      validate: (typed) =>
        typed === password ? undefined : "That is another one. If the first was mistyped: Ctrl-C, and run this again.",
    });
  }
  return password;
}

/** Signs in by password, for this run alone: no session and no password is kept. */
export async function signInByPassword(
  context: Context,
  { client }: Pick<Server, "client">,
  options: UserOptions,
): Promise<string> {
  const username = await askUsername(context, options);
  const password = await askPassword(context, options);
  await client.signIn({ username, password }, { signal: context.io.stop });
  return username;
}

export function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0] ?? "";
}

export function needed(typed: string): string | undefined {
  return typed.trim() === "" ? "This is needed." : undefined;
}
