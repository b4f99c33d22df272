/*! with jsonc-parser 3.3.1, (c) Microsoft Corporation, MIT License */

import { type JSONVisitor, printParseErrorCode, visit } from "jsonc-parser";
import { hexToBytes } from "../bytes.ts";
import { type Dump, RawSection } from "../dump/dump.ts";
import { isSectionName } from "../dump/sections.ts";
import { CloudBackupError } from "../errors.ts";
import { isExact } from "./canonical-json.ts";
import { shownKey } from "./json.ts";
import { withoutMark } from "./text.ts";

/** The text is no dump in this program's JSON. It never says a value; `line`, `column` and `path` say where. */
export class InvalidDumpJsonError extends CloudBackupError {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** Keys and positions that lead there, `sections.accounts[0].name`; empty for the whole. */
  readonly path: string;

  constructor(problem: string, at: { line: number; column: number; path: string }) {
    super(
      "ERR_CB_INVALID_DUMP_JSON",
      `Line ${at.line}, column ${at.column}${at.path ? ` (${at.path})` : ""}: ${problem}`,
    );
    this.line = at.line;
    this.column = at.column;
    this.path = at.path;
  }
}

export const FORMAT = "cloudbackup-dump/1";
export const BYTES_KEY = "$hex";
export const INTEGER_KEY = "$int";
/** A file, `sections`, a section and a record lead to the value; the format's own limit within it is 16, a tag takes one. */
const MAX_DEPTH = 20;
const MIN_INTEGER = -(2n ** 64n);
const MAX_INTEGER = 2n ** 64n - 1n;
/** Longer than any integer of 64 bits: what is longer is not read as a number first. */
const MAX_INTEGER_DIGITS = 21;

type JsonMap = { [key: string]: unknown };
type Place = { line: number; column: number };

/** An array or a map that has begun and not ended. */
interface Open {
  items: unknown[] | undefined;
  map: JsonMap;
  /** The key whose value comes next. */
  key: string;
  start: Place;
}

/** Puts values together as the parser comes to them, and so knows the line of each. */
export class DumpJsonReader {
  readonly #open: Open[] = [];
  #root: unknown;
  #text = "";

  /** @throws InvalidDumpJsonError */
  read(text: string): Dump {
    this.#text = withoutMark(text);
    visit(this.#text, this.#visitor, { disallowComments: true, allowTrailingComma: false });
    return this.#dumpOf(this.#root);
  }

  readonly #visitor: JSONVisitor = {
    onError: (code, _offset, _length, line, column) => {
      throw this.#refuse(`this is not JSON (${wordsOf(printParseErrorCode(code))})`, at(line, column));
    },
    onObjectBegin: (_offset, _length, line, column) => this.#begin(undefined, at(line, column)),
    onArrayBegin: (_offset, _length, line, column) => this.#begin([], at(line, column)),
    onObjectProperty: (key, _offset, _length, line, column) => {
      const { map } = this.#innermost;
      this.#innermost.key = key;
      if (Object.hasOwn(map, key)) throw this.#refuse("the key stands twice", at(line, column));
    },
    onLiteralValue: (value: unknown, offset, length, line, column) => {
      const place = at(line, column);
      const isSafe = Number.isSafeInteger(value) && isExact(this.#text.slice(offset, offset + length));
      if (typeof value === "number" && !isSafe) {
        const isInteger = Number.isInteger(value) && !Number.isSafeInteger(value);
        const problem = isInteger ? `an integer beyond 2^53 − 1 is {"${INTEGER_KEY}":"…"}` : "there are no fractions";
        throw this.#refuse(problem, place);
      }
      // There is one zero.
      this.#put(value === 0 ? 0 : value);
    },
    onObjectEnd: () => this.#end(),
    onArrayEnd: () => this.#end(),
  };

  get #innermost(): Open {
    return this.#open.at(-1) as Open;
  }

  #begin(items: unknown[] | undefined, start: Place): void {
    if (this.#open.length >= MAX_DEPTH) throw this.#refuse("too many lists or maps inside each other", start);
    this.#open.push({ items, map: {}, key: "", start });
  }

