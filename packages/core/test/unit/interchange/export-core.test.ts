import { describe, expect, it } from "vitest";
import { withChecksum } from "../../../src/dump/descriptor-checksum.ts";
import type { Dump } from "../../../src/dump/dump.ts";
import { exportDescriptors } from "../../../src/interchange/export-descriptors.ts";
import { importDescriptors } from "../../../src/interchange/import-descriptors.ts";
import { keyAt, SEEDS } from "../../wallet-files.ts";

const SEED = SEEDS[0] as Uint8Array;
const key = keyAt(SEED, "m/84'/0'/0'");
const spell = (hardened: string, chain: number): string =>
  withChecksum(`wpkh([${key.fingerprint}/84${hardened}/0${hardened}/0${hardened}]${key.xpub}/${chain}/*)`);
const coreOf = (dump: Dump): { next_index: number; range: [number, number]; timestamp: number; internal?: boolean }[] =>
  JSON.parse(exportDescriptors(dump, { format: "core" }).text).descriptors;
const recordOf = (record: object): Dump => ({
  accounts: [],
  pairings: [],
  descriptors: [{ descriptor: spell("h", 0), ...record }],
});

describe("exportDescriptors for Bitcoin Core", () => {
  it("gives out no address twice: the account that was used since the import knows a further index", () => {
    const text = JSON.stringify([
      { desc: spell("h", 0), next_index: 5, timestamp: 1_700_000_000, range: [0, 999] },
      { desc: spell("h", 1), next_index: 7, timestamp: 1_700_000_000, range: [0, 999] },
    ]);
    const { dump } = importDescriptors(text, { source: SEED });
    const accounts = (dump.accounts ?? []).map((account) => ({
      ...account,
      external: { next: 1500 },
    }));
    const [external, internal] = coreOf({ pairings: [], ...dump, accounts });

    expect(external).toMatchObject({ next_index: 1500, range: [0, 1500], timestamp: 1_700_000_000 });
    expect(internal).toMatchObject({ next_index: 7, range: [0, 999], timestamp: 1_700_000_000 });
  });

  it("unites two records of one descriptor, spelled with h and with '", () => {
    const descriptors = [
      { descriptor: spell("h", 0), next: 50, timestamp: 1_600_000_000 },
      { descriptor: spell("'", 0), next: 3, timestamp: 1_700_000_000, active: true },
    ];
    expect(coreOf({ accounts: [], pairings: [], descriptors })).toMatchObject([
      { next_index: 50, timestamp: 1_600_000_000, active: true },
    ]);
  });

  it("takes the change chain's index for an account that has that chain alone", () => {
    const { dump } = importDescriptors(spell("h", 1), { source: SEED });
    const accounts = (dump.accounts ?? []).map((account) => ({ ...account, internal: { next: 9 } }));
    expect(coreOf({ accounts, pairings: [] })).toMatchObject([{ next_index: 9 }]);
  });

  it("keeps the next index in the range, and the range below the hardened indices", () => {
    expect(coreOf(recordOf({ next: 1500, range: [0, 999] }))).toMatchObject([{ range: [0, 1500], next_index: 1500 }]);
    expect(coreOf(recordOf({ next: 2 ** 31 - 1 }))).toMatchObject([{ range: [0, 2 ** 31 - 1] }]);
    expect(coreOf(recordOf({ next: 2, range: [5] }))).toMatchObject([{ range: [0, 1001] }]);
  });
});
