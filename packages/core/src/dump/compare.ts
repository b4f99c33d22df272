import { assertBytes, assertKnownOptions, assertUint, bytesToHex, equalBytes } from "../bytes.ts";
import { decodeCbor, decodeCborSpans } from "../cbor.ts";
import { registryOf } from "./codec.ts";
import { compareText, type Key } from "./order.ts";
import { isRecord, isSame, own } from "./records.ts";
import { type AnySectionDefinition, identityText } from "./sections.ts";

/** How a record differs between two dumps. */
export interface RecordDifference {
  /** Its identity, for people: bytes in hex, several parts with a space between. */
  id: string;
  /** What a person called it, its `name` or `label`; undefined where it has neither. */
  name: string | undefined;
  /** Which side has it. */
  in: "local" | "remote" | "both";
  /** The keys whose values differ, ascending; none where one side alone has it, or it is no map. */
  keys: readonly string[];
  /**
   * Told by the base: the side that changed, added or removed it. Else by the section's merge rules: the side whose values
   * they keep, as of two counters the larger. Undefined: neither tells.
   */
  newer: "local" | "remote" | undefined;
}

/** How a section differs between two dumps. */
export interface SectionComparison {
  /** Whether both say the same. */
  isSame: boolean;
  /** Where all differences have the same side for the newer one. */
  newer: "local" | "remote" | undefined;
  /** How many records each side has; undefined for a section without a definition, which is compared as one. */
  counts:
    | {
        /** Of the local side. */
        local: number;
        /** Of the remote side. */
        remote: number;
      }
    | undefined;
  /** At most `maxRecords`: those that the local side has, in its order, then those that the remote side alone has. */
  differences: RecordDifference[];
  /** How many more there are. */
  more: number;
}

/** Bodies of one section, and how far to compare them. */
export interface CompareOptions {
  /** The section's. */
  name: string;
  /** As it is here; empty where it is absent. */
  local: Uint8Array;
  /** As it is there; empty where it is absent. */
  remote: Uint8Array;
  /** As both last had it, empty where that was absent; null: that is not known. */
  base: Uint8Array | null;
  /** Definitions of the wallet's own sections; one without a definition is compared as one. */
  sections?: readonly AnySectionDefinition[] | undefined;
  /** How many differences are listed. By default 1,000. */
  maxRecords?: number | undefined;
}

const MAX_RECORDS = 1_000;

/**
 * Compares a section of two dumps record by record, and says where it can which side is the newer one. Holds the index of
 * one body in memory, whatever their sizes.
 *
 * @param options bodies that hold to the rules of their section, as `openBackup` and `prepareDump` give them
 * @throws TypeError, RangeError for wrong options
 * @example
 * ```ts
 * import { compareSection, encodeDump } from "@cloudbackup/core";
 *
 * const bodyOf = (label: string) => {
 *   const labels = [{ type: "addr", ref: "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", label }];
 *   return encodeDump({ ...dump, labels }).get("labels") ?? new Uint8Array();
 * };
 * const { differences } = compareSection({
 *   name: "labels",
 *   local: bodyOf("Rent, May"),
 *   remote: bodyOf("Rent"),
 *   base: bodyOf("Rent"),
 * });
 * console.log(differences[0]?.name, differences[0]?.keys, differences[0]?.newer); // → Rent, May [ 'label' ] local
 * ```
 */
export function compareSection(options: CompareOptions): SectionComparison {
  assertKnownOptions(options, ["name", "local", "remote", "base", "sections", "maxRecords"], "compareSection");
  const { name, local, remote, base, maxRecords = MAX_RECORDS } = options;
  if (typeof name !== "string") throw new TypeError("name must be text");
  assertBytes(local, "local");
  assertBytes(remote, "remote");
  if (base !== null) assertBytes(base, "base");
  assertUint(maxRecords, "maxRecords");
  const definition = registryOf(options.sections).get(name);
  if (definition) return compareRecords(definition, { local, remote, base }, maxRecords);

  const isEqual = equalBytes(local, remote);
  const newer = isEqual || !base ? undefined : changedSide({ base, local, remote }, equalBytes);
  return { isSame: isEqual, newer, counts: undefined, differences: [], more: 0 };
}

interface Bodies {
  local: Uint8Array;
  remote: Uint8Array;
  base: Uint8Array | null;
}

type Side = "local" | "remote";
/** A record as the sides have it; undefined where it is absent. */
type Sides = Record<Side | "base", unknown>;
type RecordMap = Readonly<Record<string, unknown>>;