  #end(): void {
    const { items, map, start } = this.#open.pop() as Open;
    this.#put(items ?? this.#untagged(map, start));
  }

  #put(value: unknown): void {
    if (this.#open.length === 0) {
      this.#root = value;
      return;
    }
    const { items, map, key } = this.#innermost;
    if (items) items.push(value);
    // Assigned, a key of that name would set the object's prototype.
    else Object.defineProperty(map, key, { configurable: true, enumerable: true, writable: true, value });
  }

  #untagged(map: JsonMap, place: Place): unknown {
    const keys = Object.keys(map);
    if (!keys.some((key) => key.startsWith("$"))) return map;
    const [tag] = keys;
    if (keys.length === 1 && tag === BYTES_KEY) return this.#bytesOf(map[tag], place);
    if (keys.length === 1 && tag === INTEGER_KEY) return this.#integerOf(map[tag], place);
    const unescaped = keys.map((key) => {
      if (key.startsWith("$") && !key.startsWith("$$")) {
        throw this.#refuse('a key that begins with "$" is written with another "$" before it', place);
      }
      return [key.startsWith("$") ? key.slice(1) : key, map[key]] as const;
    });
    return Object.fromEntries(unescaped);
  }

  #bytesOf(value: unknown, place: Place): Uint8Array {
    try {
      return hexToBytes(value as string);
    } catch {
      throw this.#refuse(`"${BYTES_KEY}" needs pairs of hex digits`, place);
    }
  }

  #integerOf(value: unknown, place: Place): number | bigint {
    const isText = typeof value === "string" && value.length <= MAX_INTEGER_DIGITS && /^(0|-?[1-9]\d*)$/.test(value);
    const integer = isText ? BigInt(value) : MAX_INTEGER + 1n;
    if (integer > MAX_INTEGER || integer < MIN_INTEGER) {
      throw this.#refuse(`"${INTEGER_KEY}" needs an integer of 64 bits in decimal digits, as text`, place);
    }
    return Number.isSafeInteger(Number(integer)) ? Number(integer) : integer;
  }

  #dumpOf(root: unknown): Dump {
    const whole = { line: 1, column: 1 };
    if (!isMap(root)) throw this.#refuse("a dump is a map of format and sections", whole);
    if (root.format !== FORMAT) {
      throw this.#refuse(`"format" must be "${FORMAT}": another program, or a newer version, wrote this`, whole);
    }
    const unknown = Object.keys(root).some((key) => key !== "format" && key !== "sections");
    if (unknown || !isMap(root.sections)) throw this.#refuse("beside format there is one map, sections", whole);
    const dump: { [name: string]: readonly unknown[] | RawSection } = {};
    for (const [name, section] of Object.entries(root.sections)) {
      if (!isSectionName(name)) {
        throw this.#refuse("a section's name is 1 to 64 characters of a-z 0-9 . -", whole);
      }
      if (section instanceof Uint8Array) dump[name] = new RawSection(name, section);
      else if (Array.isArray(section)) dump[name] = section;
      else throw this.#refuse(`the section ${name} must be a list of records`, whole);
    }
    for (const name of ["accounts", "pairings"]) {
      if (!dump[name]) throw this.#refuse(`the section ${name} must be there, be it empty`, whole);
    }
    return dump as unknown as Dump;
  }

  #refuse(problem: string, { line, column }: Place): InvalidDumpJsonError {
    const path = this.#open
      .filter(({ items, key }) => items || key !== "")
      .map(({ items, key }) => (items ? `[${items.length}]` : `.${shownKey(key)}`));
    return new InvalidDumpJsonError(problem, { line, column, path: path.join("").replace(/^\./, "") });
  }
}

/** `ColonExpected` → `colon expected` */
function wordsOf(name: string): string {
  return name.replace(/\B[A-Z]/g, " $&").toLowerCase();
}

/** The parser counts from 0. */
function at(line: number, column: number): Place {
  return { line: line + 1, column: column + 1 };
}

function isMap(value: unknown): value is JsonMap {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}
