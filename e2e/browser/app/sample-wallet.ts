import type { DumpOf } from "@cloudbackup/client";
import { defineSection } from "@cloudbackup/core";

interface Transaction {
  txid: Uint8Array;
  raw: Uint8Array;
}

/** Raw transactions: a section of the wallet's own. */
const transactions = defineSection({
  name: "sample.transactions",
  schema: {
    "~standard": {
      version: 1,
      vendor: "sample",
      validate: (value) => (isTransaction(value) ? { value } : { issues: [{ message: "must have a txid and raw" }] }),
    },
  },
  identity: ({ txid }: Transaction) => txid,
  order: "given",
});

export const sections = [transactions] as const;
export type WalletDump = DumpOf<typeof sections>;

const TRANSACTIONS = 5_000;
/** Two inputs from a multisignature script, three outputs. */
const RAW_BYTES = 960;
const TXID_BYTES = 32;
const LABELS = 1_000;

/** A wallet of about 5 MB that hardly compresses; the same wherever it is made. */
export async function sampleDump(): Promise<WalletDump> {
  const bytes = await noise(TRANSACTIONS * (TXID_BYTES + RAW_BYTES));
  const history = Array.from({ length: TRANSACTIONS }, (_, index) => {
    const [txidAt, rawAt] = [index * (TXID_BYTES + RAW_BYTES), index * (TXID_BYTES + RAW_BYTES) + TXID_BYTES];
    return { txid: bytes.slice(txidAt, rawAt), raw: bytes.slice(rawAt, rawAt + RAW_BYTES) };
  });
  return {
    accounts: [
      {
        id: "mainnet/m/44'/0'/0'",
        kind: "standard",
        network: "mainnet",
        name: "Spending",
        path: "m/44'/0'/0'",
        script: "p2pkh",
        external: { next: 2_411 },
        internal: { next: 1_930 },
      },
      {
        id: "mainnet/m/44'/0'/1'",
        kind: "paired",
        network: "mainnet",
        name: "Savings",
        path: "m/44'/0'/1'",
        script: "p2sh",
        external: { next: 57 },
        internal: { next: 12 },
        pairing: "phone",
      },
    ],
    pairings: [
      {
        id: "phone",
        network: "mainnet",
        account: "mainnet/m/44'/0'/1'",
        name: "My phone",
        publicKey: new Uint8Array(33).fill(2),
        chainCode: new Uint8Array(32).fill(7),
      },
    ],
    labels: history
      .slice(0, LABELS)
      .map(({ txid }, index) => ({ type: "tx", ref: hexOf(txid), label: `Payment ${index + 1}` })),
    "sample.transactions": history,
  };
}

/** What a cipher of the platform makes of zeros: looks random, and is the same every time. */
async function noise(length: number): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey("raw", new Uint8Array(16), "AES-CTR", false, ["encrypt"]);
  const counter = new Uint8Array(16);
  return new Uint8Array(
    await crypto.subtle.encrypt({ name: "AES-CTR", counter, length: 64 }, key, new Uint8Array(length)),
  );
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function isTransaction(value: unknown): value is Transaction {
  const { txid, raw } = (value ?? {}) as Partial<Transaction>;
  return txid instanceof Uint8Array && txid.length === TXID_BYTES && raw instanceof Uint8Array;
}
