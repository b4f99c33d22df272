import { sha256 } from "@noble/hashes/sha2.js";
import { assertBytes, concatBytes, utf8ToBytes } from "../bytes.ts";

const WALLET_ID_LABEL = utf8ToBytes("cloudbackup/1/wallet-id");

/**
 * H(seed): the id that names a wallet in one realm, SHA-256("cloudbackup/1/wallet-id" ‖ Ed25519 public key), 32 bytes.
 * A one-way function of the seed that certifies itself: whoever shows the public key and signs with it owns the id.
 *
 * @param publicKey 32 bytes
 * @returns the caller's bytes
 * @throws TypeError, RangeError for what is no bytes, or not as many
 * @see docs/format.md §1
 */
export function walletIdOf(publicKey: Uint8Array): Uint8Array {
  assertBytes(publicKey, "publicKey", 32);
  return sha256(concatBytes(WALLET_ID_LABEL, publicKey));
}
