import type { Command } from "commander";
import type { Context } from "../context.ts";
import { FileError } from "../errors.ts";
import { numberOf } from "../number-option.ts";
import { withProgress } from "../progress.ts";
import { type SeedOptions, withSeedOptions } from "../read-seed.ts";
import { safeText } from "../safe-text.ts";
import { assertSavable, type SaveOptions, saveDump, showFound, withSaveOptions } from "../save.ts";
import { type ServerOptions, withServerOptions } from "../server.ts";
import { withWallet } from "../wallet.ts";
import { command, type Run } from "./command.ts";

type RestoreOptions = SeedOptions & ServerOptions & SaveOptions & { revision?: string; minGen?: string };

export function restoreCommand(run: Run): Command {
  const restore = command("restore [url]", {
    summary: "gets a wallet's backup by its words alone, shows it and saves it",
    more: "Asks for the words, which are not shown, then for the server. Saved as JSON, which holds all of it, the backup is taken over: this machine may then back up.",
    examples: [
      "cloudbackup restore https://backup.example",
      "cloudbackup restore https://backup.example --out wallet.json",
      "cloudbackup restore --passphrase --out labels.jsonl --format bip329",
      "cloudbackup restore --revision 7 --out older.json",
    ],
  });
  withSaveOptions(withSeedOptions(restore))
    .option("--revision <number>", "an older one, as history lists them: to look at, not to go on from")
    .option(
      "--min-gen <number>",
      "the least generation to take, as another device shows it: less is a server that went back",
    );
  run(withServerOptions(restore), async (context, options: RestoreOptions, url) => {
    const revision = numberOf(options.revision, "--revision");
    const minGen = numberOf(options.minGen, "--min-gen");
    await assertSavable(options);
    await withWallet(context, options, url, async ({ wallet, candidate }) => {
      const { stop } = context.io;
      const found = await withProgress(context, (onProgress) =>
        wallet.restore({ revision, minGen, onProgress, signal: stop }),
      );
      /** Only where all of it is here does this machine hold what the server holds. */
      const save = async (out: string): Promise<void> => {
        const isWhole = await saveDump(context, found, candidate.source, { ...options, out });
        if (isWhole && revision === undefined) await found.accept();
      };
      if (options.out !== undefined) await save(options.out);
      showFound(context, found, candidate.source, options);
      const out = options.out === undefined ? await askWhere(context, options) : undefined;
      if (out === undefined) return;
      await save(out);
      context.output.note(`Saved as ${safeText(out, 1000)}`);
    });
  });
  return restore;
}

/** Where a person sits at the terminal, who may not know of `--out`. */
async function askWhere({ prompter, output, io }: Context, { format }: SaveOptions): Promise<string | undefined> {
  if (output.isJson || format !== undefined || !io.stdout.isTTY || !prompter.isThere) return undefined;
  for (;;) {
    const file = await prompter.askText({
      message: "Save it as (a file; Enter alone: no):",
      instead: "Give it by --out.",
    });
    if (file.trim() === "") return undefined;
    try {
      await assertSavable({ out: file.trim() });
      return file.trim();
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      prompter.tell(safeText(error.message, 1000));
    }
  }
}
