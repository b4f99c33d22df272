import type { Label } from "@cloudbackup/core";

/**
 * What a person wrote beside addresses and transactions, in the words of BIP-329. The references are the first address
 * of the demo's seed below m/84'/0'/0', as BIP-84 publishes it, and the coinbase transaction of block 0.
 */
export const demoLabels: readonly Label[] = [
  { type: "addr", ref: "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", label: "Salary" },
  { type: "tx", ref: "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b", label: "Where it all began" },
  {
    type: "output",
    ref: "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b:0",
    label: "Nobody can spend this one",
    spendable: false,
  },
];
