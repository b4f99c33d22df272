import { DoesNotDecryptError, type OpenedFile, openFile } from "@cloudbackup/client";
import type { KeySource } from "@cloudbackup/core";
import type { Command } from "commander";
import { readWhole } from "../files.ts";
import { type SeedCandidate, type SeedOptions, withSeedOptions } from "../read-seed.ts";
import { assertSavable, type SaveOptions, saveDump, showFound, withSaveOptions } from "../save.ts";
import { withSeed } from "../wallet.ts";
import { command, type Run } from "./command.ts";

export function openCommand(run: Run): Command {
  const open = command("open <file>", {
    summary: "opens a sealed file by the words alone, offline",
    more: "Whether it is the newest backup, nobody can tell without a server. With --format and without --out the dump itself goes to standard output.",
    examples: ["cloudbackup open spending.cloudbackup", "cloudbackup open spending.cloudbackup --out wallet.json"],
  });
  run(withSaveOptions(withSeedOptions(open)), async (context, options: SeedOptions & SaveOptions, file = "") => {
    await assertSavable(options);
    const bytes = await readWhole(file, context.io.stop);
    await withSeed(context, options, async (candidates) => {
      const { found, source } = openByAny(bytes, candidates);
      const { out } = options;
      if (out !== undefined) await saveDump(context, found, source, { ...options, out });
      showFound(context, found, source, options);
    });
  });
  return open;
}

/** By the first reading of the seed that it opens with. */
function openByAny(bytes: Uint8Array, candidates: readonly SeedCandidate[]): { found: OpenedFile; source: KeySource } {
  let failure: unknown;
  for (const { source } of candidates) {
    try {
      return { found: openFile(bytes, source), source };
    } catch (error) {
      if (!(error instanceof DoesNotDecryptError)) throw error;
      failure ??= error;
    }
  }
  throw failure;
}
