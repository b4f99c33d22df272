import { assertKnownOptions, equalBytes } from "../bytes.ts";
import { registryOf } from "./codec.ts";
import { type Dump, RawSection } from "./dump.ts";
import { isRecord, isSame, own } from "./records.ts";
import { type AnySectionDefinition, encodeRecords, identityText } from "./sections.ts";

/** What both devices changed, and no rule unites. */
export interface MergeConflict {
  /** Name of the section. */
  section: string;
  /** The record; undefined where it, or the section, is taken as one. */
  record?: {
    /** As it is here. */
    local: unknown;
    /** As it is on the server. */
    remote: unknown;
  };
  /** The key in the record; undefined where the record or the section is taken as one. */
  key?: string;
  /** The value here. */
  local: unknown;
  /** The value on the server, which wins where nothing resolves. */
  remote: unknown;
}

/**
 * Chooses between two values. Without one the remote value wins.
 *
 * @param conflict what both sides changed
 * @returns the value that stands: one of the two, or a third
 */
export type MergeResolver = (conflict: MergeConflict) => unknown;

/** Three dumps, and how to choose. */
export interface MergeOptions {
  /** What this device last synchronised; null: nothing is taken as removed. */
  base: Dump | null;
  /** What this device holds. */
  local: Dump;
  /** What the server holds. */
  remote: Dump;
  /** Definitions of the wallet's own sections; one without a definition is taken whole. */
  sections?: readonly AnySectionDefinition[] | undefined;
  /** Asked for every conflict. By default the remote value wins. */
  resolve?: MergeResolver | undefined;
}

type Content = readonly unknown[] | RawSection | undefined;

/**
 * Merges three ways, record by record and key by key. Nothing is thrown away silently: every value that lost is in
 * `conflicts`. The inputs stay as they are; records that one side has as they are may be shared with the result.
 *
 * @param options three dumps that hold to the rules of their sections, as `restore` gives them
 * @throws TypeError, RangeError for wrong options
 * @example
 * ```ts
 * import { mergeDumps } from "@cloudbackup/core";
 *
 * const label = { type: "tx", ref: "f91d0a8a78462bc59398f2c5d7a84fcff491c26ba54c4833478b202796c8aafd" };
 * const base = { ...dump, labels: [{ ...label, label: "Rent" }] };
 * const local = { ...dump, labels: [{ ...label, label: "Rent, May" }] };
 * const remote = { ...dump, labels: [{ ...label, label: "Rent", spendable: false }] };
 * const merged = mergeDumps({ base, local, remote });
 * console.log(merged.conflicts.length); // → 0
 * console.log(merged.dump.labels?.[0]?.label, merged.dump.labels?.[0]?.spendable); // → Rent, May false
 * ```
 * @see docs/sections.md, "Merging"
 */
export function mergeDumps(options: MergeOptions): {
  /** What the wallet takes over, and backs up. */
  dump: Dump;
  /** What both changed and no rule united, resolved or not. */
  conflicts: MergeConflict[];
} {
  assertKnownOptions(options, ["base", "local", "remote", "sections", "resolve"], "mergeDumps");
  const { base, local, remote, resolve } = options;
  const registry = registryOf(options.sections);
  const conflicts: MergeConflict[] = [];
  const decide: MergeResolver = (conflict) => {
    conflicts.push(conflict);
    return resolve ? resolve(conflict) : conflict.remote;
  };

  const merged: { [name: string]: Content } = {};
  for (const name of new Set([...Object.keys(remote), ...Object.keys(local)])) {
    const sides = { base: base ? own(base, name) : undefined, local: own(local, name), remote: own(remote, name) };
    const definition = registry.get(name);
    // A section that this device does not name is not its to remove.
    if (sides.local === undefined) merged[name] = sides.remote;
    else if (definition) merged[name] = mergeRecords(definition, base === null, listsOf(sides), decide);
    else merged[name] = mergeWhole(name, sides, decide);
    if (merged[name] === undefined) delete merged[name];
  }
  const dump = merged as unknown as Dump;
  return {
    dump: { ...dump, pairings: withNamedPairings(dump, base ? [local, remote, base] : [local, remote]) },
    conflicts,
  };
}

