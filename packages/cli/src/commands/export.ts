import type { Command } from "commander";
import { assertWritable, writeWhole } from "../files.ts";
import { withProgress } from "../progress.ts";
import { type SeedOptions, withSeedOptions } from "../read-seed.ts";
import { safeText } from "../safe-text.ts";
import { type ServerOptions, withServerOptions } from "../server.ts";
import { withWallet } from "../wallet.ts";
import { command, type Run } from "./command.ts";

type ExportOptions = SeedOptions & ServerOptions & { out: string; force?: boolean };

export function exportCommand(run: Run): Command {
  const exported = command("export", {
    summary: "saves the latest backup as a sealed file, which its words open without a server",
    more: "The file may be kept anywhere: without the words it is of no use to anybody.",
    examples: ["cloudbackup export --out spending.cloudbackup", "cloudbackup open spending.cloudbackup"],
  })
    .requiredOption("--out <file>", "where to")
    .option("--force", "replaces the file where it is there already");
  run(withServerOptions(withSeedOptions(exported)), async (context, options: ExportOptions) => {
    const { out, force = false } = options;
    await assertWritable(out, { force });
    await withWallet(context, options, undefined, async ({ wallet }) => {
      const { stop } = context.io;
      const bytes = await withProgress(context, (onProgress) => wallet.exportFile({ onProgress, signal: stop }));
      await writeWhole(out, bytes, { force, signal: stop });
      context.output.result({ file: out, bytes: bytes.length }, [
        `Saved as ${safeText(out, 1000)}: ${bytes.length} bytes, encrypted.`,
      ]);
    });
  });
  return exported;
}
