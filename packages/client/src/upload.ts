import { type Backup, IncompleteError } from "@cloudbackup/core";
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
 * The backup is kept as pending before its commit is sent.
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
  const put = async (chunks: readonly ChunkItem[]) => {
    for (const body of batchesOf(chunks)) {
      await requests.putChunks(body, signal);
      sent(body.length);
    }
  };
  onProgress?.({ phase: "upload", done: 0, total });

  let body = backup.bundle;
  if (body.length > BATCH_BYTES) {
    const missing = new Set(
      (
        await requests.missing(
          items.map(({ id }) => id),
          signal,
        )
      ).map(bytesToHex),
    );
    const wanted = items.filter(({ id }) => missing.has(bytesToHex(id)));
    body = encodeBundle({ head, items: [] });
    total = wanted.reduce((bytes, item) => bytes + item.sealed.length, body.length);
    await put(wanted);
  }

  await local.savePending(backup.state, items);
  let receipt: CommitReceipt;
  try {
    receipt = await requests.commit(body, backup.manifest.revision, signal);
  } catch (error) {
    if (!(error instanceof ChunksMissingError)) throw error;
    await put(await heldChunks(error, items, local));
    receipt = await requests.commit(body, backup.manifest.revision, signal);
  }
  sent(body.length);
  if (receipt.revision !== backup.manifest.revision || receipt.sha256 !== bytesToHex(backup.sha256)) {
    throw new BadResponseError("The server acknowledged another backup than was sent", { retryable: false });
  }
  await local.promotePending();
  onProgress?.({ phase: "upload", done: total, total });
  return { ...receipt, bytesSent };
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

/** The chunks that the server asks for, from the backup or from what this device keeps, ascending by id. */
async function heldChunks(
  error: ChunksMissingError,
  items: readonly ChunkItem[],
  local: LocalState,
): Promise<ChunkItem[]> {
  const held = await local.chunks(error.ids);
  for (const { id, sealed } of items) held.set(bytesToHex(id), sealed);
  const lost = error.ids.filter((id) => !held.has(id));
  if (lost.length > 0) {
    throw new IncompleteError(
      "The server has lost chunks of the backup before, which this device does not have",
      lost,
      {
        cause: error,
      },
    );
  }
  return [...error.ids].sort().map((id) => ({ id: hexToBytes(id), sealed: held.get(id) as Uint8Array }));
}
