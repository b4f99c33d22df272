import { assertKnownOptions } from "../bytes.ts";
import type { Account } from "../dump/accounts.ts";
import type { Descriptor } from "../dump/descriptors.ts";
import type { Dump } from "../dump/dump.ts";
import type { KeySource } from "../keys/backup-keys.ts";
import { type DescriptorTree, expandDescriptor, formatDescriptor, parseDescriptor } from "./descriptor.ts";
import { ImportError, NotExportableError } from "./errors.ts";
import { type ExportOptions, sectionsBesideAccounts, treeOf } from "./exportable.ts";
import type { Exported, ReportItem } from "./report.ts";
import { chainsOf } from "./shape.ts";

/** How far a wallet looks ahead, as Bitcoin Core does by default (`-keypool`). */
const LOOK_AHEAD = 1_000;
/** Of keys that are not hardened. @see BIP-32, "Extended keys" */
const LAST_INDEX = 2 ** 31 - 1;

/** How descriptors are written. */
export interface ExportDescriptorsOptions extends ExportOptions {
  /** `text`: one on a line, as Sparrow writes and reads them (the default). `core`: the JSON of Bitcoin Core's `listdescriptors`. */
  format?: "text" | "core" | undefined;
}

/**
 * All accounts and descriptors of a dump as output descriptors. In JSON for Bitcoin Core each is one chain, with what is known
 * of it; the list `descriptors` is what `importdescriptors` takes.
 *
 * @param dump stays as it is
 * @param options `format`; `source`: the seed, for accounts without a descriptor
 * @returns the text, and what it has no place for, accounts of which no descriptor can be made among it
 * @throws TypeError, RangeError for wrong arguments
 * @see BIP-380, BIP-389; docs/interchange.md
 */
export function exportDescriptors(dump: Dump, options: ExportDescriptorsOptions = {}): Exported {
  assertKnownOptions(options, ["format", "source"], "options");
  const { format = "text", source } = options;
  if (format !== "text" && format !== "core") throw new RangeError('format must be "text" or "core"');
  if (typeof dump !== "object" || dump === null) throw new TypeError("dump must be an object of sections");
  const report: ReportItem[] = [];
  const accounts = dump.accounts.flatMap((account) => accountLine(dump, account, source, report));
  const records = (dump.descriptors ?? []).flatMap((record) => recordLine(record, report));
  for (const name of sectionsBesideAccounts(dump)) {
    report.push({ what: "lost", where: name, why: "Descriptors have no place for this section." });
  }
  report.push(...lossesIn(dump, accounts, records, format));
  return { text: format === "core" ? coreText(accounts, records) : plainText(accounts, records), report };
}

interface AccountLine {
  account: Account;
  tree: DescriptorTree;
}

interface RecordLine {
  record: Descriptor;
  tree: DescriptorTree;
}

function accountLine(dump: Dump, account: Account, source: KeySource | undefined, report: ReportItem[]): AccountLine[] {
  try {
    return [{ account, tree: treeOf(dump, account, source) }];
  } catch (error) {
    if (!(error instanceof NotExportableError)) throw error;
    report.push({ what: "lost", where: `accounts ${account.id}`, why: `${error.message}.` });
    return [];
  }
}

function recordLine(record: Descriptor, report: ReportItem[]): RecordLine[] {
  try {
    return [{ record, tree: parseDescriptor(record.descriptor) }];
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    report.push({ what: "lost", where: "descriptors", why: "One of them cannot be read, or holds a private key." });
    return [];
  }
}

/** What the accounts and records that are written say, and the text does not. */
function lossesIn(
  dump: Dump,
  lines: readonly AccountLine[],
  records: readonly RecordLine[],
  format: "text" | "core",
): ReportItem[] {
  const accounts = lines.map(({ account }) => account);
  const written = [...accounts, ...records.map(({ record }) => record)];
  const say = (...keys: string[]) => written.some((one) => keys.some((key) => one[key] !== undefined));
  const hasUsed = accounts.some(({ external, internal }) => external?.used ?? internal?.used);
  const isOtherNetwork = accounts.some(({ network }) => network !== "mainnet" && network !== "testnet");
  const isPaired = accounts.some(({ pairing }) => dump.pairings.some(({ id }) => id === pairing));
  const losses: [isLost: boolean, where: string, why: string][] = [
    [format === "text" && say("external", "internal", "next"), "next", "The text does not say how far they are used."],
    [format === "text" && say("birthday", "timestamp"), "birthday", "The text does not say since when they are used."],
    [format === "core" && hasUsed, "used", "Bitcoin Core has the next index alone."],
    [format === "core" && (accounts.length > 1 || records.some(({ record }) => record.name)), "name", NO_NAMES],
    [say("archived"), "archived", "Descriptors do not say that a person has put them away."],
    [say("startingAddressIndex"), "startingAddressIndex", "Descriptors begin with the first address."],
    [say("cosigners"), "cosigners", "Descriptors have no names of keys."],
    [isOtherNetwork, "network", "The text says of a test network only that it is one, by its keys."],
  ];
  if (isPaired) losses.push([true, "pairings", "Of a pairing only the other device's key goes into the text."]);
  return losses.flatMap(([isLost, key, why]) => {
    const where = key === "pairings" ? key : `accounts.${key}`;
    return isLost ? [{ what: "lost", where, why } as const] : [];
  });
}

