import * as noble from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";
import type { Ed25519 } from "./curves.ts";

/**
 * BIP-32 by the same library as everywhere, on a smaller curve: the build puts `secp256k1.ts` in the place of
 * `@noble/curves/secp256k1.js`, which weighs as much as half of this package.
 */
export { HDKey } from "@scure/bip32";

// The library brings no hash. Whoever else uses it on the same page may have given it one.
noble.hashes.sha512 ??= sha512;

export const ed25519: Ed25519 = {
  getPublicKey: (secretKey) => noble.getPublicKey(secretKey),
  sign: (message, secretKey) => noble.sign(message, secretKey),
};
