import { type Label, labelsSection } from "../dump/labels.ts";
import { encodeSection, identityText } from "../dump/sections.ts";
import { CloudBackupError, InvalidDumpError } from "../errors.ts";
import { canonicalJson, formatJsonObject, type JsonEntry, parseJsonObject } from "./canonical-json.ts";
import { withoutMark } from "./text.ts";

/** A line that is no JSON object: the text is no label file of BIP-329. It never says what stands there. */
export class InvalidLabelsError extends CloudBackupError {
  /** From 1. */
  readonly line: number;

  constructor(line: number) {
    super("ERR_CB_INVALID_LABELS", `Line ${line} is no JSON object`);
    this.line = line;
  }
}

/** A line that is no label of its own in the result. */
export interface LabelProblem {
  /** From 1. */
  line: number;
  /**
   * `no-type`, `no-ref`: it lacks one, or has something there that is no text. `key-twice`: it has a key twice. `repeated`:
   * a line further down labels the same otherwise, and stands.
   */
  reason: "no-type" | "no-ref" | "key-twice" | "repeated";
  /** The line as it stands. */
  text: string;
}

/** What a label file holds. */
export interface ParsedLabels {
  /** Each `type`, `ref` and `origin` once, in the order in which these came first. */
  labels: Label[];
  /** What is in the file and not in `labels`, by line. */
  problems: LabelProblem[];
}

const TEXTS = ["type", "ref", "label", "origin"] as const;
const HALF_A_PAIR = /[\ud800-\udfff]/u;

/**
 * Reads a label file of BIP-329: a JSON object a line. What the section has no key for, and what has not the type that BIP-329
 * asks for (`"spendable": "false"`), goes into `more`, whence `formatLabels` takes it back. Lines may end with CRLF, a
 * byte order mark and empty lines are passed over.
 *
 * @param text of the file
 * @returns the caller's
 * @throws InvalidLabelsError: a line is no JSON object; TypeError: `text` is no string
 * @example
 * ```ts
 * import { parseLabels } from "@cloudbackup/core/interchange";
 *
 * const { labels, problems } = parseLabels('{"type":"tx","ref":"f91d","label":"Rent","fee":250}\n{"type":"addr"}');
 * console.log(labels[0]?.label, labels[0]?.more); // → Rent {"fee":250}
 * console.log(problems[0]?.line, problems[0]?.reason); // → 2 no-ref
 * ```
 * @see https://github.com/bitcoin/bips/blob/master/bip-0329.mediawiki
 */
export function parseLabels(text: string): ParsedLabels {
  if (typeof text !== "string") throw new TypeError("text must be a string");
  const labels = new Map<string, { label: Label; line: number; text: string }>();
  const problems: LabelProblem[] = [];
  for (const [index, ended] of withoutMark(text).split("\n").entries()) {
    const [line, content] = [index + 1, ended.trim()];
    if (content === "") continue;
    const entries = parseJsonObject(content);
    if (!entries) throw new InvalidLabelsError(line);
    const label = labelOf(entries);
    if (typeof label === "string") {
      problems.push({ line, reason: label, text: content });
      continue;
    }
    const id = identityText(labelsSection.identity(label));
    const before = labels.get(id);
    if (before && lineOf(before.label) !== lineOf(label)) {
      problems.push({ line: before.line, reason: "repeated", text: before.text });
    }
    labels.set(id, { label, line, text: content });
  }
  problems.sort((a, b) => a.line - b.line);
  return { labels: [...labels.values()].map(({ label }) => label), problems };
}

function labelOf(entries: readonly JsonEntry[]): Label | LabelProblem["reason"] {
  const json = new Map(entries);
  if (json.size < entries.length) return "key-twice";
  const label: { [key: string]: unknown } = {};
  for (const key of TEXTS) {
    const value: unknown = JSON.parse(json.get(key) ?? "null");
    if (typeof value !== "string" || HALF_A_PAIR.test(value)) continue;
    label[key] = value;
    json.delete(key);
  }
  if (!label.type) return "no-type";
  if (!label.ref) return "no-ref";
  const spendable = json.get("spendable");
  if (spendable === "true" || spendable === "false") {
    label.spendable = spendable === "true";
    json.delete("spendable");
  }
  if (json.size > 0) label.more = formatJsonObject([...json]);
  return label as unknown as Label;
}

/**
 * A label file of BIP-329. All that `parseLabels` read is in it again.
 *
 * @param labels records of the section, written in their order. A key that a record and its `more` both have is the
 *   record's. Keys that no JSON file gave it are written too; bytes, which JSON has not, as hex
 * @returns a line for each, with a line feed behind it
 * @throws InvalidDumpError that names the record and the key; TypeError: `labels` is no array
 * @example
 * ```ts
 * import { formatLabels } from "@cloudbackup/core/interchange";
 *
 * const label = { type: "output", ref: "f91d:1", label: "Rent", more: '{"spendable":"false"}' };
 * console.log(formatLabels([label])); // → {"type":"output","ref":"f91d:1","label":"Rent","spendable":"false"}
 * ```
 * @see https://github.com/bitcoin/bips/blob/master/bip-0329.mediawiki
 */
export function formatLabels(labels: readonly Label[]): string {
  if (!Array.isArray(labels)) throw new TypeError("labels must be an array");
  encodeSection(labelsSection, labels);
  return labels.map((label, index) => `${lineOf(label, index)}\n`).join("");
}

function lineOf(label: Label, index = 0): string {
  const { type, ref, label: text, origin, spendable, more = "{}", ...others } = label;
  const named = { type, ref, label: text, origin, spendable };
  const own = Object.entries({ ...named, ...others }).filter(([, value]) => value !== undefined);
  const taken = new Set(own.map(([key]) => key));
  const entries = parseJsonObject(more);
  if (!entries) throw new InvalidDumpError("is too deep", { section: "labels", index, path: "more" });
  const written = [
    ...own.map(([key, value]): JsonEntry => [key, canonicalJson(value)]),
    ...entries.filter(([key]) => !taken.has(key)),
  ];
  return `{${written.map(([key, json]) => `${JSON.stringify(key)}:${json}`).join()}}`;
}
