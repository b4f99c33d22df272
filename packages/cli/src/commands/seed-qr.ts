import { formatSeedQr, type Wordlist } from "@cloudbackup/core/seed";
import { seedQrModules, seedQrPng, seedQrSvg } from "@cloudbackup/core/seed/picture";
import type { Command } from "commander";
import type { Context } from "../context.ts";
import { NoTerminalError, UsageError } from "../errors.ts";
import { writeWhole } from "../files.ts";
import { halfBlocks } from "../half-blocks.ts";
import { languagesOf } from "../languages.ts";
import { readMnemonic, type SeedOptions, withSeedOptions } from "../read-seed.ts";
import { assertSavable } from "../save.ts";
import { command, type Run } from "./command.ts";

type Options = SeedOptions & { compact?: true; out?: string; force?: true };

/** What a code is made of. */
interface Code {
  mnemonic: string;
  compact: boolean;
  wordlist: Wordlist | undefined;
}

/** By the end of a file's name. */
const DRAW: Readonly<Record<string, (code: Code) => string | Uint8Array>> = {
  svg: ({ mnemonic, ...options }) => seedQrSvg(mnemonic, options),
  png: ({ mnemonic, ...options }) => seedQrPng(mnemonic, options),
};

export function seedQr(run: Run): Command {
  const qr = withSeedOptions(
    command("qr", {
      summary: "draws a SeedQR of words",
      more:
        "The code is shown until Enter is pressed, to be copied by hand or scanned by a wallet; SeedSigner and others read it, and so does --qr. " +
        "Who sees it has the seed, without a passphrase: keep it away from cameras, and files of it from clouds.",
      examples: [
        "cloudbackup seed qr",
        "cloudbackup seed qr --compact --out seed.svg",
        "cloudbackup seed qr --qr seed.png --compact",
      ],
    }),
    { withPassphrase: false },
  )
    .option("--compact", "a smaller code, which only wallets can read, and no telephone")
    .option("--out <file>", "draws it into a new file instead, .svg or .png; it holds the whole seed")
    .option("--force", "replaces that file");
  run(qr, async (context, options: Options) => {
    const { out, compact = false } = options;
    const draw = drawingOf(out);
    await assertSavable(options);
    const { mnemonic, languages } = await readMnemonic(context, options);
    const [language = "english"] = languages;
    const [wordlist] = Object.values(languagesOf(language).wordlists);
    await giveOut(context, { mnemonic, compact, wordlist }, draw, options);
    if (language === "english") return;
    context.output.note(
      `A SeedQR does not say that its words are ${language}: wallets take them to be English, and open another, empty wallet. ` +
        `This program reads it by --qr with --language ${language}.`,
    );
  });
  return qr;
}

async function giveOut(
  context: Context,
  code: Code,
  draw: ((code: Code) => string | Uint8Array) | undefined,
  { out, force = false }: { out?: string; force?: boolean },
): Promise<void> {
  const { io, output } = context;
  const { mnemonic, ...options } = code;
  if (out !== undefined && draw !== undefined) {
    await writeWhole(out, draw(code), { force, signal: io.stop });
    output.result({ file: out }, [`The code is in ${out}. It holds the whole seed.`]);
  } else if (output.isJson) {
    const held = formatSeedQr(mnemonic, options);
    const payload = typeof held === "string" ? held : Buffer.from(held).toString("hex");
    const format = code.compact ? "compact-seedqr" : "seedqr";
    output.result({ format, payload, svg: seedQrSvg(mnemonic, options) }, []);
  } else {
    await show(context, seedQrModules(mnemonic, options));
  }
}

async function show({ prompter, io }: Context, modules: boolean[][]): Promise<void> {
  if (!prompter.isThere)
    throw new NoTerminalError("Enter after the code", "Run this where there is one, or with --out or --json.");
  const side = modules.length;
  const colors = !io.env.NO_COLOR;
  const heading = `Who sees this has the coins. ${side} × ${side} modules.`;
  await prompter.showAlone([heading, ...halfBlocks(modules, { colors })], "Press Enter, and it is gone:");
}

/** @throws UsageError for a file that is no picture by its name */
function drawingOf(out: string | undefined): ((code: Code) => string | Uint8Array) | undefined {
  if (out === undefined) return undefined;
  const draw = DRAW[/\.([^./\\]+)$/.exec(out)?.[1]?.toLowerCase() ?? ""];
  if (!draw) throw new UsageError("--out needs a file whose name ends in .svg or .png");
  return draw;
}
