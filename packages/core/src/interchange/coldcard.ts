import { AccountsBuilder, type ImportOptions } from "./accounts-builder.ts";
import { parseDescriptor } from "./descriptor.ts";
import { ImportError, type Place } from "./errors.ts";
import { parseExtendedKey } from "./extended-key.ts";
import { readPath } from "./key-expression.ts";
import type { Imported } from "./report.ts";
import { type MultisigScript, multisigDescriptor } from "./shape.ts";
import { assertText, linesOf } from "./text.ts";

const MAX_KEYS = 20;
/** What is no wallet has many lines. */
const MAX_LINES = 1_000;

/** As Coldcard and others write them. */
const FORMATS = new Map<string, MultisigScript>([
  ["P2SH", "p2sh"],
  ["P2WSH", "p2wsh"],
  ["P2SH-P2WSH", "p2sh-p2wsh"],
  ["P2WSH-P2SH", "p2sh-p2wsh"],
]);

/**
 * Reads a multisig wallet as Coldcard has it, a text that Sparrow, Specter, Nunchuk and others write too. One account comes of
 * it, as of `importCaravan`.
 *
 * @param text lines such as `Policy: 2 of 3`, and a line for each key
 * @param options which keys are the wallet's own, and what the file may leave open
 * @returns `accounts` and `pairings`
 * @throws ImportError: no such file, or one that cannot be; TypeError, RangeError for wrong arguments
 * @see https://coldcard.com/docs/multisig; docs/interchange.md
 */
export function importColdcard(text: string, options: ImportOptions = {}): Imported {
  assertText(text);
  const builder = new AccountsBuilder(options);
  const lines = linesOf(text);
  if (lines.length > MAX_LINES) throw new ImportError("this is no multisig wallet of Coldcard");
  const fields = new Map<string, { value: string; line: number }>();
  const keys: string[] = [];
  let path: string | undefined;
  for (const { text: content, line } of lines) {
    if (content === "" || content.startsWith("#")) continue;
    const [, label = "", value = ""] = /^([^:]*):\s*(.*)$/.exec(content) ?? [];
    const at = { line };
    const name = label.trim().toLowerCase();
    if (name === "derivation") {
      path = readPath(value);
      if (path === undefined) throw new ImportError("a derivation is a path such as m/48'/0'/0'/2'", at);
    } else if (["name", "policy", "format"].includes(name)) {
      if (fields.has(name)) throw new ImportError(`${name} stands twice`, at);
      fields.set(name, { value, line });
    } else {
      keys.push(keyOf(name, value, path, builder, at));
      if (keys.length > MAX_KEYS) throw new ImportError(`it has more than ${MAX_KEYS} keys`, at);
    }
  }
  const script = scriptOf(fields.get("format"), builder);
  const required = quorumOf(fields.get("policy"), keys.length);
  const tree = parseDescriptor(multisigDescriptor(script, required, keys));
  builder.add({ tree, at: {}, name: nameOf(fields.get("name")) });
  const { accounts, pairings, report } = builder;
  return { dump: { accounts, pairings }, report };
}

function keyOf(label: string, value: string, path: string | undefined, builder: AccountsBuilder, at: Place): string {
  if (!/^[0-9a-f]{8}$/.test(label)) {
    // A key alone would else be shown as a label that nobody knows.
    throw new ImportError("a line is Name, Policy, Format, Derivation, or 8 hex digits, a colon and a key", at);
  }
  const extended = parseExtendedKey(value, at);
  builder.sayConverted([{ type: "key", key: extended.text, extended, derivation: "" }], at);
  if (path === undefined) throw new ImportError("no Derivation stands before this key", at);
  return `[${label}${path.slice(1)}]${extended.text}/<0;1>/*`;
}

function scriptOf(field: { value: string; line: number } | undefined, builder: AccountsBuilder): MultisigScript {
  if (!field) {
    builder.say("assumed", {}, "It has no Format: P2SH is assumed, as Coldcard does.");
    return "p2sh";
  }
  const script = FORMATS.get(field.value.toUpperCase());
  if (!script) throw new ImportError("Format must be P2SH, P2WSH or P2SH-P2WSH", { line: field.line });
  return script;
}

function quorumOf(field: { value: string; line: number } | undefined, keys: number): number {
  if (!field) throw new ImportError("it has no Policy, such as 2 of 3");
  const [, required, total] = /^(\d{1,2})\s*(?:of|\/)\s*(\d{1,2})$/i.exec(field.value) ?? [];
  const at = { line: field.line };
  if (!required || !total) throw new ImportError("Policy must be such as 2 of 3", at);
  if (Number(total) !== keys) throw new ImportError(`it says ${Number(total)} keys and has ${keys}`, at);
  if (Number(required) < 1 || Number(required) > keys)
    throw new ImportError(`${Number(required)} of ${keys} keys cannot sign`, at);
  return Number(required);
}

function nameOf(field: { value: string; line: number } | undefined): string | undefined {
  if (field && /\p{Surrogate}/u.test(field.value))
    throw new ImportError("the name holds half a character", { line: field.line });
  return field?.value;
}
