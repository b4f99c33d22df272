import { type BackupKeys, foldChain, type Manifest, openAtHome, sealAtHome } from "@cloudbackup/core";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { ForkError, WentBackError } from "./errors.ts";
import type { Storage } from "./storage.ts";

/**
 * What this device has last seen of a wallet at a server: the highest revision that it wrote (by receipt) or verified (by
 * a whole download that opened). The server may go on from there, never back and never aside.
 */
export interface Mark {
  revision: number;
  /** SHA-256 of that revision's envelope, hex. */
  sha256: string;
  /** That revision's `chain`, hex. */
  chain: string;
  gen: number;
}

const KEY = "mark";

export function markOf(manifest: Manifest, sha256: Uint8Array): Mark {
  const { revision, chain, gen } = manifest;
  return { revision, sha256: bytesToHex(sha256), chain: bytesToHex(chain), gen };
}

/** Null: nothing was ever seen, or what was kept cannot be read. */
export async function loadMark(storage: Storage, keys: BackupKeys): Promise<Mark | null> {
  const kept = await storage.get(KEY);
  const plain = kept ? openAtHome(keys, KEY, kept) : null;
  return plain ? (JSON.parse(new TextDecoder().decode(plain)) as Mark) : null;
}

/** Moves the mark forward; one that is further already stays. */
export async function raiseMark(storage: Storage, keys: BackupKeys, mark: Mark): Promise<void> {
  const before = await loadMark(storage, keys);
  if (before && before.revision >= mark.revision) return;
  await storage.set(KEY, sealAtHome(keys, KEY, new TextEncoder().encode(JSON.stringify(mark))));
}

/** Checks what the server says is current. @throws WentBackError, ForkError */
export function assertNotBehind(mark: Mark | null, current: { revision: number; sha256: string | null }): void {
  if (!mark) return;
  if (current.sha256 === null) {
    throw new WentBackError(`The server has no backup, this device has seen revision ${mark.revision}: it went back`);
  }
  if (current.revision < mark.revision) {
    throw new WentBackError(
      `The server is at revision ${current.revision}, this device has seen revision ${mark.revision}: it went back`,
    );
  }
  if (current.revision === mark.revision && current.sha256 !== mark.sha256) {
    throw new ForkError(`The server's revision ${mark.revision} is not the one that this device has seen`);
  }
}

/**
 * Checks that an opened backup continues from the mark: its chain must fold from the mark's through the hashes of every
 * revision between, unless its manifest says that it heals the mark's.
 *
 * @param hashes asks the server for `[revision, sha256]` from one revision on
 * @throws WentBackError, ForkError
 */
export async function assertContinues(
  mark: Mark | null,
  keys: BackupKeys,
  opened: { manifest: Manifest; sha256: Uint8Array },
  hashes: (from: number) => Promise<[revision: number, sha256: string][]>,
): Promise<void> {
  const { manifest } = opened;
  assertNotBehind(mark, { revision: manifest.revision, sha256: bytesToHex(opened.sha256) });
  if (!mark || manifest.revision === mark.revision) return;
  if (manifest.heals.some((sha256) => bytesToHex(sha256) === mark.sha256)) return;

  const fork = () =>
    new ForkError(
      `Revision ${manifest.revision} does not continue revision ${mark.revision}, which this device has seen`,
    );
  const between = (await hashes(mark.revision)).filter(([revision]) => revision < manifest.revision);
  const [first] = between;
  if (first?.[0] !== mark.revision || first[1] !== mark.sha256) throw fork();
  let chain: Uint8Array = hexToBytes(mark.chain);
  for (const [, sha256] of between) chain = foldChain(keys, chain, hexToBytes(sha256));
  if (bytesToHex(chain) !== bytesToHex(manifest.chain)) throw fork();
}
