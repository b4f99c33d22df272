import type { KeySource } from "@cloudbackup/core";
import { mnemonicToSeed } from "@cloudbackup/core/seed";
import type { Command } from "commander";
import type { Context } from "./context.ts";
import { UsageError } from "./errors.ts";
import { descriptorSource } from "./seed-sources/descriptor.ts";
import { askMnemonic } from "./seed-sources/words.ts";

/**
 * The ways of giving a seed beside typing its words: each an option, of which one may be given. A seed never comes from an
 * argument or from the environment, where other programs and histories see it.
 */
const SEED_SOURCES: readonly SeedSource[] = [descriptorSource];

/** A way of giving a seed. */
export interface SeedSource {
  /** Long option, with its value where it takes one: `--qr <picture>`. */
  readonly flags: string;
  /** A line for the help. */
  readonly description: string;
  /**
   * Reads it, asking at the terminal where it must.
   *
   * @param value of the option; true where it takes none
   */
  read(context: Context, value: string | true, passphrase: Passphrase): Promise<SeedGiven>;
}

/** Asks for the passphrase, once; nothing is asked, and it is empty, without `--passphrase`. */
export type Passphrase = () => Promise<string>;

/** What a way of giving a seed leads to. */
export type SeedGiven =
  /** Words that were checked, to which the passphrase still comes. */
  | { mnemonic: string; birthday?: number | undefined }
  /** What may be a seed in several ways; each is tried, in this order. */
  | { candidates: readonly SeedCandidate[] };

/** One way of reading what was given. */
export interface SeedCandidate {
  source: KeySource;
  /** For people, in a few words: what it was taken for. */
  reading: string;
}

/** The options of a command that needs a seed, to be given to `readSeed` or `readMnemonic`. */
export type SeedOptions = Readonly<Record<string, unknown>>;

/** Adds the options to a command. @param withPassphrase false where words alone are wanted */
export function withSeedOptions(command: Command, { withPassphrase = true } = {}): Command {
  for (const { flags, description } of SEED_SOURCES) command.option(flags, description);
  if (withPassphrase) command.option("--passphrase", 'asks for a passphrase, the "25th word"');
  return command;
}

/** Reads a seed by the way that the options name, else asks for its words. What is given out is the caller's to wipe. */
export async function readSeed(context: Context, options: SeedOptions): Promise<readonly SeedCandidate[]> {
  const passphrase = passphraseOf(context, options);
  const given = await readGiven(context, options, passphrase);
  if ("candidates" in given) return given.candidates;
  const seed = await mnemonicToSeed(given.mnemonic, { passphrase: await passphrase() });
  return [{ source: seed, reading: "words" }];
}

/** Reads words alone. @throws UsageError where the way that was chosen gives none */
export async function readMnemonic(context: Context, options: SeedOptions): Promise<string> {
  const given = await readGiven(context, options, passphraseOf(context, options));
  if ("mnemonic" in given) return given.mnemonic;
  wipe(given.candidates);
  throw new UsageError("This needs the words themselves, which cannot be told from what was given");
}

export function wipe(candidates: readonly SeedCandidate[]): void {
  for (const { source } of candidates) if (source instanceof Uint8Array) source.fill(0);
}

async function readGiven(context: Context, options: SeedOptions, passphrase: Passphrase): Promise<SeedGiven> {
  const chosen = SEED_SOURCES.filter(({ flags }) => options[keyOf(flags)] !== undefined);
  if (chosen.length > 1)
    throw new UsageError(`Give one of ${chosen.map(({ flags }) => flags.split(" ")[0]).join(", ")}`);
  const [source] = chosen;
  if (source) return source.read(context, options[keyOf(source.flags)] as string | true, passphrase);
  return { mnemonic: await askMnemonic(context) };
}

function passphraseOf({ prompter }: Context, options: SeedOptions): Passphrase {
  let asked: Promise<string> | undefined;
  return () => {
    if (!options.passphrase) return Promise.resolve("");
    asked ??= prompter.askSecret({
      message: "Passphrase:",
      instead: "Run this where there is a terminal.",
    });
    return asked;
  };
}

/** `--seed-fd <n>` → `seedFd`, as commander names it. */
function keyOf(flags: string): string {
  const [name = ""] = flags.replace(/^--/, "").split(" ");
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
