import { extname } from "node:path";
import type { Dump } from "@cloudbackup/client";
import { type KeySource, RawSection } from "@cloudbackup/core";
import {
  type Exported,
  exportCaravan,
  exportColdcard,
  exportDescriptors,
  exportLabels,
  formatDumpJson,
  type ReportItem,
} from "@cloudbackup/core/interchange";
import { type Command, Option } from "commander";
import { UsageError } from "./errors.ts";

/** What the options of a command say of the form of a dump. */
export interface FormatOptions {
  format?: string;
  account?: string;
}

/** A dump as text. */
export interface FormattedDump {
  readonly text: string;
  /** What the form does not hold, a sentence each. */
  readonly lost: readonly string[];
  /** Whether a backup can be made of it again, without a loss. */
  readonly isWhole: boolean;
}

/** What a form may need beside the dump. */
interface Needs {
  /** Whose it is: accounts without a descriptor need it for one. */
  source: KeySource;
  account: string | undefined;
}

/** A form that a dump can be saved in. */
interface DumpFormat {
  /** Of a file's name, with the dot. */
  readonly extensions: readonly string[];
  /** Whether it holds one account alone. */
  readonly ofOneAccount?: boolean;
  format(dump: Dump, needs: Needs): FormattedDump;
}

/** By name, the default first. */
const FORMATS: Readonly<Record<string, DumpFormat>> = {
  json: { extensions: [".json"], format: (dump) => ({ text: formatDumpJson(dump), lost: [], isWhole: true }) },
  descriptors: {
    extensions: [".txt", ".desc"],
    format: (dump, { source }) => formatted(exportDescriptors(dump, { source })),
  },
  core: {
    extensions: [],
    format: (dump, { source }) => formatted(exportDescriptors(dump, { source, format: "core" })),
  },
  bip329: { extensions: [".jsonl"], format: (dump) => formatted(exportLabels(dump), besideLabels(dump)) },
  caravan: {
    extensions: [],
    ofOneAccount: true,
    format: (dump, { source, account }) => formatted(exportCaravan(dump, accountIn(dump, account), { source })),
  },
  coldcard: {
    extensions: [],
    ofOneAccount: true,
    format: (dump, { source, account }) => formatted(exportColdcard(dump, accountIn(dump, account), { source })),
  },
};

export function withFormatOptions(command: Command): Command {
  const names = Object.keys(FORMATS);
  return command
    .addOption(new Option("--format <format>", "of the dump; by default as the file's name says").choices(names))
    .option("--account <id>", "which account, by id or name, for a format that holds one alone");
}

/** @throws UsageError: --account and --format do not go together */
export function assertFormat(options: FormatOptions, file?: string): void {
  const { ofOneAccount } = chosenFormat(options.format, file);
  if (options.account !== undefined && !ofOneAccount) {
    throw new UsageError("--account is for --format caravan and coldcard, which hold one account alone");
  }
}

/** @param file its extension decides where no format was chosen */
export function formatDump(dump: Dump, source: KeySource, options: FormatOptions, file?: string): FormattedDump {
  return chosenFormat(options.format, file).format(dump, { source, account: options.account });
}

function chosenFormat(name: string | undefined, file: string | undefined): DumpFormat {
  const extension = extname(file ?? "").toLowerCase();
  const chosen =
    name === undefined
      ? Object.values(FORMATS).find(({ extensions }) => extensions.includes(extension))
      : // commander has checked it.
        FORMATS[name];
  return chosen ?? (FORMATS.json as DumpFormat);
}

function formatted({ text, report }: Exported, more: readonly string[] = []): FormattedDump {
  return {
    text,
    lost: [...report.map((item) => `${reportText(item)}${item.what === "assumed" ? " (assumed)" : ""}`), ...more],
    isWhole: false,
  };
}

/** For people. An item of the whole has no place. */
export function reportText({ where, why }: Pick<ReportItem, "where" | "why">): string {
  return where === "" ? why : `${where}: ${why}`;
}

function besideLabels(dump: Dump): string[] {
  return Object.entries(dump)
    .filter(([name, records]) => name !== "labels" && (records instanceof RawSection || (records?.length ?? 0) > 0))
    .map(([name]) => `${name}: A file of labels has no place for it.`);
}

/** The account that was named, or the only one that has several keys. @throws UsageError */
function accountIn({ accounts }: Dump, named: string | undefined): string {
  const found = accounts.filter(({ id, name, kind }) =>
    named === undefined ? kind !== "standard" : id === named || name === named,
  );
  const [account, ...others] = found;
  if (account && others.length === 0) return account.id;
  const problem = account ? "several accounts" : "no account";
  throw new UsageError(
    named === undefined
      ? `There is ${account ? "more than one account" : problem} of that kind: name one by --account`
      : `--account names ${problem}`,
  );
}
