import fc from "fast-check";
import { expect, it } from "vitest";
import { hexToBytes } from "../../src/bytes.ts";
import { decodeDump, encodeDump } from "../../src/dump/codec.ts";
import { withChecksum } from "../../src/dump/descriptor-checksum.ts";
import type { Dump } from "../../src/dump/dump.ts";
import type { ImportOptions } from "../../src/interchange/accounts-builder.ts";
import { importCaravan } from "../../src/interchange/caravan.ts";
import { importColdcard } from "../../src/interchange/coldcard.ts";
import { expandDescriptor, formatDescriptor, parseDescriptor } from "../../src/interchange/descriptor.ts";
import { ImportError } from "../../src/interchange/errors.ts";
import { exportDescriptors } from "../../src/interchange/export-descriptors.ts";
import { exportCaravan, exportColdcard } from "../../src/interchange/export-multisig.ts";
import { importDescriptors } from "../../src/interchange/import-descriptors.ts";
import type { Imported } from "../../src/interchange/report.ts";
import { expressionOf, keyAt, SEEDS, type TestKey } from "../wallet-files.ts";

const PATHS = ["m/45'/0'/7'", "m/48'/0'/0'/2'", "m/0/1"];
const keysOf = (isMainnet: boolean) => SEEDS.flatMap((seed) => PATHS.map((path) => keyAt(seed, path, isMainnet)));
const KEYS = new Map([
  [true, keysOf(true)],
  [false, keysOf(false)],
]);

const SCRIPTS = ["P2SH", "P2SH-P2WSH", "P2WSH"] as const;
const AROUND = { P2SH: ["sh(", ")"], "P2SH-P2WSH": ["sh(wsh(", "))"], P2WSH: ["wsh(", ")"] } as const;
type Network = NonNullable<ImportOptions["network"]>;
const network: fc.Arbitrary<Network> = fc.constantFrom("mainnet", "testnet", "signet", "regtest");
const anyName = fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 }).map((name) => name.trim() || "x");
const asciiName = fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 20 }).map((name) => name.trim() || "x");

interface Wallet {
  name: string;
  script: (typeof SCRIPTS)[number];
  network: Network;
  keys: TestKey[];
  names: string[];
  required: number;
  start: number;
  /** Whose fingerprint is told: a key's, or nobody's. */
  own: number;
}

const walletOf = (name: fc.Arbitrary<string>, networks = network): fc.Arbitrary<Wallet> =>
  networks.chain((net) =>
    fc
      .uniqueArray(fc.constantFrom(...(KEYS.get(net === "mainnet") as TestKey[])), { minLength: 1, maxLength: 5 })
      .chain((keys) =>
        fc.record({
          name,
          script: fc.constantFrom(...SCRIPTS),
          network: fc.constant(net),
          keys: fc.constant(keys),
          names: fc.array(anyName, { minLength: keys.length, maxLength: keys.length }),
          required: fc.integer({ min: 1, max: keys.length }),
          start: fc.nat(5),
          own: fc.nat(6),
        }),
      ),
  );

function caravanText({ name, script, network: net, keys, names, required, start }: Wallet): string {
  return JSON.stringify({
    name,
    addressType: script,
    network: net,
    client: { type: "public" },
    quorum: { requiredSigners: required, totalSigners: keys.length },
    extendedPublicKeys: keys.map(({ xpub, fingerprint, path }, i) => ({
      name: names[i],
      xpub,
      xfp: fingerprint,
      bip32Path: path,
    })),
    startingAddressIndex: start,
  });
}

function descriptorText({ script, keys, required }: Wallet, derivation?: string): string {
  const [open, close] = AROUND[script];
  return `${open}sortedmulti(${required},${keys.map((key) => expressionOf(key, derivation)).join()})${close}`;
}

const optionsOf = ({ keys, own }: Wallet): ImportOptions => {
  const key = keys[own];
  return key ? { fingerprint: hexToBytes(key.fingerprint) } : {};
};
const wholeOf = ({ dump }: Imported): Dump => ({ accounts: [], pairings: [], ...dump });
const idOf = (dump: Dump): string => dump.accounts[0]?.id as string;

it("any wallet of Caravan comes back from its account, and the account from that", () => {
  fc.assert(
    fc.property(walletOf(anyName), (wallet) => {
      const text = caravanText(wallet);
      const dump = wholeOf(importCaravan(text, optionsOf(wallet)));
      const { own, keys, required } = wallet;
      const isPaired = keys.length === 2 && required === 2 && own < 2 && keys[0]?.fingerprint !== keys[1]?.fingerprint;
      expect(dump.accounts[0]?.kind).toBe(isPaired ? "paired" : "cloudbackup.multisig");
      expect(decodeDump(encodeDump(dump))).toEqual(dump);
      const exported = exportCaravan(dump, idOf(dump));
      expect(exported.report).toEqual([]);
      expect(JSON.parse(exported.text)).toEqual(JSON.parse(text));
      expect(wholeOf(importCaravan(exported.text, optionsOf(wallet)))).toEqual(dump);
    }),
    { numRuns: 60 },
  );
});

