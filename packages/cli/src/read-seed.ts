import type { KeySource } from "@cloudbackup/core";
import { checkMnemonic, entropyToMnemonic, InvalidSeedError, mnemonicToSeed } from "@cloudbackup/core/seed";
import type { Command } from "commander";
import type { Context } from "./context.ts";
import { UsageError } from "./errors.ts";
import { LANGUAGE_NAMES, type Languages, languagesOf } from "./languages.ts";
import { descriptorSource } from "./seed-sources/descriptor.ts";
import { qrSource } from "./seed-sources/qr.ts";
import { sharesSource } from "./seed-sources/shares.ts";
import { askSeed } from "./seed-sources/words.ts";

/**
 * The ways of giving a seed beside typing its words: each an option, of which one may be given. A seed never comes from an
 * argument or from the environment, where other programs and histories see it.
 */
const SEED_SOURCES: readonly SeedSource[] = [qrSource, sharesSource, descriptorSource];

/** A way of giving a seed. */
export interface SeedSource {
  /** Long option, with its value where it takes one: `--qr <picture>`. */
  readonly flags: string;
  /** A line for the help. */
  readonly description: string;
  /** Of what it gives, nobody can say that it is words: not for who needs the words themselves. */
  readonly isNoWords?: true;
  /**
   * Reads it, asking at the terminal where it must.
   *
   * @param value of the option; true where it takes none
   */
  read(context: Context, value: string | true, how: HowToRead): Promise<SeedGiven>;
}

/** What else the options say. */
interface HowToRead {
  readonly languages: Languages;
  /** Asks for the passphrase, once; nothing is asked, and it is empty, without `--passphrase`. */
  passphrase(): Promise<string>;
}

/** What a way of giving a seed leads to. */
type SeedGiven =
  /** Words that were checked, to which the passphrase still comes. */
  | { mnemonic: string; birthday?: number | undefined }
  /** A raw seed or a root key, to which nothing comes. */
  | { source: KeySource }
  /** Bytes, the reader's, that may be a seed or the entropy of words: both are tried. Several, where there are several readings. */
  | { secrets: readonly SharedSecret[] };

/** A secret that shares were combined to. */
export interface SharedSecret {
  readonly secret: Uint8Array;
  /** To the words of it, where they are meant; a passphrase of the shares themselves is not theirs. */
  readonly passphrase: string;
}

/** One way of reading what was given. */
export interface SeedCandidate {
  source: KeySource;
  /** What it was taken for. */
  reading: "words" | "seed" | "entropy of words";
}

/** The options of a command that needs a seed, to be given to `readSeed` or `readMnemonic`. */
export type SeedOptions = Readonly<Record<string, unknown>>;

/** Adds the options to a command. @param withPassphrase false where words alone are wanted */
export function withSeedOptions(command: Command, { withPassphrase = true } = {}): Command {
  for (const { flags, description, isNoWords } of SEED_SOURCES) {
    if (withPassphrase || !isNoWords) command.option(flags, description);
  }
  if (withPassphrase) command.option("--passphrase", 'asks for a passphrase too, the "25th word"');
  return command.option("--language <name>", `of the words: ${LANGUAGE_NAMES.join(", ")}; by default as they are`);
}

/**
 * Reads a seed by the way that the options name, else asks for its words. What is given out is the caller's to `wipe`.
 *
 * @returns one, or several where what was given can be read in several ways: each is to be tried, in this order
 */
export async function readSeed(context: Context, options: SeedOptions): Promise<readonly SeedCandidate[]> {
  const how = howToRead(context, options);
  const given = await readGiven(context, options, how);
  if ("source" in given) {
    if (options.passphrase) throw new InvalidSeedError("passphrase");
    return [{ source: given.source, reading: "seed" }];
  }
  if ("mnemonic" in given) {
    const seed = await mnemonicToSeed(given.mnemonic, { ...how.languages, passphrase: await how.passphrase() });
    return [{ source: seed, reading: "words" }];
  }
  return candidatesOf(given.secrets, how.languages);
}

/** Whether the options name a way of giving a seed. */
export function isSeedGiven(options: SeedOptions): boolean {
  return SEED_SOURCES.some(({ flags }) => options[keyOf(flags)] !== undefined);
}

/** Words, and the languages that they are of. */
export interface GivenMnemonic {
  /** NFKD, one space between two words. */
  mnemonic: string;
  languages: readonly string[];
  /** Unix seconds, where what was given says when the wallet was made. */
  birthday?: number | undefined;
}

/** Reads words alone. @throws UsageError where the way that was chosen gives none */
export async function readMnemonic(context: Context, options: SeedOptions): Promise<GivenMnemonic> {
  const how = howToRead(context, options);
  const given = await readGiven(context, options, how);
  if (!("mnemonic" in given)) {
    throw new UsageError("This needs the words themselves, which cannot be told from what was given");
  }
  const check = checkMnemonic(given.mnemonic, how.languages);
  // Its reader has checked it.
  if (!check.ok) throw new Error(`a way of giving a seed gave no mnemonic: ${check.problem}`);
  const { mnemonic, languages } = check;
  return { mnemonic, languages, birthday: given.birthday };
}

export function wipe(candidates: readonly SeedCandidate[]): void {
  for (const { source } of candidates) if (source instanceof Uint8Array) source.fill(0);
}

async function readGiven(context: Context, options: SeedOptions, how: HowToRead): Promise<SeedGiven> {
  const chosen = SEED_SOURCES.filter(({ flags }) => options[keyOf(flags)] !== undefined);
  if (chosen.length > 1) {
    throw new UsageError(`Give one of ${chosen.map(({ flags }) => flags.split(" ")[0]).join(", ")}`);
  }
  const [source] = chosen;
  if (source) return source.read(context, options[keyOf(source.flags)] as string | true, how);
  return askSeed(context, how.languages);
}

function howToRead({ prompter }: Context, options: SeedOptions): HowToRead {
  let asked: Promise<string> | undefined;
  return {
    languages: languagesOf(options.language),
    passphrase() {
      if (!options.passphrase) return Promise.resolve("");
      asked ??= prompter.askSecret({ message: "Passphrase:", instead: "Run this where there is a terminal." });
      return asked;
    },
  };
}

/** BIP-32 takes no fewer and no more, BIP-39 writes no more down. */
const SECRET_BYTES = { least: 16, most: 32 };

async function candidatesOf(secrets: readonly SharedSecret[], { wordlists }: Languages): Promise<SeedCandidate[]> {
  const [wordlist, ...others] = Object.values(wordlists);
  // Entropy has words in every language, and another seed in each: English is tried where none is named.
  const language = others.length > 0 ? {} : { wordlist };
  const candidates: SeedCandidate[] = [];
  for (const { secret, passphrase } of secrets) {
    candidates.push({ source: secret, reading: "seed" });
    const { length } = secret;
    if (length < SECRET_BYTES.least || length > SECRET_BYTES.most || length % 4 !== 0) continue;
    const seed = await mnemonicToSeed(entropyToMnemonic(secret, language), { ...language, passphrase });
    candidates.push({ source: seed, reading: "entropy of words" });
  }
  return candidates;
}

/** `--seed-fd <n>` → `seedFd`, as commander names it. */
function keyOf(flags: string): string {
  const [name = ""] = flags.replace(/^--/, "").split(" ");
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
