import { type BackupKeys, openAtHome, sealAtHome } from "@cloudbackup/core";
import { type BundleHead, decodeBundleHead, encodeBundleHead } from "@cloudbackup/core/wire";

/*
 * A backup that was begun, as it is kept until it has arrived or was refused; its new chunks are kept beside it, by id:
 *
 *   kept = u32 length of state ‖ state ‖ head of its bundle, sealed under the key it is kept by
 */

const LENGTH_BYTES = 4;

/** @param state sealed already */
export function encodePending(keys: BackupKeys, key: string, state: Uint8Array, head: BundleHead): Uint8Array {
  const sealed = sealAtHome(keys, key, encodeBundleHead(head));
  const kept = new Uint8Array(LENGTH_BYTES + state.length + sealed.length);
  new DataView(kept.buffer).setUint32(0, state.length);
  kept.set(state, LENGTH_BYTES);
  kept.set(sealed, LENGTH_BYTES + state.length);
  return kept;
}

/** Its state, sealed. Null where that cannot be. */
export function stateOfPending(kept: Uint8Array): Uint8Array | null {
  const end = endOfState(kept);
  return end > kept.length ? null : kept.slice(LENGTH_BYTES, end);
}

/** Its bundle's head, byte for byte as it was sent. Null where it cannot be read. */
export function headOfPending(keys: BackupKeys, key: string, kept: Uint8Array): BundleHead | null {
  const head = openAtHome(keys, key, kept.subarray(endOfState(kept)));
  return head && decodeBundleHead(head);
}

function endOfState(kept: Uint8Array): number {
  if (kept.length < LENGTH_BYTES) return Number.POSITIVE_INFINITY;
  return LENGTH_BYTES + new DataView(kept.buffer, kept.byteOffset).getUint32(0);
}