interface Sides<T> {
  base: T;
  local: T;
  remote: T;
}

/** The remote order, then what is new here. */
function mergeRecords(
  definition: AnySectionDefinition,
  withoutBase: boolean,
  lists: Sides<readonly unknown[]>,
  decide: MergeResolver,
): unknown[] {
  const index = (records: readonly unknown[]) =>
    new Map(records.map((record) => [identityText(definition.identity(record)), record]));
  const sides = { base: index(lists.base), local: index(lists.local), remote: index(lists.remote) };
  const merged: unknown[] = [];
  for (const id of new Set([...sides.remote.keys(), ...sides.local.keys()])) {
    const base = sides.base.get(id);
    const local = sides.local.get(id);
    const remote = sides.remote.get(id);
    if (local !== undefined && remote !== undefined) {
      merged.push(mergeRecord(definition, { base, local, remote }, decide));
      continue;
    }
    const only = local ?? remote;
    const wasRemoved = !withoutBase && base !== undefined && isSame(base, only);
    if (!wasRemoved) merged.push(only);
  }
  return merged;
}

function mergeRecord(definition: AnySectionDefinition, sides: Sides<unknown>, decide: MergeResolver): unknown {
  const { base, local, remote } = sides;
  if (isSame(local, remote) || isSame(base, local)) return remote;
  if (isSame(base, remote)) return local;
  if (!isRecord(local) || !isRecord(remote)) return decide({ section: definition.name, local, remote });

  const before = isRecord(base) ? base : {};
  const merged: [string, unknown][] = [];
  for (const key of new Set([...Object.keys(remote), ...Object.keys(local)])) {
    const [was, mine, theirs] = [own(before, key), own(local, key), own(remote, key)];
    const rule = own(definition.merge, key);
    let value: unknown;
    if (isSame(mine, theirs) || isSame(was, mine)) value = theirs;
    else if (isSame(was, theirs)) value = mine;
    else {
      if (mine !== undefined && theirs !== undefined) value = rule?.(mine, theirs);
      if (value === undefined) {
        value = decide({ section: definition.name, record: { local, remote }, key, local: mine, remote: theirs });
      }
    }
    if (value !== undefined) merged.push([key, value]);
  }
  return Object.fromEntries(merged);
}

/** A section that nobody here understands: the side that changed it. */
function mergeWhole(name: string, sides: Sides<Content>, decide: MergeResolver): Content {
  const body = (content: Content) =>
    content instanceof RawSection ? content.body : encodeRecords(name, content ?? []);
  const [base, local, remote] = [body(sides.base), body(sides.local), body(sides.remote)];
  if (equalBytes(local, remote) || (sides.base !== undefined && equalBytes(base, local))) return sides.remote;
  // Changed here alone, or removed there and changed here.
  if (equalBytes(base, remote) || sides.remote === undefined) return sides.local;
  return decide({ section: name, local: sides.local, remote: sides.remote }) as Content;
}

/** A pairing that an account names is kept, whoever removed it: without it the account's coins are out of reach. */
function withNamedPairings(dump: Dump, sides: readonly Dump[]): Dump["pairings"] {
  const known = new Set(dump.pairings.map((pairing) => pairing.id));
  const lost = new Set(
    dump.accounts.flatMap(({ pairing }) => (pairing !== undefined && !known.has(pairing) ? [pairing] : [])),
  );
  const found = [...lost].flatMap((id) => {
    const pairing = sides.flatMap((side) => side.pairings.filter((candidate) => candidate.id === id)).at(0);
    return pairing ? [pairing] : [];
  });
  return [...dump.pairings, ...found];
}

function listsOf(sides: Sides<Content>): Sides<readonly unknown[]> {
  const list = (content: Content): readonly unknown[] => (Array.isArray(content) ? content : []);
  return { base: list(sides.base), local: list(sides.local), remote: list(sides.remote) };
}
