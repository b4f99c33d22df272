import type { KeySource } from "@cloudbackup/core";
import type { Command } from "commander";
import type { Context } from "./context.ts";
import { assertFormat, type FormatOptions, formatDump, withFormatOptions } from "./dump-formats.ts";
import { type FoundBackup, reportJson, reportOf } from "./dump-report.ts";
import { UsageError } from "./errors.ts";
import { assertWritable, writeWhole } from "./files.ts";
import { safeLines, safeText } from "./safe-text.ts";

/** The options of a command that can save a dump. */
export interface SaveOptions extends FormatOptions {
  out?: string;
  force?: boolean;
}

export function withSaveOptions(command: Command): Command {
  return withFormatOptions(command.option("--out <file>", "saves the dump there, readable by its owner alone")).option(
    "--force",
    "replaces the file where it is there already",
  );
}

/** Before anything is asked for in vain. */
export async function assertSavable({ out, force = false, ...format }: SaveOptions): Promise<void> {
  assertFormat(format, out);
  if (out === undefined) {
    if (force) throw new UsageError("--force needs --out");
    return;
  }
  await assertWritable(out, { force });
}

/**
 * Saves what was found.
 *
 * @returns whether the file holds all of it
 */
export async function saveDump(
  { io, output }: Context,
  { dump }: FoundBackup,
  source: KeySource,
  { out, force = false, ...options }: SaveOptions & { out: string },
): Promise<boolean> {
  const { text, lost, isWhole } = formatDump(dump, source, options, out);
  await writeWhole(out, text, { force, signal: io.stop });
  for (const sentence of lost) output.note(`Not in the file: ${safeText(sentence)}`);
  return isWhole;
}

/**
 * The result of a command that found a backup: a report for people, or the dump itself as text where a format was asked for
 * and no file.
 */
export function showFound(
  { output, io }: Context,
  found: FoundBackup,
  source: KeySource,
  { out, ...options }: SaveOptions,
): void {
  if (out === undefined && options.format !== undefined && !output.isJson) {
    const { text, lost } = formatDump(found.dump, source, options);
    // A file or another program gets it as it is.
    io.stdout.write(io.stdout.isTTY ? safeLines(text, Number.POSITIVE_INFINITY) : text);
    for (const sentence of lost) output.note(`Not in it: ${safeText(sentence)}`);
    return;
  }
  const lines = reportOf(found, output);
  if (out !== undefined) lines.push("", `Saved as ${safeText(out, 1000)}`);
  output.result({ ...reportJson(found), file: out ?? null }, lines);
}
