import { all, anyText, bool, map, must, optional, schemaOf, text } from "./fields.ts";
import { type SectionDefinition, sectionOf } from "./sections.ts";

/**
 * A label of BIP-329. Keys not named here are kept and written back.
 *
 * @see https://github.com/bitcoin/bips/blob/master/bip-0329.mediawiki
 */
export interface Label {
  /** What `ref` is of. */
  type: "tx" | "addr" | "pubkey" | "input" | "output" | "xpub" | (string & {});
  /** Transaction id, address, public key, `txid:index` of an input or output, xpub. Not empty. */
  ref: string;
  /** What the person wrote. */
  label?: string;
  /** Key origin of the account that a transaction is of, abbreviated: `wpkh([d34db33f/84'/0'/0'])`. */
  origin?: string;
  /** Of an output: whether the wallet may spend it. */
  spendable?: boolean;
  /** The record's other keys, as RFC 8785 JSON text of an object. */
  more?: string;
  [key: string]: unknown;
}

const label = map({
  type: text,
  ref: text,
  label: optional(anyText),
  origin: optional(anyText),
  spendable: optional(bool),
  more: optional(
    all(
      anyText,
      must((value) => isJsonObject(value as string), "must be JSON text of an object"),
    ),
  ),
});

export const labelsSection: SectionDefinition<"labels", Label> = sectionOf({
  name: "labels",
  schema: schemaOf(label),
  identity: (record) => [record.type, record.ref, record.origin],
});

function isJsonObject(value: string): boolean {
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
  } catch {
    return false;
  }
}
