import { assertBytes, concatBytes, hexToBytes, utf8ToBytes } from "../bytes.ts";
import { type BackupKeys, subkeyOf } from "../keys/backup-keys.ts";
import { NONCE_BYTES } from "./sizes.ts";

/*
 * What a client keeps on its own device:
 *
 *   kept = 0x01 ‖ nonce (24) ‖ XChaCha20-Poly1305(subkey("state"), nonce, "cloudbackup/1/kept/" ‖ label ‖ 0x00 ‖ walletId, bytes)
 *   nonce = first 24 bytes of HMAC-SHA-256(subkey("state-nonce"), label ‖ 0x00 ‖ bytes)
 *
 * The nonce follows from what is sealed, so that no randomness is needed: only equal bytes of one label seal alike.
 */

const VERSION = 1;

/**
 * Seals bytes to be kept on this device, under the wallet's own key. Equal bytes of one label seal alike.
 *
 * @param keys of the wallet and the realm that the bytes are about
 * @param label says what they are, and must be given again to open them; without U+0000
 * @param bytes are not changed
 * @returns 41 bytes more, the caller's
 * @throws TypeError: `bytes` is no Uint8Array, or `keys` were destroyed; RangeError: `label` holds U+0000
 * @example
 * ```ts
 * import { openAtHome, sealAtHome } from "@cloudbackup/core";
 *
 * const kept = sealAtHome(keys, "acme/cursor", new TextEncoder().encode("block 840000"));
 * const opened = openAtHome(keys, "acme/cursor", kept);
 * console.log(opened && new TextDecoder().decode(opened)); // → block 840000
 * console.log(openAtHome(keys, "acme/other", kept)); // → null
 * ```
 * @see docs/format.md §1
 */
export function sealAtHome(keys: BackupKeys, label: string, bytes: Uint8Array): Uint8Array {
  assertLabel(label);
  assertBytes(bytes, "bytes");
  const prefix = concatBytes(utf8ToBytes(label), Uint8Array.of(0));
  const nonce = keys.primitives
    .hmacSha256(subkeyOf(keys, "state-nonce"), concatBytes(prefix, bytes))
    .slice(0, NONCE_BYTES);
  const box = keys.primitives.sealXChaCha20Poly1305(subkeyOf(keys, "state"), nonce, aadOf(keys, label), bytes);
  return concatBytes(Uint8Array.of(VERSION), nonce, box);
}

/**
 * What `sealAtHome` sealed; null where it cannot be read: other keys, another label, damaged, another version.
 *
 * @param keys those that sealed it
 * @param label the one that it was sealed with
 * @param kept is not changed
 * @returns the bytes, the caller's
 * @throws TypeError: `kept` is no Uint8Array, or `keys` were destroyed; RangeError: `label` holds U+0000
 */
export function openAtHome(keys: BackupKeys, label: string, kept: Uint8Array): Uint8Array | null {
  assertLabel(label);
  assertBytes(kept, "kept");
  if (kept[0] !== VERSION || kept.length < 1 + NONCE_BYTES + 16) return null;
  const nonce = kept.subarray(1, 1 + NONCE_BYTES);
  const box = kept.subarray(1 + NONCE_BYTES);
  return keys.primitives.openXChaCha20Poly1305(subkeyOf(keys, "state"), nonce, aadOf(keys, label), box);
}

/** A zero byte ends the label: with one in it, two labels could share a nonce. */
function assertLabel(label: string): void {
  if (label.includes("\0")) throw new RangeError("label must not hold U+0000");
}

function aadOf(keys: BackupKeys, label: string): Uint8Array {
  return concatBytes(utf8ToBytes(`cloudbackup/1/kept/${label}`), Uint8Array.of(0), hexToBytes(keys.walletId));
}
