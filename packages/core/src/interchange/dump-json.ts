import { assertKnownOptions, bytesToHex } from "../bytes.ts";
import { CborError, decodeCborSequence } from "../cbor.ts";
import { contentsOf, encodeDump } from "../dump/codec.ts";
import { type Dump, type DumpOf, RawSection } from "../dump/dump.ts";
import type { AnySectionDefinition } from "../dump/sections.ts";
import { BYTES_KEY, DumpJsonReader, FORMAT, INTEGER_KEY } from "./dump-json-reader.ts";

/*
 * A dump as a text that people can read, compare and keep:
 *
 *     {
 *       "format": "cloudbackup-dump/1",
 *       "sections": {
 *         "accounts": [
 *           {"id":"mainnet/m/84'/0'/0'","kind":"standard", …}
 *         ],
 *         "pairings": [],
 *         "acme.notes": [
 *           {"id":1,"picture":{"$hex":"00ff"},"big":{"$int":"18446744073709551615"}}
 *         ]
 *       }
 *     }
 *
 * JSON (RFC 8259), a record a line. What JSON lacks is a map with one key: `$hex` are bytes, `$int` an integer beyond
 * 2^53 − 1. A key of a record's own that begins with `$` has another `$` before it, so that neither is taken for the other. A
 * section that is `{"$hex":"…"}` itself is a body that is no list of records: it is carried as it is.
 */

/** Controls of a terminal, and what turns the direction of a line: none of them is there as itself. */
const ESCAPED = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/**
 * A dump as JSON text, with a line for each record. `parseDumpJson` gives the same dump back. What could steer a terminal or
 * turn the direction of a line is escaped.
 *
 * @param dump stays as it is; sections without a definition are written record by record
 * @param options `sections`: definitions of the wallet's own, whose records are then checked
 * @returns ends with a line feed
 * @throws InvalidDumpError that names the section, the record and the key; TypeError, RangeError for wrong arguments
 * @example
 * ```ts
 * import { formatDumpJson, parseDumpJson } from "@cloudbackup/core/interchange";
 *
 * const text = formatDumpJson({ ...dump, "acme.seen": [{ block: new Uint8Array([0, 255]) }] });
 * console.log(text.includes('{"block":{"$hex":"00ff"}}')); // → true
 * console.log(parseDumpJson(text).accounts[0]?.name); // → Spending
 * ```
 */
export function formatDumpJson(dump: Dump, options: { sections?: readonly AnySectionDefinition[] } = {}): string {
  assertKnownOptions(options, ["sections"], "options");
  encodeDump(dump, options);
  const sections = contentsOf(dump, options.sections).map(
    ({ name, records }) => `    ${quote(name)}: ${formatSection(records)}`,
  );
  return `{\n  "format": ${quote(FORMAT)},\n  "sections": {\n${sections.join(",\n")}\n  }\n}\n`;
}

function formatSection(records: readonly unknown[] | RawSection): string {
  const list = records instanceof RawSection ? recordsIn(records) : records;
  if (!list) return formatValue((records as RawSection).body);
  if (list.length === 0) return "[]";
  return `[\n${list.map((record) => `      ${formatValue(record)}`).join(",\n")}\n    ]`;
}

/** Null: the body is no list of records, which is for its reader to find out. */
function recordsIn({ body }: RawSection): unknown[] | null {
  try {
    return [...decodeCborSequence(body)];
  } catch (error) {
    if (error instanceof CborError) return null;
    throw error;
  }
}

/** Of what `encodeDump` has accepted. */
function formatValue(value: unknown): string {
  if (typeof value === "string") return quote(value);
  if (typeof value === "bigint") return formatInteger(value);
  if (value instanceof Uint8Array) return `{"${BYTES_KEY}":"${bytesToHex(value)}"}`;
  if (Array.isArray(value)) return `[${value.map(formatValue).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${entries.map(([key, item]) => `${quote(key.startsWith("$") ? `$${key}` : key)}:${formatValue(item)}`).join(",")}}`;
}

function formatInteger(value: bigint): string {
  return Number.isSafeInteger(Number(value)) ? String(value) : `{"${INTEGER_KEY}":"${value}"}`;
}

function quote(text: string): string {
  return JSON.stringify(text).replace(ESCAPED, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/**
 * Reads what `formatDumpJson` wrote, or a person by hand. Nothing is guessed: a key that stands twice, a fraction, a number
 * that a double does not hold, a comment, and whatever else JSON has not, are refused.
 *
 * @param text JSON
 * @param options `sections`: definitions of the wallet's own; records of other sections come as they are
 * @returns the caller's
 * @throws InvalidDumpJsonError: no such text; InvalidDumpError: a record breaks the rules of its section; TypeError for wrong
 *   arguments
 * @example
 * ```ts
 * import { InvalidDumpJsonError, parseDumpJson } from "@cloudbackup/core/interchange";
 *
 * const text = '{\n "format": "cloudbackup-dump/1",\n "sections": {"accounts": [{"next": 1.5}], "pairings": []}\n}';
 * try {
 *   parseDumpJson(text);
 * } catch (error) {
 *   if (error instanceof InvalidDumpJsonError) console.log(error.line, error.path); // → 3 sections.accounts[0].next
 * }
 * ```
 */
export function parseDumpJson<const Definitions extends readonly AnySectionDefinition[] = []>(
  text: string,
  options: { sections?: Definitions } = {},
): DumpOf<Definitions> {
  if (typeof text !== "string") throw new TypeError("text must be a string");
  assertKnownOptions(options, ["sections"], "options");
  const dump = new DumpJsonReader().read(text);
  encodeDump(dump, options);
  return dump as DumpOf<Definitions>;
}
