import { assertKnownOptions, copyBytes, sharedStart } from "./bytes.ts";
import { EncodedSection } from "./chunks/encoded-section.ts";
import { contentsOf, encodeContent, isKept, type SectionContent } from "./dump/codec.ts";
import { type Dump, RawSection } from "./dump/dump.ts";
import { type AnySectionDefinition, assertSectionName } from "./dump/sections.ts";
import { BackupKeys } from "./keys/backup-keys.ts";

/*
 * What a cache may change is how long a backup takes, never what is in it. Two kinds of work are spared:
 *
 * - By comparison, always: a section is encoded, and its bytes are compared with those of the dump before. Where they are
 *   the same, nothing else is done; where they begin or end alike, what was cut and hashed of that part is taken over.
 *   Records are not compared as objects: a wallet may have changed one in place.
 * - By the caller's word, where `changed` names what has changed since the dump before: the other sections are not even
 *   encoded. Whoever leaves out a name gets the section as it was. A section that has another number of records, or another
 *   definition, or was not in the dump before, is encoded all the same; and every section where `changed` has a name that
 *   neither dump has, which may be mistyped.
 */

/** What came of a section the last time. */
interface Known {
  section: EncodedSection;
  definition: AnySectionDefinition | undefined;
  extent: number;
}

let knownOf: (cache: BackupCache, keys: BackupKeys) => ReadonlyMap<string, Known>;
let remember: (cache: BackupCache, keys: BackupKeys, known: Map<string, Known>) => void;

/** Remembers what came of the sections of one wallet's last dump. It holds their bodies in memory, unencrypted. */
export class BackupCache {
  #keys: BackupKeys | undefined;
  #known = new Map<string, Known>();

  /** Forgets everything: for a wallet whose content was replaced. */
  forget(): void {
    this.#keys = undefined;
    this.#known = new Map();
  }

  #of(keys: BackupKeys): ReadonlyMap<string, Known> {
    return this.#keys === keys ? this.#known : new Map();
  }

  #remember(keys: BackupKeys, known: Map<string, Known>): void {
    this.#keys = keys;
    this.#known = known;
  }

  static {
    knownOf = (cache, keys) => cache.#of(keys);
    remember = (cache, keys, known) => cache.#remember(keys, known);
  }
}

/** Makes an empty cache, for the dumps of one wallet one after the other. */
export function createBackupCache(): BackupCache {
  return new BackupCache();
}

/** How a dump is prepared. */
export interface PrepareOptions {
  /** Those of the wallet, in the realm of the server that the backup is for. */
  keys: BackupKeys;
  /** Definitions of the wallet's own sections. */
  sections?: readonly AnySectionDefinition[] | undefined;
  /** What came of the dump before, so that not all of it is done again. */
  cache?: BackupCache | undefined;
  /** Names of all sections that may differ from the dump that the cache saw last; without it, any may. */
  changed?: readonly string[] | undefined;
}

/** A dump as it was at one moment, checked and encoded. Made by `prepareDump`. */
export class PreparedDump {
  /** For which it was prepared. */
  readonly keys: BackupKeys;
  /** Ascending by name. */
  readonly sections: ReadonlyMap<string, EncodedSection>;
  /** Names of the sections that the dump has without a record: they are removed. */
  readonly emptied: readonly string[];

  /** @hidden Use `prepareDump`. */
  constructor(keys: BackupKeys, sections: ReadonlyMap<string, EncodedSection>, emptied: readonly string[]) {
    this.keys = keys;
    this.sections = sections;
    this.emptied = emptied;
  }
}

/**
 * Checks and encodes a dump, as `createBackup` does it by itself: for who must know what changed before.
 *
 * @param dump is not changed, and may change afterwards
 * @param options the wallet's keys, and what spares work
 * @throws InvalidDumpError; TypeError or RangeError for wrong options
 */
export function prepareDump(dump: Dump, options: PrepareOptions): PreparedDump {
  assertKnownOptions(options, ["keys", "sections", "cache", "changed"], "prepareDump");
  const { keys, cache, changed } = options;
  if (!(keys instanceof BackupKeys)) throw new TypeError("keys must be BackupKeys");
  assertCacheOptions(options);

  const before = cache ? knownOf(cache, keys) : new Map<string, Known>();
  const contents = contentsOf(dump, options.sections);
  const named = new Set(changed);
  for (const { name } of contents) named.delete(name);
  const isBelieved = changed !== undefined && [...named].every((name) => before.has(name));
  const isUnchangedByWord = (name: string): boolean => isBelieved && !changed.includes(name);
  const known = new Map<string, Known>();
  const emptied: string[] = [];
  for (const content of contents) {
    const { name, definition } = content;
    const extent = extentOf(content);
    const last = before.get(name);
    if (last && isUnchangedByWord(name) && last.extent === extent && last.definition === definition) {
      known.set(name, last);
      continue;
    }
    const body = encodeOwn(content);
    if (isKept(name, body))
      known.set(name, { section: sectionOf(keys, name, body, last?.section), definition, extent });
    else emptied.push(name);
  }
  if (cache) remember(cache, keys, known);
  return new PreparedDump(keys, new Map([...known].map(([name, { section }]) => [name, section])), emptied);
}

/** @throws TypeError, RangeError */
function assertCacheOptions({ cache, changed }: Pick<PrepareOptions, "cache" | "changed">): void {
  if (cache !== undefined && !(cache instanceof BackupCache)) throw new TypeError("cache must be a BackupCache");
  if (changed === undefined) return;
  if (!Array.isArray(changed)) throw new TypeError("changed must be an array of names");
  for (const name of changed) assertSectionName(name, "a name in changed");
  if (!cache) throw new TypeError("changed needs a cache, which knows what has not changed");
}

function sectionOf(keys: BackupKeys, name: string, body: Uint8Array, before?: EncodedSection): EncodedSection {
  const isSame = before?.body.length === body.length && sharedStart(before.body, body) === body.length;
  return isSame ? before : new EncodedSection(keys, name, body, before);
}

/** What a wallet cannot change from outside. */
function encodeOwn(content: SectionContent): Uint8Array {
  const body = encodeContent(content);
  return content.records instanceof RawSection ? copyBytes(body) : body;
}

/** A cheap sign that a section changed although nobody said so: how many records it has; of a raw one, its bytes, negative. */
function extentOf({ records }: SectionContent): number {
  return records instanceof RawSection ? -1 - records.body.length : records.length;
}
