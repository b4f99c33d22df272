import { entropyToMnemonic } from "@cloudbackup/core/seed";
import type { Command } from "commander";
import { askShares } from "../ask-shares.ts";
import type { Context } from "../context.ts";
import { NoTerminalError } from "../errors.ts";
import { writeWhole } from "../files.ts";
import { LANGUAGE_NAMES, languagesOf } from "../languages.ts";
import { assertSavable } from "../save.ts";
import { columns } from "../write-down.ts";
import { command, type Run } from "./command.ts";

/** What shares gave. */
interface Combined {
  /** Hex. */
  secret: string;
  /** The words that it is the entropy of; null where it is that of none. */
  mnemonic: string | null;
}

interface Options {
  passphrase?: true;
  language: string;
  out?: string;
  force?: true;
}

export function seedCombine(run: Run): Command {
  const combine = command("combine", {
    summary: "gives what SLIP-39 shares were split from",
    more:
      "Asks for the shares, one after the other, which are not shown. What they give is shown until Enter is pressed: a seed in hex, and the words that it is the entropy of. " +
      "Which of the two is meant depends on what made the shares: `cloudbackup seed split` splits words, hardware wallets split seeds. " +
      "A wrong passphrase cannot be noticed: it gives another seed.",
    examples: [
      "cloudbackup seed combine",
      "cloudbackup seed combine --passphrase",
      "cloudbackup seed combine --out words.txt",
    ],
  })
    .option("--passphrase", "asks for the passphrase of the shares")
    .option("--language <name>", `of the words: ${LANGUAGE_NAMES.join(", ")}`, "english")
    .option("--out <file>", "writes it to a new file instead")
    .option("--force", "replaces that file");
  run(combine, async (context, options: Options) => {
    const { output, io } = context;
    const [wordlist] = Object.values(languagesOf(options.language).wordlists);
    const force = options.force === true;
    await assertSavable(options);
    const secret = await combined(context, options);
    const hex = Buffer.from(secret).toString("hex");
    // BIP-39 has words for multiples of 32 bits.
    const mnemonic = secret.length % 4 === 0 ? entropyToMnemonic(secret, { wordlist }).normalize("NFKC") : null;
    secret.fill(0);
    const found = { secret: hex, mnemonic };
    if (options.out !== undefined) {
      await writeWhole(options.out, `${linesOf(found).join("\n")}\n`, { force, signal: io.stop });
      output.result({ file: options.out }, [`The seed is in ${options.out}.`]);
    } else if (output.isJson) {
      output.result(found, []);
    } else {
      await show(context, found);
    }
  });
  return combine;
}

async function combined(context: Context, { passphrase }: Options): Promise<Uint8Array> {
  using set = await askShares(context);
  if (!passphrase) return set.combine();
  const asked = await context.prompter.askSecret({
    message: "Passphrase of the shares:",
    instead: "Run this where there is a terminal.",
    validate: (typed) =>
      /^[ -~]*$/.test(typed)
        ? undefined
        : "SLIP-39 knows letters without accents, digits, punctuation and spaces alone.",
  });
  return set.combine({ passphrase: asked });
}

async function show({ prompter, output }: Context, found: Combined): Promise<void> {
  if (!prompter.isThere) throw new NoTerminalError("What is found", "Run this where there is one, or with --json.");
  await prompter.showAlone([...linesOf(found), ""], "Press Enter, and it is gone:");
  output.note("The shares belong together. Whether they are those of your wallet, cloudbackup restore --shares says.");
}

function linesOf({ secret, mnemonic }: Combined): string[] {
  const seed = ["As a seed, in hex (shares of a hardware wallet):", "", secret];
  if (mnemonic === null) return seed;
  return ["As words (shares of cloudbackup seed split):", "", ...columns(mnemonic.split(/\s+/u)), "", ...seed];
}
