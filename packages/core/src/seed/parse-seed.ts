import { assertKnownOptions } from "../bytes.ts";
import type { KeySource } from "../keys/backup-keys.ts";
import type { SeedPrimitives } from "../primitives/primitives.ts";
import { InvalidSeedError } from "./invalid-seed-error.ts";
import { assertWordlists, mnemonicToSeed } from "./mnemonic.ts";
import { isMnemonicLength } from "./mnemonic-lengths.ts";
import { parseRawSeed } from "./raw-seed.ts";
import { isOfWords } from "./read-mnemonic.ts";
import { parseRootKey } from "./root-key.ts";
import type { Wordlists } from "./wordlist.ts";
import { wordlist as english } from "./wordlists/english.ts";
import { readWords, visible } from "./words.ts";

/**
 * Whatever text a person has of a seed, as `deriveBackupKeys` and `openWallet` take it: the words of a mnemonic, a raw seed as
 * hex (16 to 64 bytes), or a BIP-32 root key as `xprv…` or `tprv…` (or as SLIP-132 writes the same, `zprv…`). All of one
 * seed give the same keys, and the same wallet id.
 *
 * @param text as it was typed or pasted
 * @param options how it is read
 * @param options.passphrase of a mnemonic, the "25th word"; by default none
 * @param options.wordlists where the words are looked for, by language; by default English alone
 * @param options.primitives by default the platform's
 * @throws TypeError, RangeError for wrong arguments; InvalidMnemonicError, MnemonicChecksumError for words; InvalidSeedError for all
 *   else that is no seed: `reason` says why
 * @example
 * ```ts
 * import { deriveBackupKeys, NO_REALM } from "@cloudbackup/core";
 * import { parseSeed } from "@cloudbackup/core/seed";
 *
 * const idOf = async (text: string) => deriveBackupKeys(await parseSeed(text), NO_REALM).walletId.slice(0, 16);
 * console.log(await idOf("abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about")); // → b737a01d59776487
 * console.log(await idOf("xprv9s21ZrQH143K3GJpoapnV8SFfukcVBSfeCficPSGfubmSFDxo1kuHnLisriDvSnRRuL2Qrg5ggqHKNVpxR86QEC8w35uxmGoggxtQTPvfUu")); // → b737a01d59776487
 * ```
 * @see BIP-32, "Master key generation" and "Serialization format"; SLIP-132
 */
export async function parseSeed(
  text: string,
  options: {
    passphrase?: string | undefined;
    wordlists?: Wordlists | undefined;
    primitives?: SeedPrimitives | undefined;
  } = {},
): Promise<KeySource> {
  if (typeof text !== "string") throw new TypeError("text must be a string");
  assertKnownOptions(options, ["passphrase", "wordlists", "primitives"], "options");
  const { passphrase = "", wordlists = { english }, primitives } = options;
  if (typeof passphrase !== "string") throw new TypeError("passphrase must be a string");
  assertWordlists(wordlists);
  const { words } = readWords(text);
  // Words of the letters a to f alone are no number.
  const source = isOfWords(words, wordlists) ? undefined : parseKey(text);
  if (source === undefined) {
    const isOneThing = !/\s/u.test(visible(text).trim()) && !isMnemonicLength(words.length);
    if (isOneThing) throw new InvalidSeedError("unknown-form");
    return mnemonicToSeed(text, { passphrase, wordlists, primitives });
  }
  if (passphrase !== "") throw new InvalidSeedError("passphrase");
  return source;
}

/** Undefined where it looks like neither: then it is taken for words. Line breaks within are those of who wrapped it. */
function parseKey(text: string): KeySource | undefined {
  const compact = visible(text).normalize("NFKC").replace(/\s/gu, "");
  return parseRawSeed(compact) ?? parseRootKey(compact);
}
