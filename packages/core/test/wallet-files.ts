import { HDKey } from "#curves";
import { hexToBytes } from "../src/bytes.ts";
import { publicText } from "./public-files.ts";

/** Seeds of BIP-32's test vectors 1 and 2, and others that are as public. */
export const SEEDS: readonly Uint8Array[] = [
  hexToBytes("000102030405060708090a0b0c0d0e0f"),
  hexToBytes(
    "fffcf9f6f3f0edeae7e4e1dedbd8d5d2cfccc9c6c3c0bdbab7b4b1aeaba8a5a29f9c999693908d8a8784817e7b7875726f6c696663605d5a5754514e4b484542",
  ),
  new Uint8Array(16).fill(3),
  new Uint8Array(16).fill(4),
  new Uint8Array(16).fill(5),
];

const TESTNET = { private: 0x04358394, public: 0x043587cf };

export interface TestKey {
  seed: Uint8Array;
  fingerprint: string;
  path: string;
  xpub: string;
  node: HDKey;
}

/** The key of a seed at a path, as wallets give it to each other. */
export function keyAt(seed: Uint8Array, path: string, isMainnet = true): TestKey {
  const root = HDKey.fromMasterSeed(seed, isMainnet ? undefined : TESTNET);
  const node = root.derive(path);
  const fingerprint = root.fingerprint.toString(16).padStart(8, "0");
  return { seed, fingerprint, path, xpub: node.publicExtendedKey, node };
}

/** As a descriptor has it. */
export function expressionOf({ fingerprint, path, xpub }: TestKey, derivation = "/<0;1>/*"): string {
  return `[${fingerprint}${path.slice(1).replaceAll("'", "h")}]${xpub}${derivation}`;
}

export function caravanOf(keys: readonly TestKey[], more: object = {}): object {
  return {
    name: "Savings",
    addressType: "P2WSH",
    network: "mainnet",
    client: { type: "public" },
    quorum: { requiredSigners: 2, totalSigners: keys.length },
    extendedPublicKeys: keys.map(({ fingerprint, path, xpub }, i) => ({
      name: `key ${i}`,
      bip32Path: path,
      xpub,
      xfp: fingerprint,
    })),
    startingAddressIndex: 0,
    ...more,
  };
}

/** The public files that are there, and what is missing, said in a test's name. */
export function publicFiles(paths: readonly string[]): { path: string; text: string }[] {
  return paths.flatMap((path) => {
    const text = publicText(path);
    return text === undefined ? [] : [{ path, text }];
  });
}

export function missingText(paths: readonly string[]): string {
  const missing = paths.length - publicFiles(paths).length;
  return missing > 0
    ? `by hand alone: CLOUDBACKUP_VECTORS lacks ${missing} of ${paths.length} files`
    : "every public file";
}
