import type { Descriptor } from "../dump/descriptors.ts";
import { AccountsBuilder, type ImportOptions } from "./accounts-builder.ts";
import { type DescriptorTree, expandDescriptor, formatDescriptor, parseDescriptor } from "./descriptor.ts";
import { ImportError, type Place } from "./errors.ts";
import { fieldOf, type JsonNode, listOf, mapOf, parseJson, shownKey, textOf, uintOf } from "./json.ts";
import type { Imported } from "./report.ts";
import { chainsOf, inOneOrder, shapeOf, withBothChains } from "./shape.ts";
import { assertText, linesOf, withoutMark } from "./text.ts";

/** A wallet of Bitcoin Core that was migrated has a descriptor for each key it ever had. */
const MAX_DESCRIPTORS = 10_000;
/** BIP-32, "Extended keys": from there on keys are hardened. */
const INDEX_LIMIT = 2 ** 31;
/** What comes before the first block is no time of a wallet: Bitcoin Core writes 0 and 1 for "from the beginning". */
const GENESIS_TIME = 1_231_006_505;

interface Entry {
  tree: DescriptorTree;
  record: Descriptor;
  at: Place;
}

/**
 * Reads output descriptors: a text with one on each line, as Sparrow writes it (lines that begin with `#` are comments), or the
 * JSON of Bitcoin Core's `listdescriptors`. Each becomes a record of `descriptors`; of those with extended keys come accounts,
 * one of a receive descriptor and its change descriptor: `standard` where the key is the wallet's own, `paired` as
 * `importCaravan` says, else `cloudbackup.multisig` or `cloudbackup.descriptor`.
 *
 * @param text lines, or JSON
 * @param options which keys are the wallet's own, and what the text may leave open
 * @returns `accounts`, `pairings` and `descriptors`
 * @throws ImportError: no descriptors, one that cannot be, or one with a private key; TypeError, RangeError for wrong arguments
 * @example
 * ```ts
 * import { importDescriptors, masterFingerprint } from "@cloudbackup/core/interchange";
 *
 * const text = `# Receive and change descriptor (BIP389):
 * wpkh([73c5da0a/84h/0h/0h]xpub6CatWdiZiodmUeTDp8LT5or8nmbKNcuyvz7WyksVFkKB4RHwCD3XyuvPEbvqAQY3rAPshWcMLoP2fMFMKHPJ4ZeZXYVUhLv1VMrjPC7PW6V/<0;1>/*)`;
 * const { dump, report } = importDescriptors(text, { fingerprint: masterFingerprint(seed), name: "Spending" });
 * console.log(dump.accounts?.[0]?.id, dump.accounts?.[0]?.script, report); // → mainnet/m/84'/0'/0' p2wpkh []
 * ```
 * @see BIP-380, BIP-389; docs/interchange.md
 */