it("any account comes back from a text for Coldcard", () => {
  const networks = fc.constantFrom<Network>("mainnet", "testnet");
  fc.assert(
    fc.property(walletOf(asciiName, networks), (wallet) => {
      const options = { ...optionsOf(wallet), network: wallet.network, name: wallet.name };
      const { descriptors: _, ...dump } = wholeOf(importDescriptors(descriptorText(wallet), options));
      const exported = exportColdcard(dump, idOf(dump));
      const hasName = dump.pairings.length > 0;
      expect(exported.report.map(({ where }) => where)).toEqual(hasName ? ["accounts.cosigners"] : []);
      expect(wholeOf(importColdcard(exported.text, options))).toEqual(dump);
    }),
    { numRuns: 60 },
  );
});

it("any account comes back from its descriptor, whatever the order of its keys", () => {
  const use = fc.record({
    external: fc.nat(9),
    internal: fc.nat(9),
    timestamp: fc.integer({ min: 1_231_006_505, max: 2e9 }),
  });
  fc.assert(
    fc.property(walletOf(anyName), use, (wallet, { external, internal, timestamp }) => {
      const options = { ...optionsOf(wallet), network: wallet.network, name: wallet.name };
      const reversed = { ...wallet, keys: [...wallet.keys].reverse() };
      const { descriptors: _, ...dump } = wholeOf(importDescriptors(descriptorText(wallet), options));
      const { descriptors: __, ...same } = wholeOf(importDescriptors(descriptorText(reversed), options));
      expect(same).toEqual(dump);
      const { text } = exportDescriptors(dump);
      expect(wholeOf(importDescriptors(text, options)).accounts).toEqual(dump.accounts);

      const core = JSON.stringify({
        wallet_name: wallet.name,
        descriptors: [
          {
            desc: withChecksum(descriptorText(wallet, "/0/*")),
            timestamp,
            active: true,
            internal: false,
            range: [0, 999],
            next: external,
            next_index: external,
          },
          {
            desc: withChecksum(descriptorText(wallet, "/1/*")),
            timestamp,
            active: true,
            internal: true,
            range: [0, 999],
            next: internal,
            next_index: internal,
          },
        ],
      });
      const used = wholeOf(importDescriptors(core, options));
      const [account] = dump.accounts;
      const expected = { ...account, external: { next: external }, internal: { next: internal }, birthday: timestamp };
      expect(used.accounts).toEqual([expected]);
      const exported = exportDescriptors(used, { format: "core" });
      const again = wholeOf(importDescriptors(exported.text, options));
      expect(again.accounts).toEqual([expected]);
      expect(again.pairings).toEqual(dump.pairings);
      // The order of keys within sortedmulti is a record's own.
      if (wallet.keys.length === 1) expect(again.descriptors).toEqual(used.descriptors);
    }),
    { numRuns: 60 },
  );
});

it("any descriptor comes back from its text, and what it stands for has its keys", () => {
  const key = fc.constantFrom(...(KEYS.get(true) as TestKey[]));
  const keyText = fc
    .tuple(key, fc.constantFrom("", "/*", "/<0;1>/*", "/5h/<0;1>", "/3/*h"), fc.boolean())
    .map(([one, derivation, hasOrigin]) => (hasOrigin ? expressionOf(one, derivation) : one.xpub + derivation));
  const script: fc.Arbitrary<string> = fc.letrec<{ script: string }>((tie) => ({
    script: fc.oneof(
      { depthSize: "small" },
      keyText.map((text) => `pk(${text})`),
      fc.nat(5).map((n) => `older(${n + 1})`),
      fc.tuple(tie("script"), tie("script")).map(([a, b]) => `and_v(${a},${b})`),
      tie("script").map((one) => `v:pkx(${one})`),
    ),
  })).script;
  fc.assert(
    fc.property(script, (inner) => {
      const text = `wsh(${inner})`;
      const tree = parseDescriptor(text);
      expect(formatDescriptor(tree)).toBe(withChecksum(text));
      expect(parseDescriptor(formatDescriptor(tree))).toEqual(tree);
      for (const chain of expandDescriptor(tree)) {
        const one = parseDescriptor(chain);
        expect(one.paths).toBe(1);
        expect(one.keys.map((each) => each.key)).toEqual(tree.keys.map((each) => each.key));
      }
    }),
    { numRuns: 60 },
  );
});

it("any changed character of a descriptor is refused", () => {
  const wallet: Wallet = {
    name: "Savings",
    script: "P2WSH",
    network: "mainnet",
    keys: (KEYS.get(true) as TestKey[]).slice(0, 2),
    names: ["a", "b"],
    required: 2,
    start: 0,
    own: 9,
  };
  const text = withChecksum(descriptorText(wallet));
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.integer({ min: 32, max: 126 }), (at, code) => {
      const changed = text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
      fc.pre(changed !== text && !changed.startsWith("#"));
      expect(() => importDescriptors(changed)).toThrow(ImportError);
    }),
    { numRuns: 300 },
  );
});
