import type { StandardSchemaV1 } from "@standard-schema/spec";
import { assertKnownOptions, bytesToHex } from "../bytes.ts";
import { CborError, CborWriter, decodeCbor, decodeCborSequence } from "../cbor.ts";
import { InvalidDumpError } from "../errors.ts";
import { compareKeys, type Key } from "./order.ts";

/**
 * How the two values of one key come together where both devices changed it. Without a rule, or where one of them is
 * absent, the wallet decides.
 *
 * @param local the value here
 * @param remote the value on the server
 * @returns what stands; undefined: the rule cannot tell, the wallet decides
 */
export type MergeRule = (local: unknown, remote: unknown) => unknown;

/** What this library must know of a section to read, check, order and merge its records. `defineSection` makes one. */
export interface SectionDefinition<Name extends string = string, Record = unknown> {
  /** The section's, 1 to 64 characters of `a-z 0-9 . -`. */
  readonly name: Name;
  /** Only checks: what it returns is ignored, so that keys it does not know survive. */
  readonly schema: StandardSchemaV1<Record, unknown>;
  /**
   * Tells records apart: two of one identity are refused.
   *
   * @param record one that the schema accepted
   */
  readonly identity: (record: Record) => Key;
  /** `identity`: sorted by it. `given`: the order is the wallet's, new records are appended. Else sorted by that key. */
  readonly order:
    | "identity"
    | "given"
    | ((
        /** One that the schema accepted. */
        record: Record,
      ) => Key);
  /** By key of a record. */
  readonly merge: Readonly<{ [key: string]: MergeRule }>;
  /**
   * Gives records of equal meaning equal bytes.
   *
   * @param record is not changed
   */
  readonly normalize: (record: Record) => Record;
}

/** A definition of any section, as an element of a list. */
// biome-ignore lint/suspicious/noExplicitAny: a definition takes its own records alone, a list of them has all kinds
export type AnySectionDefinition = SectionDefinition<string, any>;

/** The type of a section's records: `RecordOf<typeof notes>`. */
export type RecordOf<Definition> = Definition extends SectionDefinition<string, infer Record> ? Record : never;

/** @inline */
interface SectionOptions<Name extends string, Record> {
  /** Dotted, its owner's name first: `acme.notes`. */
  name: Name;
  /** Any Standard Schema that answers synchronously. It only checks: what it returns is ignored. */
  schema: StandardSchemaV1<Record, unknown>;
  /** Tells records apart: two of one identity are refused. */
  identity: (record: Record) => Key;
  /** How records are sorted: by `identity` (the default), as they are `given`, or by the key that a function gives. */
  order?: SectionDefinition<Name, Record>["order"];
  /** By key of a record; a key without a rule is decided by the wallet, as `mergeDumps` says. */
  merge?: Readonly<{ [key: string]: MergeRule }>;
}

/**
 * Defines a section of a wallet's own, so that its records are typed, checked, ordered and merged.
 *
 * @param options `name`, `schema` and `identity`, and where the defaults do not fit, `order` and `merge`
 * @throws TypeError, RangeError for what is wrong or unknown in `options`, a name without a dot among it
 * @example
 * ```ts
 * import { decodeDump, defineSection, encodeDump } from "@cloudbackup/core";
 * import * as v from "valibot";
 *
 * const notes = defineSection({
 *   name: "acme.notes",
 *   schema: v.looseObject({ id: v.number(), text: v.string() }),
 *   identity: (note) => note.id,
 * });
 * const sections = [notes] as const;
 * const bodies = encodeDump({ ...dump, "acme.notes": [{ id: 1, text: "Ask for a receipt" }] }, { sections });
 * const read = decodeDump(bodies, { sections });
 * console.log(read["acme.notes"]?.[0]?.text); // → Ask for a receipt
 * ```
 * @see https://standardschema.dev
 */
export function defineSection<const Name extends `${string}.${string}`, Record>(
  options: SectionOptions<Name, Record>,
): SectionDefinition<Name, Record> {
  assertKnownOptions(options, ["name", "schema", "identity", "order", "merge"], "defineSection");
  assertSectionName(options.name, "name");
  if (!options.name.includes("."))
    throw new RangeError(`name must have a dot, as acme.notes; "${options.name}" has none`);
  if (typeof options.schema?.["~standard"]?.validate !== "function")
    throw new TypeError("schema must be a Standard Schema");
  if (typeof options.identity !== "function") throw new TypeError("identity must be a function");
  const order = options.order ?? "identity";
  if (order !== "identity" && order !== "given" && typeof order !== "function") {
    throw new TypeError('order must be "identity", "given" or a function');
  }
  const merge = options.merge ?? {};
  if (typeof merge !== "object" || Object.values(merge).some((rule) => typeof rule !== "function")) {
    throw new TypeError("merge must be functions by key");
  }
  return sectionOf({ ...options, order, merge });
}

