import { assertBytes, copyBytes } from "../bytes.ts";
import type { Account } from "./accounts.ts";
import type { Contact } from "./contacts.ts";
import type { Descriptor } from "./descriptors.ts";
import type { Filter } from "./filters.ts";
import type { BlockHeaders } from "./headers.ts";
import type { Label } from "./labels.ts";
import type { Pairing } from "./pairings.ts";
import type { AnySectionDefinition, RecordOf } from "./sections.ts";
import type { Transaction } from "./transactions.ts";

/**
 * What a wallet knows beside its seed: named sections, each a list of records. `accounts` and `pairings` are always there.
 *
 * A section that has no definition reads as a `RawSection`, and may be given as one or as a plain array of records.
 *
 * @see docs/sections.md
 */
export interface Dump {
  /** Branches of the wallet's hierarchy, each `id` once. */
  accounts: readonly Account[];
  /** Second devices that co-sign, each `id` once. */
  pairings: readonly Pairing[];
  /** Of BIP-329. */
  labels?: readonly Label[] | undefined;
  /** Output descriptors, each once. */
  descriptors?: readonly Descriptor[] | undefined;
  /** The history, in the order in which the wallet learnt of it. */
  transactions?: readonly Transaction[] | undefined;
  /** Of the chains that a wallet without a server of its own follows. */
  headers?: readonly BlockHeaders[] | undefined;
  /** In the order in which they are loaded. */
  filters?: readonly Filter[] | undefined;
  /** Whom the person pays, each `name` once. */
  contacts?: readonly Contact[] | undefined;
  /** Any other section, by name: 1 to 64 characters of `a-z 0-9 . -`. */
  [section: string]: readonly unknown[] | RawSection | undefined;
}

/** A dump with the sections that a wallet defined, typed. */
export type DumpOf<Definitions extends readonly AnySectionDefinition[]> = Dump & {
  [Definition in Definitions[number] as Definition["name"]]?: readonly RecordOf<Definition>[];
};

/** A section without a definition here: carried as it is, never decoded. */
export class RawSection {
  /** The section's. */
  readonly name: string;
  /** A CBOR sequence of records. */
  readonly body: Uint8Array;

  /**
   * @param name the section's
   * @param body is copied
   * @throws TypeError: `body` is no Uint8Array
   */
  constructor(name: string, body: Uint8Array) {
    assertBytes(body, "body");
    this.name = name;
    this.body = copyBytes(body);
  }
}
