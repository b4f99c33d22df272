import { describe, expect, it } from "vitest";
import type { Dump } from "../../../src/dump/dump.ts";
import { addImported } from "../../../src/interchange/add-imported.ts";
import { importDescriptors } from "../../../src/interchange/import-descriptors.ts";
import { expressionOf, keyAt, SEEDS } from "../../wallet-files.ts";

const path = "m/48'/0'/0'/2'";
const id = `mainnet/${path}`;
const [SEED, second, third] = SEEDS as [Uint8Array, Uint8Array, Uint8Array];
const master = keyAt(third, "m");
const pairedWith = (seed: Uint8Array): string =>
  `wsh(sortedmulti(2,${expressionOf(keyAt(SEED, path))},${expressionOf(keyAt(seed, path))}))`;
const imported = importDescriptors(pairedWith(second), { source: SEED, name: "Theirs" }).dump;

/** Paired with another device at the same path, and without a descriptor. */
const dump: Dump = {
  accounts: [{ id, kind: "paired", network: "mainnet", name: "Savings", path, script: "p2wsh", pairing: "p" }],
  pairings: [
    {
      id: "p",
      network: "mainnet",
      account: id,
      name: "My phone",
      publicKey: master.node.publicKey as Uint8Array,
      chainCode: master.node.chainCode as Uint8Array,
    },
  ],
};

describe("addImported", () => {
  it("puts an account with another co-signer beside the one of its path, and leaves that as it is", () => {
    const { dump: merged, conflicts } = addImported(imported, dump);

    expect(conflicts).toEqual([]);
    expect(merged.accounts[0]).toEqual(dump.accounts[0]);
    const [, added] = merged.accounts;
    expect(added?.id).toBe(`${id}#${added?.descriptor?.slice(-8)}`);
    expect(added?.name).toBe("Theirs");
    expect(merged.pairings.find((pairing) => pairing.id === added?.pairing)?.account).toBe(added?.id);
  });

  it("puts an account with another script beside the one of its path", () => {
    const single = `wpkh(${expressionOf(keyAt(SEED, "m/44'/0'/0'"))})`;
    const theirs = importDescriptors(single, { source: SEED }).dump;
    const account = { ...(theirs.accounts?.[0] as Dump["accounts"][number]), script: "p2pkh" };
    const { descriptor: _, origin: __, ...mine } = account;
    const { dump: merged } = addImported(theirs, { accounts: [mine], pairings: [] });

    expect(merged.accounts.map(({ script, descriptor }) => [script, descriptor !== undefined])).toEqual([
      ["p2pkh", false],
      ["p2wpkh", true],
    ]);
  });

  it("changes nothing more when the same comes once more", () => {
    const once = addImported(imported, dump).dump;
    expect(addImported(imported, once)).toEqual({ dump: once, conflicts: [] });
  });

  it("takes the same account for the same, however its descriptor and its pairing are written", () => {
    const [account] = imported.accounts as Dump["accounts"];
    const [pairing] = imported.pairings as Dump["pairings"];
    const known: Dump = {
      accounts: [{ ...account, pairing: "q" } as never],
      pairings: [{ ...pairing, id: "q" } as never],
    };
    expect(addImported(imported, known).dump.accounts.map((each) => each.id)).toEqual([id]);
  });

  it("names a wrong argument", () => {
    expect(() => addImported(null as never, dump)).toThrow(new TypeError("imported must be an object of sections"));
    expect(() => addImported({}, null as never)).toThrow(new TypeError("dump must be an object of sections"));
  });
});