const NO_NAMES = "Bitcoin Core has a name for the wallet as a whole alone.";

function plainText(accounts: readonly AccountLine[], records: readonly RecordLine[]): string {
  const covered = new Set<string>();
  const lines: string[] = [];
  const write = (name: string | undefined, tree: DescriptorTree) => {
    const chains = expandDescriptor(tree);
    if (chains.every((chain) => covered.has(chain))) return;
    for (const chain of chains) covered.add(chain);
    lines.push(...(name ? [`# ${name.replace(/[\p{Cc}\u2028\u2029]/gu, " ")}`] : []), formatDescriptor(tree), "");
  };
  for (const { account, tree } of accounts) write(account.name, tree);
  for (const { record, tree } of records) write(record.name, tree);
  return lines.length > 0 ? `${lines.slice(0, -1).join("\n")}\n` : "";
}

function coreText(accounts: readonly AccountLine[], records: readonly RecordLine[]): string {
  const entries = new Map<string, CoreEntry>();
  const add = (entry: CoreEntry) => {
    const known = entries.get(entry.desc);
    entries.set(entry.desc, known ? united(known, entry) : entry);
  };
  for (const { record, tree } of records) {
    const { next, timestamp, active, internal, range } = record;
    expandDescriptor(tree).forEach((desc, i) => {
      add({ desc, timestamp, active, internal: internal ?? isChange(tree, i), next, range });
    });
  }
  for (const { account, tree } of accounts) {
    expandDescriptor(tree).forEach((desc, i) => {
      const isInternal = tree.paths > 1 ? i === 1 : chainsOf(tree.keys) === "internal";
      const next = (isInternal ? account.internal : account.external)?.next;
      // The account's time is the earliest of its chains; a record knows that of its own.
      const timestamp = entries.get(desc)?.timestamp ?? account.birthday;
      add({ desc, timestamp, internal: isChange(tree, i), next });
    });
  }
  const [only, ...others] = accounts;
  const name = only && others.length === 0 ? only.account.name : "";
  const descriptors = [...entries.values()].map(coreJson);
  return `${JSON.stringify({ wallet_name: name, descriptors }, null, 2)}\n`;
}

/** Of one descriptor alone nothing says whether it is of change. */
function isChange(tree: DescriptorTree, i: number): boolean | undefined {
  return tree.paths > 1 ? i === 1 : undefined;
}

/** What is known of one chain; undefined where nobody says it. */
interface CoreEntry {
  desc: string;
  timestamp: number | undefined;
  active?: unknown;
  internal: unknown;
  next: number | undefined;
  range?: unknown;
}

/** The further index and the earlier time: an address is not given out twice, and no block is left out. */
function united(a: CoreEntry, b: CoreEntry): CoreEntry {
  const next = Math.max(a.next ?? 0, b.next ?? 0);
  const timestamp = Math.min(a.timestamp ?? Number.POSITIVE_INFINITY, b.timestamp ?? Number.POSITIVE_INFINITY);
  return {
    desc: a.desc,
    timestamp: Number.isFinite(timestamp) ? timestamp : undefined,
    active: a.active ?? b.active,
    internal: a.internal ?? b.internal,
    next,
    range: a.range ?? b.range,
  };
}

/** Only what has a `*` has a range, in which the next index must be. */
function coreJson({ desc, timestamp = 0, active = false, internal, next = 0, range }: CoreEntry): object {
  const flags = { desc, timestamp, active, ...(internal !== undefined && { internal }) };
  if (!desc.includes("*")) return flags;
  const index = Math.min(next, LAST_INDEX);
  const [first, last] = rangeOf(range) ?? [0, Math.min(index + LOOK_AHEAD - 1, LAST_INDEX)];
  return { ...flags, range: [Math.min(first, index), Math.max(last, index)], next: index, next_index: index };
}

/** A wallet of another program may have a key of that name for something else. */
function rangeOf(range: unknown): [first: number, last: number] | undefined {
  if (!Array.isArray(range) || range.length !== 2) return undefined;
  const [first, last] = range;
  const isRange = [first, last].every((index) => Number.isSafeInteger(index) && index >= 0 && index <= LAST_INDEX);
  return isRange && first <= last ? [first, last] : undefined;
}
