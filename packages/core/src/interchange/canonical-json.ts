import { type JSONVisitor, visit } from "jsonc-parser";
import { bytesToHex } from "../bytes.ts";

/*
 * RFC 8785 (JCS): no white space, keys ascending by UTF-16 units, strings and numbers as ECMAScript writes them. Texts are
 * rewritten without passing through values, so that what JavaScript cannot hold, and RFC 8785 has no form for, survives:
 * numbers with more digits or a larger exponent than a double has stay as they were written, half a surrogate pair stays an
 * escape, a key that stands twice stands twice.
 */

/** A key and its value, this as canonical JSON. */
export type JsonEntry = [key: string, json: string];

/** Deeper than anything that a person made, shallower than any stack. */
const MAX_DEPTH = 500;

/** An array or a map that has begun and not ended. */
interface Open {
  entries: JsonEntry[] | undefined;
  items: string[];
  key: string;
}

/** Not JSON, or not an object. It has no words of its own: whoever reads knows where it stood. */
class NoJsonObject extends Error {}

/** The entries of the object that a text is, in its order; null: it is no JSON text of an object. */
export function parseJsonObject(text: string): JsonEntry[] | null {
  const open: Open[] = [];
  let root: JsonEntry[] | undefined;
  const refuse = () => {
    throw new NoJsonObject();
  };
  const put = (json: string) => {
    const inner = open.at(-1);
    if (!inner) refuse();
    else if (inner.entries) inner.entries.push([inner.key, json]);
    else inner.items.push(json);
  };
  const begin = (entries: JsonEntry[] | undefined) => {
    if (open.length >= MAX_DEPTH) refuse();
    open.push({ entries, items: [], key: "" });
  };
  const visitor: JSONVisitor = {
    onError: refuse,
    onObjectBegin: () => begin([]),
    onArrayBegin: () => begin(undefined),
    onObjectProperty: (key) => {
      (open.at(-1) as Open).key = key;
    },
    onLiteralValue: (value: unknown, offset, length) => {
      put(typeof value === "number" ? canonicalNumber(text.slice(offset, offset + length)) : JSON.stringify(value));
    },
    onArrayEnd: () => put(`[${(open.pop() as Open).items.join()}]`),
    onObjectEnd: () => {
      const { entries = [] } = open.pop() as Open;
      if (open.length === 0) root = entries;
      else put(formatJsonObject(entries));
    },
  };
  try {
    visit(text, visitor, { disallowComments: true, allowTrailingComma: false });
  } catch (error) {
    if (!(error instanceof NoJsonObject)) throw error;
    return null;
  }
  return root ?? null;
}

/** Entries as canonical JSON. */
export function formatJsonObject(entries: readonly JsonEntry[]): string {
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${sorted.map(([key, json]) => `${JSON.stringify(key)}:${json}`).join()}}`;
}

/** A value of a record as canonical JSON; bytes, which JSON has not, as text of their hex digits. */
export function canonicalJson(value: unknown): string {
  if (typeof value === "bigint") return String(value);
  if (value instanceof Uint8Array) return JSON.stringify(bytesToHex(value));
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return formatJsonObject(entries.map(([key, item]) => [key, canonicalJson(item)]));
}

/** As ECMAScript writes it, where a double holds what stands there. */
function canonicalNumber(text: string): string {
  return isExact(text) ? JSON.stringify(Number(text)) : text;
}

/** Whether a double holds what a number of JSON says: it takes `0.99999999999999999999` for 1. */
export function isExact(text: string): boolean {
  const written = JSON.stringify(Number(text));
  return written !== "null" && decimalOf(written) === decimalOf(text);
}

/** Digits without zeros at their ends, and the power of ten behind them: equal for `1.50`, `15e-1` and `0.15E1`. */
function decimalOf(text: string): string {
  const [, sign, whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  const power = BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - significant.length);
  return `${sign}${significant}e${power}`;
}
