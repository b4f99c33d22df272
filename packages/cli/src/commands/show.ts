import type { Command } from "commander";
import { assertFormat, type FormatOptions, withFormatOptions } from "../dump-formats.ts";
import { numberOf } from "../number-option.ts";
import { withProgress } from "../progress.ts";
import { type SeedOptions, withSeedOptions } from "../read-seed.ts";
import { showFound } from "../save.ts";
import { type ServerOptions, withServerOptions } from "../server.ts";
import { withWallet } from "../wallet.ts";
import { command, type Run } from "./command.ts";

type ShowOptions = SeedOptions & ServerOptions & FormatOptions & { revision?: string };

export function showCommand(run: Run): Command {
  const show = command("show", {
    summary: "shows the latest backup, and changes nothing",
    more: "Saves nothing, and marks nothing as restored. With --format the dump itself goes to standard output.",
    examples: [
      "cloudbackup show",
      "cloudbackup show --json",
      "cloudbackup show --format bip329 --seed-fd 3 3< words.txt > labels.jsonl",
    ],
  });
  withFormatOptions(withSeedOptions(show)).option("--revision <number>", "an older one, as history lists them");
  run(withServerOptions(show), async (context, options: ShowOptions) => {
    const revision = numberOf(options.revision, "--revision");
    assertFormat(options);
    await withWallet(context, options, undefined, async ({ wallet, candidate }) => {
      const { stop } = context.io;
      const found = await withProgress(context, (onProgress) => wallet.restore({ revision, onProgress, signal: stop }));
      showFound(context, found, candidate.source, options);
    });
  });
  return show;
}
