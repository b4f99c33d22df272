import { AccountsBuilder, type ImportOptions } from "./accounts-builder.ts";
import { importCaravanNode } from "./caravan.ts";
import { importColdcard } from "./coldcard.ts";
import { ImportError } from "./errors.ts";
import { importCoreNode, importDescriptors } from "./import-descriptors.ts";
import { parseJson } from "./json.ts";
import { importLabels } from "./labels.ts";
import type { Imported } from "./report.ts";
import { assertText, linesOf, withoutMark } from "./text.ts";

/** What `importWallet` took a text for. */
export type WalletFormat = "caravan" | "coldcard" | "descriptors" | "labels";

/**
 * Reads what `importCaravan`, `importColdcard`, `importDescriptors` or `importLabels` reads, and says which it is.
 *
 * @param text what another wallet wrote
 * @param options which keys are the wallet's own, and what the text may leave open
 * @throws ImportError: none of them, or one that cannot be; InvalidLabelsError: a line of a label file is no JSON object;
 *   TypeError, RangeError for wrong arguments
 * @example
 * ```ts
 * import { ImportError, importWallet } from "@cloudbackup/core/interchange";
 *
 * const text = `Name: Savings
 * Policy: 2 of 2
 * Derivation: m/48'/0'/100'/2'
 * Format: P2WSH
 * F57EC65D: xpub6DcqYQxnbefzFkaRBK63FSE2GzNuNnNhFGw1xV9RioVG7av6r3JDf1aELqBSq5gt5487CtNxvVtaiJjQU2HQWzgG5NzLyTPbYav6otW8qEc
 * 00000006: xpub6EwJjKaiocGvqSuM2jRZSuQ9HEddiFUFu9RdjE47zG7kXVNDQpJ3GyvskwYiLmvU4SBTNZyv8UH53QcmFEE23YwozE61V3dwzZJEFQr6H2b`;
 * const { format, dump } = importWallet(text);
 * console.log(format, dump.accounts?.[0]?.kind); // → coldcard cloudbackup.multisig
 *
 * try {
 *   importWallet(text.replace("2 of 2", "2 of 3"));
 * } catch (error) {
 *   if (error instanceof ImportError) console.log(error.line, error.message); // → 2 Line 2: it says 3 keys and has 2
 * }
 * ```
 */
export function importWallet(
  text: string,
  options: ImportOptions = {},
): Imported & {
  /** What the text is. */
  format: WalletFormat;
} {
  assertText(text);
  const content = withoutMark(text);
  if (isLabels(content)) {
    // A mistyped option must not be ignored, whatever the text is.
    new AccountsBuilder(options);
    return { format: "labels", ...importLabels(content) };
  }
  if (/^\s*[[{]/.test(content)) return importJson(content, options);
  const isColdcard = linesOf(content).some((line) =>
    /^(name|policy|format|derivation|[0-9a-f]{8})\s*:/i.test(line.text),
  );
  if (isColdcard) return { format: "coldcard", ...importColdcard(content, options) };
  return { format: "descriptors", ...importDescriptors(content, options) };
}

function importJson(text: string, options: ImportOptions): Imported & { format: WalletFormat } {
  const builder = new AccountsBuilder(options);
  const file = parseJson(text);
  const { value } = file;
  if (Array.isArray(value) || (value instanceof Map && value.has("descriptors"))) {
    return { format: "descriptors", ...importCoreNode(file, builder) };
  }
  if (value instanceof Map && value.has("extendedPublicKeys")) {
    return { format: "caravan", ...importCaravanNode(file, builder) };
  }
  throw new ImportError("this is neither a wallet of Caravan nor Bitcoin Core's listdescriptors");
}

/** JSON lines: the first is an object by itself, of which every label has a `type`. */
function isLabels(text: string): boolean {
  const [first = ""] = text.trimStart().split(/[\r\n]/, 1);
  if (!/^\{.*\}\s*$/.test(first)) return false;
  try {
    const { value } = parseJson(first);
    return value instanceof Map && value.has("type") && !value.has("extendedPublicKeys") && !value.has("descriptors");
  } catch {
    return false;
  }
}
