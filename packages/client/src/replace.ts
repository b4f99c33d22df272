import { CloudBackupError, foldChain, openManifest } from "@cloudbackup/core";
import { MAX_SEALED_ENVELOPE_BYTES } from "@cloudbackup/core/wire";
import { hexToBytes } from "@noble/hashes/utils.js";
import { NoBackupError } from "./errors.ts";
import type { Mark } from "./trust.ts";
import type { WalletParts } from "./wallet-parts.ts";
import type { WalletInfo } from "./wallet-requests.ts";

/** A head is an envelope and the ids of all chunks; those of a backup of 256 MiB take less than its envelope may. */
const MAX_HEAD_BYTES = 2 * MAX_SEALED_ENVELOPE_BYTES;
/** How many revisions are tried before the chain is given up. */
const MAX_TRIES = 8;

/** Where a server stands, for a backup that replaces what is there without having restored it. */
export interface Standing {
  /** The next revision must be above it: no lower than the mark, be the server's lower. */
  revision: number;
  sha256: Uint8Array | null;
  /** Null: none of the newest revisions opens, the new backup begins a chain. */
  chain: Uint8Array | null;
  gen: number;
}

/**
 * Reads where the server stands. Where its latest envelope does not open, the chain is folded from the newest that does.
 */
export async function readStanding(
  remote: WalletInfo | null,
  mark: Mark | null,
  { keys, requests }: WalletParts,
  signal: AbortSignal | undefined,
): Promise<Standing> {
  const revision = Math.max(remote?.revision ?? 0, mark?.revision ?? 0);
  const gen = mark?.gen ?? 0;
  if (!remote || remote.sha256 === null) return { revision, sha256: null, chain: null, gen };

  const sha256 = hexToBytes(remote.sha256);
  const history = await requests.history(signal);
  for (const entry of history.slice(0, MAX_TRIES)) {
    try {
      const head = await requests.downloadHead(entry.revision, MAX_HEAD_BYTES, signal);
      const { manifest } = openManifest(head, keys);
      if (manifest.revision !== entry.revision) continue;
      let { chain } = manifest;
      for (const [later, hash] of await requests.chain(entry.revision, signal)) {
        if (later < remote.revision) chain = foldChain(keys, chain, hexToBytes(hash));
      }
      return { revision, sha256, chain, gen: Math.max(gen, manifest.gen) };
    } catch (error) {
      const doesNotOpen = error instanceof CloudBackupError && DOES_NOT_OPEN.includes(error.code);
      if (!doesNotOpen && !(error instanceof NoBackupError)) throw error;
    }
  }
  return { revision, sha256, chain: null, gen };
}

const DOES_NOT_OPEN = ["ERR_CB_TAMPERED", "ERR_CB_DOES_NOT_DECRYPT", "ERR_CB_UNSUPPORTED_VERSION"];
