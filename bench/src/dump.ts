import type { Account, Dump, Label, Transaction } from "@cloudbackup/core";
import { pseudoRandomBytes } from "./bytes.ts";

const TRANSACTIONS_PER_MB = 1_000;
const ACCOUNTS = 200;
const LABELS = 400;

export type BenchDump = Dump & { accounts: Account[]; labels: Label[]; transactions: Transaction[] };

/** A wallet's dump of 5 MB: 5,000 transactions with all that is in them, 200 accounts, 400 labels. */
export const dumpOf5MB = (): BenchDump => dumpOf(5);

/** The same of another size: a thousand transactions take a megabyte. */
export function dumpOf(megabytes: number): BenchDump {
  const transactions = Array.from({ length: megabytes * TRANSACTIONS_PER_MB }, (_, i) => transactionOf(i));
  return {
    accounts: Array.from({ length: ACCOUNTS }, (_, i) => accountOf(i)),
    pairings: [],
    labels: transactions.slice(0, LABELS).map(({ txid }, i) => ({
      type: "tx",
      ref: Buffer.from(txid).toString("hex"),
      label: LABEL_TEXTS[i % LABEL_TEXTS.length] as string,
    })),
    transactions,
  };
}

const LABEL_TEXTS = ["Rent", "Salary", "For the trip", "Exchange", "Coffee and cake", "Invoice 2023-11"];

export function accountOf(index: number): Account {
  return {
    id: `mainnet/m/84'/0'/${index}'`,
    kind: "standard",
    network: "mainnet",
    name: `Account ${index + 1}`,
    path: `m/84'/0'/${index}'`,
    script: "p2wpkh",
    external: { next: (index * 7) % 41 },
    internal: { next: (index * 5) % 23 },
  };
}

/**
 * Inputs that spend from p2wpkh, by default three to eight, and two outputs: of its bytes, hashes, keys and signatures do not
 * compress.
 */
export function transactionOf(index: number, inputs = 3 + ((index * 7) % 6)): Transaction {
  const random = pseudoRandomBytes(32 + inputs * (32 + 70 + 33) + 40, index);
  let at = 0;
  const some = (length: number) => {
    at += length;
    return random.subarray(at - length, at);
  };
  const txid = some(32).slice();
  const parts: Uint8Array[] = [hex("02000000"), hex("0001"), Uint8Array.of(inputs)];
  for (let i = 0; i < inputs; i++) parts.push(some(32), Uint8Array.of(i % 3, 0, 0, 0), hex("00"), hex("fdffffff"));
  parts.push(Uint8Array.of(2));
  for (let i = 0; i < 2; i++) parts.push(amountOf(index * 2 + i), hex("160014"), some(20));
  for (let i = 0; i < inputs; i++) {
    // Two items: a DER signature and a compressed public key.
    const signature = some(70);
    parts.push(hex("024830450221"), signature.subarray(0, 33), hex("0220"), signature.subarray(33, 65), hex("0121"));
    parts.push(Uint8Array.of(2 + (index & 1)), some(32));
  }
  parts.push(Uint8Array.of(index & 0xff, 0x0b, 0x0c, 0x00));
  const height = 700_000 + index * 9;
  return { txid, height, time: 1_630_000_000 + index * 5_400, raw: new Uint8Array(Buffer.concat(parts)) };
}

function amountOf(index: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(10_000 + ((index * 7_919) % 50_000_000)), true);
  return bytes;
}

function hex(text: string): Uint8Array {
  return Buffer.from(text, "hex");
}