/** The same for the format's own sections. */
export function sectionOf<Name extends string, Record>(
  options: SectionOptions<Name, Record> & { normalize?: (record: Record) => Record },
): SectionDefinition<Name, Record> {
  return { order: "identity", merge: {}, normalize: (record) => record, ...options };
}

/** 1–64 characters of `a-z 0-9 . -`. */
export function isSectionName(name: string): boolean {
  return /^[a-z0-9.-]{1,64}$/.test(name);
}

export function assertSectionName(name: unknown, argument: string): asserts name is string {
  if (typeof name !== "string") throw new TypeError(`${argument} must be text`);
  if (!isSectionName(name))
    throw new RangeError(`${argument} must be 1 to 64 characters of a-z 0-9 . -, it is "${name}"`);
}

/** Checks, orders and encodes the records of a defined section. @throws InvalidDumpError */
export function encodeSection(definition: AnySectionDefinition, records: readonly unknown[]): Uint8Array {
  const { name, identity, order, normalize } = definition;
  checkRecords(definition, records);
  const ordered = records.map((record, index) => ({ record: normalize(record), index }));
  if (order !== "given") {
    const keyOf = order === "identity" ? identity : order;
    const keyed = ordered.map((entry) => ({ entry, key: keyOf(entry.record) }));
    keyed.sort((a, b) => compareKeys(a.key, b.key));
    keyed.forEach(({ entry }, i) => {
      ordered[i] = entry;
    });
  }
  const writer = new CborWriter();
  for (const { record, index } of ordered) {
    const bytes = writer.write(record, refusalOf(name, index));
    // A wallet's schema may take what reads back as something that it refuses: 5n, which comes back as 5.
    if (isWalletsOwn(definition)) checkRecord(definition, decodeCbor(bytes), index);
  }
  return writer.take();
}

/** Encodes records as they come, for a section without a definition. @throws InvalidDumpError */
export function encodeRecords(name: string, records: readonly unknown[]): Uint8Array {
  const writer = new CborWriter();
  records.forEach((record, index) => {
    writer.write(record, refusalOf(name, index));
  });
  return writer.take();
}

/** Decodes and checks the records of a defined section, in the order they come. @throws InvalidDumpError */
export function decodeSection(definition: AnySectionDefinition, body: Uint8Array): unknown[] {
  const records: unknown[] = [];
  try {
    for (const value of decodeCborSequence(body)) records.push(value);
  } catch (error) {
    if (!(error instanceof CborError)) throw error;
    const at = { section: definition.name, index: records.length };
    throw new InvalidDumpError(error.message, at, { cause: error });
  }
  checkRecords(definition, records);
  return records;
}

/** A text that is equal for equal identities: also for 5 and 5n, and for a Uint8Array and a Buffer. */
export function identityText(key: Key): string {
  // Every record of a long history has such a one: a unit of text for each byte takes half the time that hex takes.
  if (key instanceof Uint8Array && key.length <= 64) return `b${String.fromCharCode.apply(null, key as never)}`;
  return textOfKey(key);
}

function textOfKey(key: Key): string {
  if (typeof key === "string") return JSON.stringify(key);
  if (key instanceof Uint8Array) return `h${bytesToHex(key)}`;
  return Array.isArray(key) ? `[${key.map(textOfKey).join()}]` : String(key);
}

function isWalletsOwn(definition: AnySectionDefinition): boolean {
  return definition.name.includes(".");
}

/** Checks records against their section. @throws InvalidDumpError */
export function checkRecords(definition: AnySectionDefinition, records: readonly unknown[]): void {
  const seen = new Map<string, number>();
  records.forEach((record, index) => {
    checkRecord(definition, record, index);
    const identity = identityText(definition.identity(record));
    const before = seen.get(identity);
    if (before !== undefined) {
      throw new InvalidDumpError(`has the identity of record ${before}`, { section: definition.name, index });
    }
    seen.set(identity, index);
  });
}

function checkRecord(definition: AnySectionDefinition, record: unknown, index: number): void {
  const result = definition.schema["~standard"].validate(record);
  if (result instanceof Promise) throw new TypeError(`the schema of ${definition.name} must answer synchronously`);
  const issue = result.issues?.[0];
  if (!issue) return;
  const path = issue.path?.map((part) => String(typeof part === "object" ? part.key : part)).join(".");
  // What a wallet's schema says could hold the value itself.
  const problem = isWalletsOwn(definition) ? "does not fit the section's schema" : issue.message;
  throw new InvalidDumpError(problem, { section: definition.name, index, path: path || undefined });
}

function refusalOf(section: string, index: number) {
  return (problem: string, path: readonly (string | number)[]): Error =>
    new InvalidDumpError(problem, { section, index, path: path.join(".") || undefined });
}
