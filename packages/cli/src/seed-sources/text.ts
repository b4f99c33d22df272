import type { KeySource } from "@cloudbackup/core";
import { checkMnemonic, parseSeed } from "@cloudbackup/core/seed";
import type { Languages } from "../languages.ts";

/**
 * The seed that a text is: words, to which a passphrase may still come, or a raw seed in hex, or a root key.
 *
 * @throws InvalidMnemonicError, MnemonicChecksumError, InvalidSeedError
 */
export async function seedOfText(
  text: string,
  languages: Languages,
): Promise<{ mnemonic: string } | { source: KeySource }> {
  const check = checkMnemonic(text, languages);
  if (check.ok) return { mnemonic: check.mnemonic };
  return { source: await parseSeed(text, languages) };
}
