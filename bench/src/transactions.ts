import { defineSection } from "@cloudbackup/core";
import * as v from "valibot";

/** A transaction as sections.md has it, in a section of a wallet's own. */
export interface Transaction {
  txid: Uint8Array;
  height: number;
  time: number;
  raw: Uint8Array;
  [key: string]: unknown;
}

const bytes = v.instance(Uint8Array<ArrayBufferLike>);

/** The history of the wallet that is measured; defined, so that its records are checked and come back decoded. */
export const transactionsSection = defineSection({
  name: "bench.transactions",
  schema: v.looseObject({ txid: bytes, height: v.number(), time: v.number(), raw: bytes }),
  identity: (transaction: Transaction) => transaction.txid,
  order: "given",
});
