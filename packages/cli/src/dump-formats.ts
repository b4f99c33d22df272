import { extname } from "node:path";
import type { Dump } from "@cloudbackup/client";
import { formatDumpJson } from "@cloudbackup/core/interchange";
import { type Command, Option } from "commander";
import { UsageError } from "./errors.ts";

/** A form that a dump can be saved in. */
interface DumpFormat {
  /** Of a file's name, with the dot. */
  readonly extensions: readonly string[];
  format(dump: Dump): FormattedDump;
}

/** A dump as text, and what the form could not hold. */
export interface FormattedDump {
  readonly text: string;
  /** A sentence each, for people. */
  readonly lost: readonly string[];
}

/** By name, the default first. */
const FORMATS: Readonly<Record<string, DumpFormat>> = {
  json: { extensions: [".json"], format: (dump) => ({ text: formatDumpJson(dump), lost: [] }) },
};

export function withFormatOption(command: Command): Command {
  const names = Object.keys(FORMATS);
  return command.addOption(
    new Option("--format <format>", "of the dump; by default as the file's name says").choices(names),
  );
}

/** @param file its extension decides where no format was chosen */
export function formatDump(dump: Dump, format: string | undefined, file?: string): FormattedDump {
  return chosenFormat(format, file).format(dump);
}

function chosenFormat(name: string | undefined, file: string | undefined): DumpFormat {
  if (name !== undefined) {
    const format = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
    if (!format) throw new UsageError(`--format is one of ${Object.keys(FORMATS).join(", ")}`);
    return format;
  }
  const extension = extname(file ?? "").toLowerCase();
  const found = Object.values(FORMATS).find(({ extensions }) => extensions.includes(extension));
  return found ?? (FORMATS.json as DumpFormat);
}
