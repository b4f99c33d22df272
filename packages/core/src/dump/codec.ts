import { assertKnownOptions, joinBytes } from "../bytes.ts";
import { InvalidDumpError } from "../errors.ts";
import type { Primitives } from "../primitives/primitives.ts";
import { finish, type Steps } from "../steps.ts";
import { accountsSection } from "./accounts.ts";
import { payloadChecksum, type Sections } from "./checksum.ts";
import { contactsSection } from "./contacts.ts";
import { descriptorsSection } from "./descriptors.ts";
import { type Dump, type DumpOf, RawSection } from "./dump.ts";
import { filtersSection } from "./filters.ts";
import { headersSection } from "./headers.ts";
import { labelsSection } from "./labels.ts";
import { compareText } from "./order.ts";
import { pairingsSection } from "./pairings.ts";
import {
  type AnySectionDefinition,
  assertSectionName,
  decodeSection,
  encodeRecords,
  encodeSection,
  isSectionName,
} from "./sections.ts";
import { transactionsSection } from "./transactions.ts";

/** Sections that every dump has, be they empty. */
export const REQUIRED_SECTIONS: readonly string[] = ["accounts", "pairings"];

const OWN_SECTIONS: readonly AnySectionDefinition[] = [
  accountsSection,
  pairingsSection,
  labelsSection,
  descriptorsSection,
  transactionsSection,
  headersSection,
  filtersSection,
  contactsSection,
];

/** The definitions by name: this format's own, then a wallet's. @throws RangeError for two of one name */
export function registryOf(definitions: readonly AnySectionDefinition[] = []): Map<string, AnySectionDefinition> {
  const registry = new Map(OWN_SECTIONS.map((definition) => [definition.name, definition]));
  for (const definition of definitions) {
    if (registry.has(definition.name)) throw new RangeError(`sections defines ${definition.name} twice`);
    registry.set(definition.name, definition);
  }
  return registry;
}

/**
 * Checks a dump and encodes its sections, ascending by name. Sections without a record are left out, `accounts` and
 * `pairings` apart. The dump stays as it is; the bodies are the caller's.
 *
 * @param dump the records of a defined section come in any order, and are sorted
 * @param options `sections`: definitions of the wallet's own
 * @throws InvalidDumpError that names the section, the record and the key; TypeError, RangeError for wrong arguments
 * @example
 * ```ts
 * import { encodeDump, InvalidDumpError } from "@cloudbackup/core";
 *
 * console.log([...encodeDump(dump).keys()]); // → [ 'accounts', 'pairings' ]
 *
 * try {
 *   encodeDump({ accounts: [], pairings: [], labels: [{ type: "tx", ref: "" }] });
 * } catch (error) {
 *   if (error instanceof InvalidDumpError) console.log(error.section, error.index, error.path); // → labels 0 ref
 * }
 * ```
 * @see docs/format.md §2
 */
export function encodeDump(dump: Dump, options: { sections?: readonly AnySectionDefinition[] } = {}): Sections {
  assertKnownOptions(options, ["sections"], "options");
  const sections: Sections = new Map();
  for (const content of contentsOf(dump, options.sections)) {
    const body = encodeContent(content);
    if (isKept(content.name, body)) sections.set(content.name, body);
  }
  return sections;
}

/** A section of a dump, and what is known of it. */
export interface SectionContent {
  name: string;
  records: readonly unknown[] | RawSection;
  definition: AnySectionDefinition | undefined;
}

/** The sections that a dump names, ascending by name. @throws InvalidDumpError */
export function contentsOf(dump: Dump, definitions?: readonly AnySectionDefinition[]): SectionContent[] {
  if (typeof dump !== "object" || dump === null) throw new TypeError("dump must be an object of sections");
  const registry = registryOf(definitions);
  for (const name of REQUIRED_SECTIONS) {
    if (dump[name] === undefined) throw new InvalidDumpError("must be there, be it empty", { section: name });
  }
  const contents: SectionContent[] = [];
  for (const name of Object.keys(dump).sort(compareText)) {
    const records = dump[name];
    if (records === undefined) continue;
    if (!isSectionName(name)) {
      throw new InvalidDumpError("a section's name is 1 to 64 characters of a-z 0-9 . -", { section: name });
    }
    if (!Array.isArray(records) && !(records instanceof RawSection)) {
      throw new InvalidDumpError("must be a list of records", { section: name });
    }
    contents.push({ name, records, definition: registry.get(name) });
  }
  return contents;
}

