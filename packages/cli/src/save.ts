import type { Command } from "commander";
import type { Context } from "./context.ts";
import { formatDump, withFormatOption } from "./dump-formats.ts";
import { type FoundBackup, reportJson, reportOf } from "./dump-report.ts";
import { UsageError } from "./errors.ts";
import { assertFileName, assertWritable, writeWhole } from "./files.ts";
import { safeText } from "./safe-text.ts";

/** The options of a command that can save a dump. */
export interface SaveOptions {
  out?: string;
  format?: string;
  force?: boolean;
}

export function withSaveOptions(command: Command): Command {
  return withFormatOption(command.option("--out <file>", "saves the dump there, readable by its owner alone")).option(
    "--force",
    "replaces the file where it is there already",
  );
}

/** Before anything is asked for in vain. */
export async function assertSavable({ out, force = false }: SaveOptions): Promise<void> {
  if (out === undefined) {
    if (force) throw new UsageError("--force needs --out");
    return;
  }
  assertFileName(out, "--out");
  await assertWritable(out, { force });
}

/** Saves what was found where the options say so. @returns a note of what the form could not hold */
export async function saveDump(
  { io, output }: Context,
  { dump }: FoundBackup,
  { out, format, force = false }: SaveOptions,
): Promise<void> {
  if (out === undefined) return;
  const { text, lost } = formatDump(dump, format, out);
  await writeWhole(out, text, { force, signal: io.stop });
  for (const sentence of lost) output.note(`Not in the file: ${safeText(sentence)}`);
}

/**
 * The result of a command that found a backup: a report for people, or the dump itself as text where a format was asked for
 * and no file.
 */
export function showFound({ output, io }: Context, found: FoundBackup, options: SaveOptions): void {
  const { out, format } = options;
  if (out === undefined && format !== undefined && !output.isJson) {
    const { text, lost } = formatDump(found.dump, format);
    io.stdout.write(text);
    for (const sentence of lost) output.note(`Not in it: ${safeText(sentence)}`);
    return;
  }
  const lines = reportOf(found, output);
  if (out !== undefined) lines.push("", `Saved as ${safeText(out, 1000)}`);
  output.result({ ...reportJson(found), file: out ?? null }, lines);
}
