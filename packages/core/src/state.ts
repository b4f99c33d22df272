import { bytesToHex, joinBytes } from "./bytes.ts";
import { CborError, type CborMap, decodeCbor, encodeCbor, isCborMap } from "./cbor.ts";
import { ID_BYTES } from "./chunks/bundle.ts";
import { decodeManifest, encodeManifest, type Manifest } from "./chunks/manifest.ts";
import { type ChunkMap, readSection } from "./chunks/section-chunks.ts";
import { openAtHome, sealAtHome } from "./envelope/at-home.ts";
import { CloudBackupError } from "./errors.ts";
import type { BackupKeys } from "./keys/backup-keys.ts";

/**
 * What a device remembers of the backup it last wrote or took over: enough to make the next one an update, also after a
 * restart. The chunks themselves are kept beside it, by id.
 */
export interface BackupState {
  /** That of the backup: where it stands, and what its sections are. */
  manifest: Manifest;
  /** SHA-256 of the sealed envelope. */
  sha256: Uint8Array;
  /** By section, the ids of all chunks it is made of, those of its lists included. */
  chunkIds: ReadonlyMap<string, readonly Uint8Array[]>;
}

const LABEL = "state";
const VERSION = 1;
const SHA256_BYTES = 32;

/** Seals a state under the wallet's own key: bytes to keep per wallet and server. */
export function sealState(keys: BackupKeys, state: BackupState): Uint8Array {
  const chunks: CborMap = {};
  for (const [name, ids] of state.chunkIds) if (ids.length > 0) chunks[name] = joinBytes(ids);
  const plain = encodeCbor({ v: VERSION, sha256: state.sha256, manifest: encodeManifest(state.manifest), chunks });
  return sealAtHome(keys, LABEL, plain);
}

/**
 * Opens the `state` of a backup. Null where it cannot be read, which is the same as having none: other keys, damaged,
 * another version.
 *
 * @param state as `createBackup` or `openBackup` gave it
 * @param keys those of the wallet, in the realm that the state was made for
 * @throws TypeError: `state` is no Uint8Array, or `keys` were destroyed
 */
export function readState(state: Uint8Array, keys: BackupKeys): BackupState | null {
  const plain = openAtHome(keys, LABEL, state);
  if (plain === null) return null;
  try {
    const map = decodeCbor(plain);
    if (!isCborMap(map) || map.v !== VERSION) return null;
    const { manifest, sha256, chunks } = map;
    if (!(manifest instanceof Uint8Array && sha256 instanceof Uint8Array && isCborMap(chunks))) return null;
    if (sha256.length !== SHA256_BYTES) return null;
    const chunkIds = new Map<string, Uint8Array[]>();
    for (const [name, ids] of Object.entries(chunks)) {
      if (!(ids instanceof Uint8Array) || ids.length % ID_BYTES !== 0) return null;
      chunkIds.set(name, splitIds(ids));
    }
    return { manifest: decodeManifest(manifest), sha256, chunkIds };
  } catch (error) {
    if (error instanceof CloudBackupError || error instanceof CborError) return null;
    throw error;
  }
}

/**
 * All chunk ids of a state, in lower-case hex, each once.
 *
 * @param state as `readState` opened it
 */
export function chunkIdsOf(state: BackupState): Set<string> {
  return new Set([...state.chunkIds.values()].flatMap((ids) => ids.map(bytesToHex)));
}

/**
 * Section bodies of the backup that a state remembers, from its chunks. They are the caller's.
 *
 * @param keys those that sealed the chunks
 * @param state as `readState` opened it
 * @param names of the sections to read; those that the backup lacks are passed over
 * @param chunks sealed, by id in lower-case hex
 * @throws IncompleteError: a chunk is not among `chunks`; TamperedError: one is not what its id says;
 *   UnsupportedVersionError: one was made by a newer version
 */
export function readStateSections(
  keys: BackupKeys,
  state: BackupState,
  names: readonly string[],
  chunks: ChunkMap,
): Map<string, Uint8Array> {
  const entries = state.manifest.sections.filter((entry) => names.includes(entry.name));
  return new Map(entries.map((entry) => [entry.name, readSection(keys, entry, (id) => chunks.get(id)).body]));
}

function splitIds(joined: Uint8Array): Uint8Array[] {
  return Array.from({ length: joined.length / ID_BYTES }, (_, i) => joined.subarray(i * ID_BYTES, (i + 1) * ID_BYTES));
}
