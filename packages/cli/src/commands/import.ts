import type { Dump } from "@cloudbackup/client";
import type { KeySource } from "@cloudbackup/core";
import {
  addImported,
  formatDumpJson,
  type Imported,
  type ImportOptions,
  importCaravan,
  importColdcard,
  importDescriptors,
  importLabels,
  importWallet,
  type ReportItem,
} from "@cloudbackup/core/interchange";
import { type Command, Option } from "commander";
import type { Context } from "../context.ts";
import { reportText } from "../dump-formats.ts";
import { count } from "../dump-report.ts";
import { UsageError } from "../errors.ts";
import { assertWritable, writeWhole } from "../files.ts";
import { readDump, readText } from "../read-dump.ts";
import { isSeedGiven, type SeedOptions, withSeedOptions } from "../read-seed.ts";
import { safeText } from "../safe-text.ts";
import { withSeed } from "../wallet.ts";
import { command, type Run } from "./command.ts";

type Importer = (text: string, options: ImportOptions) => Imported;

/** By what `--from` says. */
const IMPORTERS: Readonly<Record<string, Importer>> = {
  caravan: importCaravan,
  coldcard: importColdcard,
  descriptors: importDescriptors,
  bip329: (text) => importLabels(text),
};
const NETWORKS = ["mainnet", "testnet", "testnet4", "signet", "regtest"];

type Options = SeedOptions & {
  from?: string;
  into?: string;
  out?: string;
  force?: boolean;
  fingerprint?: string;
  words?: boolean;
  network?: string;
  name?: string;
};

export function importCommand(run: Run): Command {
  const imported = command("import <file>", {
    summary: "reads a file of another wallet, and gives a dump for backup",
    more: "Caravan JSON, Coldcard multisig text, output descriptors (Sparrow, Bitcoin Core), labels (BIP-329); - is standard input. A 2-of-2 becomes a paired account where one of its keys is this wallet's: --words, another way of giving the seed, or --fingerprint tells.",
    examples: [
      "cloudbackup import multisig.txt --words --out wallet.json",
      "cloudbackup import labels.jsonl --into wallet.json --out both.json",
      "cloudbackup import descriptors.txt --fingerprint 73c5da0a | cloudbackup backup -",
    ],
  })
    .addOption(new Option("--from <format>", "by default as the text is").choices(Object.keys(IMPORTERS)))
    .option("--out <file>", "saves the dump there, readable by its owner alone; else it goes to standard output")
    .option("--into <file>", "adds to a dump, as restore --out saves it; what both have stays as the dump has it")
    .option("--force", "replaces the file where it is there already")
    .option("--words", "asks for the words, to tell which keys are this wallet's")
    .option("--fingerprint <hex>", "of this wallet's master key, in place of its seed")
    .addOption(new Option("--network <name>", "where the file does not say it").choices(NETWORKS))
    .option("--name <name>", "of an account without a name");
  run(withSeedOptions(imported), async (context, options: Options, file = "") => {
    const { io, output } = context;
    const { out, force = false } = options;
    const fingerprint = fingerprintOf(options);
    if (out !== undefined) await assertWritable(out, { force });
    else if (force) throw new UsageError("--force needs --out");
    const into = options.into === undefined ? undefined : await readDump(context, options.into);
    const text = await readText(context, file);
    const { network, name } = options;
    const given = { network: network as ImportOptions["network"], name, fingerprint };
    const { dump, report } = await withOwnKeys(context, options, (source) =>
      importBy(options.from, text, source === undefined ? given : { network: given.network, name, source }),
    );
    const whole = unite(dump, into, report);
    const json = formatDumpJson(whole);
    if (out !== undefined) await writeWhole(out, json, { force, signal: io.stop });
    else if (!output.isJson) io.stdout.write(json);
    const counts = Object.entries(whole).flatMap(([section, records]) =>
      Array.isArray(records) ? [[section, records.length] as const] : [],
    );
    for (const item of report) output.note(`${LABELS[item.what]} ${safeText(reportText(item))}`);
    if (out === undefined && !output.isJson) return;
    output.result(
      {
        sections: Object.fromEntries(counts),
        report,
        file: out ?? null,
        ...(out === undefined ? { dump: JSON.parse(json) } : {}),
      },
      [
        `${counts.map(([section, n]) => count(n, section.replace(/s$/, ""))).join(", ")}. Saved as ${safeText(out ?? "", 1000)}`,
      ],
    );
  });
  return imported;
}

const LABELS = { assumed: "Assumed:", converted: "Converted:", lost: "Not taken:" } as const;

function importBy(from: string | undefined, text: string, options: ImportOptions): Imported {
  const importer = from === undefined ? importWallet : IMPORTERS[from];
  if (!importer) throw new UsageError(`--from is one of ${Object.keys(IMPORTERS).join(", ")}`);
  return importer(text, options);
}

/** With the seed where one is given, which is wiped then. */
async function withOwnKeys<T>(
  context: Context,
  options: Options,
  work: (source: KeySource | undefined) => T,
): Promise<T> {
  if (!options.words && !isSeedGiven(options)) return work(undefined);
  return withSeed(context, options, async (candidates) => {
    // Which of several readings of shares is meant, the file's keys tell.
    const [first, ...others] = candidates;
    if (others.length > 0) throw new UsageError("Shares do not say of what they are: give --fingerprint");
    return work(first?.source);
  });
}

function fingerprintOf({ fingerprint, words, ...options }: Options): Uint8Array | undefined {
  if (fingerprint === undefined) return undefined;
  if (words || isSeedGiven(options)) throw new UsageError("The fingerprint follows from the seed: give one of them");
  if (!/^[0-9a-f]{8}$/i.test(fingerprint)) throw new UsageError("--fingerprint needs 8 hex digits");
  return Uint8Array.from(Buffer.from(fingerprint, "hex"));
}

/** Accounts and pairings are always there. What the dump has already stays as it is. */
function unite(imported: Partial<Dump>, into: Dump | undefined, report: ReportItem[]): Dump {
  if (!into) return { accounts: [], pairings: [], ...imported };
  const { dump, conflicts } = addImported(imported, into);
  for (const { section, key } of conflicts) {
    report.push({ what: "lost", where: section, why: `The dump has another ${key ?? "record"}, which stays.` });
  }
  return dump;
}
