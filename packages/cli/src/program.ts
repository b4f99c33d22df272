import { Command, CommanderError } from "commander";
import type { Run } from "./commands/command.ts";
import { COMMANDS } from "./commands/index.ts";
import { UsageError } from "./errors.ts";
import { EXIT, exitCodeOf } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import { Output } from "./output.ts";
import { Prompter } from "./prompter.ts";
import { refuseSecretArguments } from "./secret-arguments.ts";
import { VERSION } from "./version.ts";

/** Runs to the end, or until `io.stop`. The exit code. */
export async function runProgram(io: Io): Promise<number> {
  const output = new Output(io, io.args.includes("--json"));
  const prompter = new Prompter(io);
  const run: Run = (command, work) => {
    command.action(async (...given: unknown[]) => {
      const args = given.slice(0, -2) as string[];
      const self = given.at(-1) as Command;
      await work({ io, output, prompter }, self.optsWithGlobals(), ...args);
    });
  };
  try {
    refuseSecretArguments(io.args);
    await createProgram(io, run).parseAsync(io.args, { from: "user" });
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
    const failure = error instanceof CommanderError ? new UsageError(usageMessage(error)) : error;
    // A call that was aborted says why; what it does with that on its way is not the reason.
    const reason = io.stop.aborted ? io.stop.reason : failure;
    prompter.close();
    output.error(reason);
    if (io.env.CLOUDBACKUP_DEBUG && !(error instanceof CommanderError)) io.stderr.write(`${(error as Error).stack}\n`);
    return exitCodeOf(reason);
  } finally {
    prompter.close();
  }
}

function createProgram(io: Io, run: Run): Command {
  const program = new Command("cloudbackup")
    .description("Restores, makes and checks encrypted backups of what a bitcoin wallet knows beside its seed.")
    .version(VERSION)
    .option("--json", "prints one JSON object, and errors as one on standard error")
    .configureHelp({ showGlobalOptions: true });
  for (const make of COMMANDS) program.addCommand(make(run));
  setUp(program, io);
  return program;
}

/** Commands that were made apart inherit nothing. */
function setUp(command: Command, io: Io): void {
  command
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      // What is wrong is said once, by `runProgram`; help that was not asked for goes with it.
      writeErr: () => undefined,
      outputError: () => undefined,
      getOutHelpWidth: () => io.stdout.columns ?? 80,
    })
    .helpCommand(false);
  for (const each of command.commands) setUp(each, io);
}

/** What commander says, without what was typed: it could be words of a seed. */
function usageMessage({ code, message }: CommanderError): string {
  switch (code) {
    case "commander.unknownCommand":
      return "There is no such command: cloudbackup --help lists them";
    case "commander.unknownOption":
      return `${sentence(message.replace(/=.*/su, "'"))}: --help lists them`;
    case "commander.excessArguments":
      return "Too many arguments. Words of a seed are never arguments: they are asked for";
    case "commander.help":
      return "A command is missing: cloudbackup --help lists them";
    default:
      return sentence(message);
  }
}

function sentence(message: string): string {
  const text = message.replace(/^error: /, "");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
