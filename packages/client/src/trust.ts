import { type BackupKeys, CloudBackupError, type Manifest, openAtHome, sealAtHome } from "@cloudbackup/core";
import { bytesToHex } from "@noble/hashes/utils.js";
import { hexOf, listOf, objectOf, parseJson, uintOf } from "./answers.ts";
import { ForkError, WentBackError } from "./errors.ts";
import type { Storage } from "./storage.ts";
import type { WalletParts } from "./wallet-parts.ts";

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
  /**
   * SHA-256 of the last envelopes whose content this device holds, hex, newest last: those that it wrote or took over, and
   * those that these continued. A download that was only looked at is none of them: should the server lose it, this device
   * could not bring it back.
   */
  held: readonly string[];
}

const KEY = "mark";
/** As many as a manifest names in `heals`. */
export const MAX_HELD = 32;

/** @param held what this device holds from then on, in hex, newest last */
export function markOf(manifest: Manifest, sha256: Uint8Array, held: readonly string[] = []): Mark {
  const { revision, chain, gen } = manifest;
  return { revision, sha256: bytesToHex(sha256), chain: bytesToHex(chain), gen, held };
}

/** Null: nothing was ever seen, or what was kept cannot be read. */
export async function loadMark(storage: Storage, keys: BackupKeys): Promise<Mark | null> {
  const kept = await storage.get(KEY);
  const plain = kept ? openAtHome(keys, KEY, kept) : null;
  if (!plain) return null;
  try {
    const mark = objectOf(parseJson(plain));
    return {
      revision: uintOf(mark, "revision"),
      sha256: hexOf(mark, "sha256", 32),
      chain: hexOf(mark, "chain", 32),
      gen: uintOf(mark, "gen"),
      held: listOf(mark.held ?? []).map((sha256) => hexOf({ sha256 }, "sha256", 32)),
    };
  } catch (error) {
    if (error instanceof CloudBackupError) return null;
    throw error;
  }
}

/** Moves the mark forward; one that is further already stays, but for what is held. */
export function raiseMark({ entries, keys, shared }: MarkParts, mark: Mark): Promise<void> {
  return shared.marks.run(async () => {
    const before = await loadMark(entries, keys);
    const isAhead = before !== null && before.revision >= mark.revision;
    if (isAhead && mark.held.length === 0) return;
    const held = [...new Set([...(before?.held ?? []), ...mark.held])].slice(-MAX_HELD);
    const raised: Mark = { ...(isAhead ? before : mark), held };
    await entries.set(KEY, sealAtHome(keys, KEY, new TextEncoder().encode(JSON.stringify(raised))));
  });
}

type MarkParts = Pick<WalletParts, "entries" | "keys" | "shared">;

/** Checks what the server says is current. @throws WentBackError, ForkError */
export function assertNotBehind(
  mark: Pick<Mark, "revision" | "sha256"> | null,
  current: { revision: number; sha256: string | null },
): void {
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
