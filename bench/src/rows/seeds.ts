import { pbkdf2 } from "node:crypto";
import { promisify } from "node:util";
import { deriveBackupKeys, NO_REALM } from "@cloudbackup/core";
import { mnemonicToSeed } from "@cloudbackup/core/seed";
import { HDKey } from "@scure/bip32";
import { type Benchmark, interleave, timeMs } from "../benchmark.ts";
import { ratioAtMost, rowOf } from "../row.ts";

const ROUNDS = 25;
/** 24 words, of the public test vectors of BIP-39. */
const WORDS = `${"abandon ".repeat(23)}art`;
const BACKUP_KEY_PATH = "m/100'/0'/0'/0/1";

/** From 24 words to the keys of a wallet, beside what of it BIP-39 and BIP-32 ask for. */
export const seeds: Benchmark = {
  names: ["seed-to-key"],
  async run() {
    const medians = await interleave(ROUNDS, {
      ours: () =>
        timeMs(async () => {
          deriveBackupKeys(await mnemonicToSeed(WORDS), NO_REALM).destroy();
        }),
      bare: () =>
        timeMs(async () => {
          const seed = await promisify(pbkdf2)(WORDS, "mnemonic", 2048, 64, "sha512");
          HDKey.fromMasterSeed(seed).derive(BACKUP_KEY_PATH);
        }),
    });
    return [
      rowOf({
        name: "seed-to-key",
        value: medians.ours,
        unit: "ms",
        peer: { name: "node:crypto PBKDF2, @scure/bip32", value: medians.bare },
        goal: ratioAtMost(1.5),
        note: "mnemonicToSeed and deriveBackupKeys: beside the backup key of the peer, the check of the words, the identity key, the signing key and its Ed25519 public key, and the wallet's id",
      }),
    ];
  },
};