export function importDescriptors(text: string, options: ImportOptions = {}): Imported {
  assertText(text);
  const builder = new AccountsBuilder(options);
  const content = withoutMark(text);
  if (/^\s*[[{]/.test(content)) return importCoreNode(parseJson(content), builder);
  const lines = linesOf(content).filter((line) => line.text !== "" && !line.text.startsWith("#"));
  if (lines.length === 0) throw new ImportError("there is no descriptor in it");
  if (lines.length > MAX_DESCRIPTORS) throw new ImportError(`it has more than ${MAX_DESCRIPTORS} descriptors`);
  const entries = lines.map(({ text: descriptor, line }) => entryOf(descriptor, { line }, builder));
  return importEntries(entries, builder, undefined);
}

/** What Bitcoin Core's `listdescriptors` says, parsed. A list is that of `importdescriptors`. */
export function importCoreNode(file: JsonNode, builder: AccountsBuilder): Imported {
  const isList = Array.isArray(file.value);
  const nodes = listOf(isList ? file : fieldOf(file, "descriptors"), MAX_DESCRIPTORS);
  const name = isList ? undefined : mapOf(file).get("wallet_name");
  if (nodes.length === 0) throw new ImportError("there is no descriptor in it");
  if (!isList) sayUnknown(file, ["wallet_name", "descriptors"], builder);
  return importEntries(
    nodes.map((node) => coreEntryOf(node, builder)),
    builder,
    name && textOf(name),
  );
}

function entryOf(text: string, at: Place, builder: AccountsBuilder): Entry {
  const tree = parseDescriptor(text, at);
  builder.sayConverted(tree.keys, at);
  // Spelled in one way, so that one descriptor is one record whichever program wrote it down.
  const descriptor = formatDescriptor(tree);
  return { tree, record: { descriptor }, at };
}

function coreEntryOf(node: JsonNode, builder: AccountsBuilder): Entry {
  const descNode = fieldOf(node, "desc");
  const entry = entryOf(textOf(descNode), descNode, builder);
  const map = mapOf(node);
  const record = { ...entry.record };
  const timestamp = map.get("timestamp");
  if (timestamp?.value === "now") {
    builder.say("lost", timestamp, "It says now, and not when: this descriptor has no time.");
  } else if (timestamp) record.timestamp = uintOf(timestamp);
  // `next` is the older name of the same.
  const next = map.get("next_index") ?? map.get("next");
  if (next) record.next = indexOf(next);
  for (const key of ["active", "internal"]) {
    const flag = map.get(key);
    if (flag && typeof flag.value !== "boolean") throw new ImportError("this must be true or false", flag);
    if (flag) record[key] = flag.value;
  }
  const range = map.get("range");
  if (range) record.range = rangeOf(range);
  const label = map.get("label");
  if (label && textOf(label) !== "") record.name = textOf(label);
  sayUnknown(node, ["desc", "timestamp", "next_index", "next", "active", "internal", "range", "label"], builder);
  return { ...entry, record };
}

/** One that a key can have, or the one behind the last. */
function indexOf(node: JsonNode): number {
  const index = uintOf(node);
  if (index > INDEX_LIMIT) throw new ImportError("this is beyond the last index of a key", node);
  return index;
}

/** The first and the last; a number is the last of those from 0. */
function rangeOf(node: JsonNode): [first: number, last: number] {
  const [first = 0, last = 0] = Array.isArray(node.value) ? listOf(node, 2).map(indexOf) : [0, indexOf(node)];
  const isPair = !Array.isArray(node.value) || node.value.length === 2;
  if (!isPair || first > last) throw new ImportError("a range is its first index and its last", node);
  return [first, last];
}

function sayUnknown(node: JsonNode, known: readonly string[], builder: AccountsBuilder): void {
  for (const key of mapOf(node).keys()) {
    if (known.includes(key)) continue;
    const path = [node.path, shownKey(key)].filter(Boolean).join(".");
    builder.say("lost", { path }, "This is not known here, and left out.");
  }
}

function importEntries(entries: readonly Entry[], builder: AccountsBuilder, walletName: string | undefined): Imported {
  const kept = withoutRepeats(entries);
  const groups = groupsOf(kept, builder);
  for (const group of groups) {
    const shape = shapeOf(group.tree);
    const name = walletName && groups.length > 1 ? `${walletName} (${shape?.script ?? "descriptor"})` : walletName;
    const [named] = [group.external, group.internal].flatMap((entry) => entry?.record.name ?? []);
    const chain = (entry: Entry | undefined) =>
      entry?.record.next === undefined ? undefined : { next: entry.record.next };
    const times = [group.external, group.internal].flatMap((entry) => entry?.record.timestamp ?? []);
    const birthday = Math.min(...times);
    const [external, internal] = [chain(group.external), chain(group.internal)];
    builder.add({
      tree: group.tree,
      at: group.at,
      name: name || named,
      more: {
        ...(external && { external }),
        ...(internal && { internal }),
        ...(times.length > 0 && birthday >= GENESIS_TIME && { birthday }),
      },
    });
  }
  const { accounts, pairings, report } = builder;
  return { dump: { accounts, pairings, descriptors: kept.map(({ record }) => record) }, report };
}

/** Sparrow writes the descriptor with its tuple, and then the two that it stands for once more. */
function withoutRepeats(entries: readonly Entry[]): Entry[] {
  const covered = new Set(entries.flatMap(({ tree }) => (tree.paths === 2 ? expandDescriptor(tree) : [])));
  const kept = new Map<string, Entry>();
  for (const entry of entries) {
    const { record, tree } = entry;
    const saysMore = Object.keys(record).length > 1;
    if (!saysMore && covered.has(formatDescriptor(tree))) continue;
    const known = kept.get(record.descriptor);
    kept.set(record.descriptor, known ? { ...known, record: united(known.record, record) } : entry);
  }
  return [...kept.values()];
}

/** What two say of one descriptor: as of two devices, the further index and the earlier time. */
function united(a: Descriptor, b: Descriptor): Descriptor {
  const both = { ...b, ...a };
  if (a.next !== undefined && b.next !== undefined) both.next = Math.max(a.next, b.next);
  if (a.timestamp !== undefined && b.timestamp !== undefined) both.timestamp = Math.min(a.timestamp, b.timestamp);
  return both;
}

interface Group {
  tree: DescriptorTree;
  at: Place;
  external?: Entry | undefined;
  internal?: Entry | undefined;
}

/** What becomes an account each: receive and change together. */
function groupsOf(entries: readonly Entry[], builder: AccountsBuilder): Group[] {
  const groups = new Map<string, Group>();
  for (const entry of entries) {
    const { tree, at } = entry;
    if (!tree.keys.some(({ extended }) => extended)) {
      builder.say("assumed", at, "It has no extended key: it is kept as a descriptor, and no account is made of it.");
      continue;
    }
    const chains = chainsOf(tree.keys);
    if (chains !== "external" && chains !== "internal") {
      groups.set(formatDescriptor(inOneOrder(tree)), { tree, at, external: entry });
      continue;
    }
    const both = withBothChains(tree);
    const key = formatDescriptor(inOneOrder(both));
    const group = groups.get(key);
    if (!group) groups.set(key, { tree, at, [chains]: entry });
    else groups.set(key, { ...group, tree: both, [chains]: group[chains] ?? entry });
  }
  return [...groups.values()];
}
