import type { Dump } from "@cloudbackup/client";

/** A published mnemonic (BIP-39, test vectors), and no other. */
export const WORDS = "legal winner thank year wave sausage worth useful legal winner thank yellow";
export const OTHER_WORDS = "letter advice cage absurd amount doctor acoustic avoid letter advice cage above";

export const dump: Dump = {
  accounts: [
    {
      id: "mainnet/m/84'/0'/0'",
      kind: "standard",
      network: "mainnet",
      name: "Spending",
      path: "m/84'/0'/0'",
      script: "p2wpkh",
      external: { next: 7 },
      internal: { next: 3 },
    },
    {
      id: "mainnet/m/44'/0'/1'",
      kind: "paired",
      network: "mainnet",
      name: "Savings",
      path: "m/44'/0'/1'",
      script: "p2sh",
      external: { next: 4 },
      internal: { next: 0 },
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
      secret: new Uint8Array(32).fill(9),
      keys: 4,
    },
  ],
  labels: [{ type: "addr", ref: "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", label: "Rent" }],
  "acme.notes": [{ id: 1, text: "Ask for a receipt", picture: new Uint8Array([0, 255]) }],
};

export function renamed(name: string): Dump {
  return { ...dump, accounts: dump.accounts.map((account, i) => (i === 0 ? { ...account, name } : account)) };
}
