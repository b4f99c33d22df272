import { type Backup, CloudBackupError, IncompleteError, TooLargeError } from "@cloudbackup/core";
import { type ChunkItem, decodeBundle, encodeBundle, encodeChunkItem } from "@cloudbackup/core/wire";
import { bytesToHex, concatBytes, hexToBytes } from "@noble/hashes/utils.js";
import { BadResponseError, ChunksMissingError } from "./errors.ts";
import type { LocalState } from "./local-state.ts";
import type { OnProgress } from "./progress.ts";
import type { CommitReceipt, WalletRequests } from "./wallet-requests.ts";

/** A backup of more bytes goes up in batches of chunks first; half of what a server takes in one request. */
const BATCH_BYTES = 4 * 1024 * 1024;

/**
 * Sends a backup: a small one in one request; a large one as chunks, of which the server says what it has already, so that
 * an interrupted upload goes on where it stopped, and then the commit.
 *
 * The backup is kept as pending before its commit is sent, until it is the base or the server has refused it.
 */
export async function uploadBackup(
  backup: Backup,
  to: { requests: WalletRequests; local: LocalState },
  options: { signal?: AbortSignal | undefined; onProgress?: OnProgress | undefined },
): Promise<CommitReceipt & { bytesSent: number }> {
  const { requests, local } = to;
  const { signal, onProgress } = options;
  const { head, items } = decodeBundle(backup.bundle);
  let bytesSent = 0;
  let total = backup.bundle.length;
  const sent = (bytes: number) => {
    bytesSent += bytes;
    onProgress?.({ phase: "upload", done: Math.min(bytesSent, total), total });
  };
  const missing = async (): Promise<Set<string>> =>
    new Set((await requests.missing(head.add, signal)).map((id) => bytesToHex(id)));
  const put = async (chunks: readonly ChunkItem[]) => {
    for (const body of batchesOf(chunks)) {
      await requests.putChunks(body, signal);
      sent(body.length);
    }
  };
  onProgress?.({ phase: "upload", done: 0, total });

  let body = backup.bundle;
  if (body.length > BATCH_BYTES) {
    const wanted = await missing();
    const chunks = items.filter(({ id }) => wanted.has(bytesToHex(id)));
    body = encodeBundle({ head, items: [] });
    total = chunks.reduce((bytes, item) => bytes + item.sealed.length, body.length);
    await put(chunks);
  }

  await local.savePending(backup.state, backup.sha256, items);
  const commit = () => requests.commit(body, backup.manifest.revision, signal);
  let receipt: CommitReceipt;
  try {
    try {
      receipt = await commit();
    } catch (error) {
      if (!(error instanceof ChunksMissingError)) throw error;
      // What it lists is only a part where there are many.
      await put(await heldChunks(error, await missing(), items, local));
      receipt = await commit();
    }
  } catch (error) {
    if (isRefusal(error)) await local.dropPending(backup.sha256);
    throw error;
  }
  sent(body.length);
  if (receipt.revision !== backup.manifest.revision || receipt.sha256 !== bytesToHex(backup.sha256)) {
    throw new BadResponseError("The server acknowledged another backup than was sent", { retryable: false });
  }
  onProgress?.({ phase: "upload", done: total, total });
  return { ...receipt, bytesSent };
}

/** Whether the commit is refused for good; after an answer that was lost or cannot be read it may have been taken. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof CloudBackupError) || error.retryable) return false;
  return !(error instanceof BadResponseError || error instanceof TooLargeError);
}

/** CBOR sequences of at most `BATCH_BYTES`, in the order given. */
function batchesOf(items: readonly ChunkItem[]): Uint8Array[] {
  const batches: Uint8Array[][] = [];
  let room = 0;
  for (const item of items) {
    const encoded = encodeChunkItem(item);
    if (encoded.length > room) {
      batches.push([]);
      room = BATCH_BYTES;
    }
    batches.at(-1)?.push(encoded);
    room -= encoded.length;
  }
  return batches.map((batch) => concatBytes(...batch));
}

/** The chunks that the server lacks, from the backup or from what this device keeps, ascending by id. */
async function heldChunks(
  cause: ChunksMissingError,
  missing: ReadonlySet<string>,
  items: readonly ChunkItem[],
  local: LocalState,
): Promise<ChunkItem[]> {
  const held = await local.chunks(missing);
  for (const { id, sealed } of items) held.set(bytesToHex(id), sealed);
  const lost = [...missing].filter((id) => !held.has(id));
  if (lost.length > 0) {
    throw new IncompleteError("The server has lost chunks that this device does not have", lost, { cause });
  }
  return [...missing].sort().map((id) => ({ id: hexToBytes(id), sealed: held.get(id) as Uint8Array }));
}
