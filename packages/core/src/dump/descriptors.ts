import { hasChecksum } from "./descriptor-checksum.ts";
import { all, map, must, optional, schemaOf, text, uint } from "./fields.ts";
import { type SectionDefinition, sectionOf } from "./sections.ts";

/**
 * An output descriptor. Keys not named here are kept and written back.
 *
 * @see https://github.com/bitcoin/bips/blob/master/bip-0380.mediawiki
 */
export interface Descriptor {
  /** With its checksum: `wpkh([d34db33f/84h/0h/0h]xpub…/<0;1>/*)#…`. Of any function, those unknown here among them. */
  descriptor: string;
  /** What the person calls it. */
  name?: string;
  /** The next unused key index. */
  next?: number;
  /** Unix seconds; nothing that it describes is older. */
  timestamp?: number;
  [key: string]: unknown;
}

/** Where a step of a path opens a tuple, it must be one of BIP-389. All else is for those to judge who use the descriptor. */
export const WRONG_TUPLE = /\/<(?!(\d+['hH]?;)+\d+['hH]?>)/;

const descriptor = map({
  descriptor: all(
    text,
    must(
      (value) => hasChecksum(value as string) && !WRONG_TUPLE.test(value as string),
      "must be a descriptor with its checksum",
    ),
  ),
  name: optional(text),
  next: optional(uint),
  timestamp: optional(uint),
});

export const descriptorsSection: SectionDefinition<"descriptors", Descriptor> = sectionOf({
  name: "descriptors",
  schema: schemaOf(descriptor),
  identity: (record) => record.descriptor,
  merge: {
    next: (local, remote) => Math.max(local as number, remote as number),
    timestamp: (local, remote) => Math.min(local as number, remote as number),
  },
});