function compareRecords(definition: AnySectionDefinition, bodies: Bodies, maxRecords: number): SectionComparison {
  const { identity, normalize, order } = definition;
  const theirs = indexOf(definition, bodies.remote);
  const counts = { local: 0, remote: theirs.size };
  const found = new Map<string, Omit<Sides, "base">>();
  let more = 0;
  for (const { value, bytes } of decodeCborSpans(bodies.local)) {
    counts.local++;
    const id = identityText(identity(value));
    const other = theirs.get(id);
    theirs.delete(id);
    if (other && equalBytes(other, bytes)) continue;
    const sides = { local: normalize(value), remote: other && normalize(decodeCbor(other)) };
    if (isSame(sides.local, sides.remote)) continue;
    if (found.size < maxRecords) found.set(id, sides);
    else more++;
  }
  for (const [id, bytes] of theirs) {
    if (found.size < maxRecords) found.set(id, { local: undefined, remote: normalize(decodeCbor(bytes)) });
    else more++;
  }

  const base = readBase(definition, bodies.base, new Set(found.keys()));
  const differences = [...found].map(([id, sides]) =>
    differenceOf(definition, { ...sides, base: base?.get(id) }, base !== null),
  );
  const newer = new Set(differences.map((difference) => difference.newer));
  return {
    isSame: found.size + more === 0 && (order !== "given" || equalBytes(bodies.local, bodies.remote)),
    newer: more === 0 && newer.size === 1 ? differences[0]?.newer : undefined,
    counts,
    differences,
    more,
  };
}

/** The encoded records by identity, views. */
function indexOf({ identity }: AnySectionDefinition, body: Uint8Array): Map<string, Uint8Array> {
  const index = new Map<string, Uint8Array>();
  for (const { value, bytes } of decodeCborSpans(body)) index.set(identityText(identity(value)), bytes);
  return index;
}

/** Those records of the base. Null: it is not known, or cannot be read, and so tells nothing. */
function readBase({ identity, normalize }: AnySectionDefinition, body: Uint8Array | null, ids: ReadonlySet<string>) {
  const records = new Map<string, unknown>();
  if (!body) return null;
  try {
    for (const { value } of decodeCborSpans(body)) {
      const id = identityText(identity(value));
      if (ids.has(id)) records.set(id, normalize(value));
    }
    return records;
  } catch {
    // An older version of the wallet wrote it, whose records this definition may not fit.
    return null;
  }
}

function differenceOf(definition: AnySectionDefinition, sides: Sides, hasBase: boolean): RecordDifference {
  const { base, local, remote } = sides;
  const record = local ?? remote;
  const common = { id: textOf(definition.identity(record)), name: nameOf(record) };
  const newer = hasBase ? changedSide(sides, isSame) : undefined;
  if (local === undefined || remote === undefined) {
    return { ...common, in: local === undefined ? "remote" : "local", keys: [], newer };
  }
  if (!isRecord(local) || !isRecord(remote)) return { ...common, in: "both", keys: [], newer };
  const before = isRecord(base) ? base : {};
  const keys = [...new Set([...Object.keys(local), ...Object.keys(remote)])]
    .filter((key) => !isSame(own(local, key), own(remote, key)))
    .sort(compareText);
  const byKey = keys.map((key) => {
    const values = { base: own(before, key), local: own(local, key), remote: own(remote, key) };
    const changed = isRecord(base) ? changedSide(values, isSame) : undefined;
    return changed ?? keptSide(definition, key, local, remote);
  });
  const isAgreed = byKey.every((side) => side === byKey[0]);
  return { ...common, in: "both", keys, newer: newer ?? (isAgreed ? byKey[0] : undefined) };
}

/** The side that is no longer as the base has it, where the other one is. */
function changedSide<T>({ base, local, remote }: Record<Side | "base", T>, isEqual: (a: T, b: T) => boolean) {
  if (isEqual(base, local)) return "remote";
  return isEqual(base, remote) ? "local" : undefined;
}

/** The side whose value the merge rule of the key keeps. */
function keptSide({ merge, normalize }: AnySectionDefinition, key: string, local: RecordMap, remote: RecordMap) {
  const [mine, theirs, rule] = [own(local, key), own(remote, key), own(merge, key)];
  if (!rule || mine === undefined || theirs === undefined) return undefined;
  const kept = own(normalize({ ...local, [key]: rule(mine, theirs) }), key);
  if (isSame(kept, mine)) return "local";
  return isSame(kept, theirs) ? "remote" : undefined;
}

function textOf(key: Key): string {
  if (key instanceof Uint8Array) return bytesToHex(key);
  if (!Array.isArray(key)) return String(key);
  return key
    .filter((part) => part !== undefined)
    .map(textOf)
    .join(" ");
}

function nameOf(record: unknown): string | undefined {
  if (!isRecord(record)) return undefined;
  return [own(record, "name"), own(record, "label")].find((value) => typeof value === "string");
}
