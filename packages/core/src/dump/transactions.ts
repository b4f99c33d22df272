import { compareBytes } from "../bytes.ts";
import { byteString, bytes, map, optional, schemaOf, uint } from "./fields.ts";
import { type SectionDefinition, sectionOf } from "./sections.ts";

/**
 * A transaction of the wallet's history. What a person says of it is a label. Keys not named here are kept and written back.
 *
 * @see docs/sections.md
 */
export interface Transaction {
  /** The 32 bytes that its id spells in hex, as labels and explorers write it; inputs name it the other way round. */
  txid: Uint8Array;
  /** Of its block; absent while it has none. Never a number of confirmations, which changes with every block. */
  height?: number;
  /** Unix seconds: when it was first seen. */
  time?: number;
  /** As it is sent, with its witnesses. @see BIP-144, "Serialization" */
  raw?: Uint8Array;
  [key: string]: unknown;
}

const transaction = map({
  txid: bytes(32),
  height: optional(uint),
  time: optional(uint),
  raw: optional(byteString()),
});

export const transactionsSection: SectionDefinition<"transactions", Transaction> = sectionOf({
  name: "transactions",
  schema: schemaOf(transaction),
  identity: (record) => record.txid,
  order: "given",
  merge: {
    // Who knows of a reorganisation mostly has the transaction further up.
    height: (local, remote) => Math.max(local as number, remote as number),
    time: (local, remote) => Math.min(local as number, remote as number),
    raw: longer,
  },
});

/** The shorter one lacks the witnesses, which the id does not cover. Of two of one length either is good. */
function longer(local: unknown, remote: unknown): Uint8Array {
  const [a, b] = [local as Uint8Array, remote as Uint8Array];
  return (a.length - b.length || compareBytes(a, b)) > 0 ? a : b;
}