/** Whether a backup has the section: all but `accounts` and `pairings` only while they hold a record. */
export function isKept(name: string, body: Uint8Array): boolean {
  return body.length > 0 || REQUIRED_SECTIONS.includes(name);
}

/** Checks a section and encodes it. The body of a `RawSection` is its own, not a copy. @throws InvalidDumpError */
export function encodeContent({ name, records, definition }: SectionContent): Uint8Array {
  if (records instanceof RawSection) {
    // What was read before a wallet defined the section is checked like all else.
    if (definition) decodeSection(definition, records.body);
    return records.body;
  }
  return definition ? encodeSection(definition, records) : encodeRecords(name, records);
}

/**
 * The dump that sections hold. A section without a definition becomes a `RawSection`.
 *
 * @param sections bodies by name; are copied
 * @param options `sections`: definitions of the wallet's own
 * @throws InvalidDumpError that names the section, the record and the key; TypeError, RangeError for wrong arguments
 * @example
 * ```ts
 * import { decodeDump, encodeDump } from "@cloudbackup/core";
 *
 * const same = decodeDump(encodeDump(dump));
 * console.log(same.accounts[0]?.path); // → m/84'/0'/0'
 * ```
 */
export function decodeDump<const Definitions extends readonly AnySectionDefinition[] = []>(
  sections: ReadonlyMap<string, Uint8Array>,
  options: { sections?: Definitions } = {},
): DumpOf<Definitions> {
  return finish(decodeDumpInSteps(sections, options, (name) => name));
}

/** `decodeDump`, which stops before every section. */
export function* decodeDumpInSteps<Step, const Definitions extends readonly AnySectionDefinition[] = []>(
  sections: ReadonlyMap<string, Uint8Array>,
  options: { sections?: Definitions },
  stepAt: (section: string) => Step,
): Steps<Step, DumpOf<Definitions>> {
  assertKnownOptions(options, ["sections"], "options");
  const registry = registryOf(options.sections);
  for (const name of REQUIRED_SECTIONS) {
    if (!sections.has(name)) throw new InvalidDumpError("is missing", { section: name });
  }
  const dump: { [name: string]: readonly unknown[] | RawSection } = {};
  for (const [name, body] of sections) {
    assertSectionName(name, "a section's name");
    yield stepAt(name);
    const definition = registry.get(name);
    dump[name] = definition ? decodeSection(definition, body) : new RawSection(name, body);
  }
  return dump as DumpOf<Definitions>;
}

/**
 * Serialises a dump to a byte array, and gives its checksum.
 *
 * @param dump stays as it is
 * @param options `sections`: definitions of the wallet's own; `primitives`: by default the platform's
 * @returns both the caller's
 * @throws InvalidDumpError that names the section, the record and the key; TypeError, RangeError for wrong arguments
 * @example
 * ```ts
 * import { serializeDump } from "@cloudbackup/core";
 *
 * const { payload, checksum } = serializeDump(dump);
 * console.log(payload.length, checksum.length); // → 131 32
 * ```
 * @see docs/format.md §2
 */
export function serializeDump(
  dump: Dump,
  options: { sections?: readonly AnySectionDefinition[]; primitives?: Primitives } = {},
): {
  /** All section bodies in ascending order of their names. */
  payload: Uint8Array;
  /** 32 bytes. */
  checksum: Uint8Array;
} {
  const { primitives, ...rest } = options;
  const sections = encodeDump(dump, rest);
  return { payload: joinBytes([...sections.values()]), checksum: payloadChecksum(sections, primitives) };
}
