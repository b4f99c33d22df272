/** Private key there: the cloud backup encryption key. */
export const BACKUP_KEY_PATH = "m/100'/0'/0'/0/1";
/** Private key there: what a wallet's signing key is made of. */
export const IDENTITY_KEY_PATH = "m/100'/0'/1'";

/** Indices of BIP-32 are below 2^31; `'` marks a hardened one. */
const INDEX_LIMIT = 2 ** 31;

/**
 * Whether a text is a BIP-32 path from the master key such as `m/44'/0'/3'`: `'` for hardened, no leading zeros, each
 * index below 2^31.
 *
 * @param text any; nothing is trimmed
 * @see BIP-32, "The key tree"
 */
export function isDerivationPath(text: string): boolean {
  if (!/^m(\/(0|[1-9]\d{0,9})'?)*$/.test(text)) return false;
  return text
    .split("/")
    .slice(1)
    .every((index) => Number.parseInt(index, 10) < INDEX_LIMIT);
}
