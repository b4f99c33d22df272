import { type Backup, IncompleteError } from "@cloudbackup/core";
import { type Bundle, type ChunkItem, decodeBundle, encodeBundle, encodeChunkItem } from "@cloudbackup/core/wire";
import { bytesToHex, concatBytes, hexToBytes } from "@noble/hashes/utils.js";
import { BadResponseError, ChunksMissingError, NoWalletError, RevisionConflictError, ServerError } from "./errors.ts";
import type { LocalState, PendingBackup } from "./local-state.ts";
import type { OnProgress } from "./progress.ts";
import type { CommitReceipt, WalletRequests } from "./wallet-requests.ts";

/** A backup of more bytes goes up in batches of chunks first; half of what a server takes in one request. */
const BATCH_BYTES = 4 * 1024 * 1024;

type Way = { requests: WalletRequests; local: LocalState };
type Options = { signal?: AbortSignal | undefined; onProgress?: OnProgress | undefined };
type UploadReceipt = CommitReceipt & { bytesSent: number };

/**
 * Sends a backup: a small one in one request; a large one as chunks, of which the server says what it has already, and then
 * the commit.
 *
 * It is kept as pending before anything of it is sent, until it is the base or the server has refused it.
 */
export async function uploadBackup(backup: Backup, way: Way, options: Options): Promise<UploadReceipt> {
  const bundle = decodeBundle(backup.bundle);
  await way.local.savePending(backup, bundle);
  return send({ ...bundle, sha256: backup.sha256, body: backup.bundle }, way, options);
}

/** Sends a pending backup again, byte for byte; its chunks as far as the server lacks them. */
export async function uploadPending(pending: PendingBackup, way: Way, options: Options): Promise<UploadReceipt> {
  return send({ head: pending.head, items: [], sha256: pending.state.sha256, body: undefined }, way, options);
}

/**
 * @param backup.items new chunks; those that are not among them are read from what this device keeps
 * @param backup.body all of it; undefined: the server may have a part already
 */
async function send(
  { head, items, sha256, body: whole }: Bundle & { sha256: Uint8Array; body: Uint8Array | undefined },
  { requests, local }: Way,
  { signal, onProgress }: Options,
): Promise<UploadReceipt> {
  let bytesSent = 0;
  let total = 0;
  const progress = (bytes: number) => {
    bytesSent += bytes;
    onProgress?.({ phase: "upload", done: Math.min(bytesSent, total), total });
  };
  const lacking = async (cause?: unknown) => heldChunks(await requests.missing(head.add, signal), items, local, cause);
  const put = async (chunks: readonly ChunkItem[]) => {
    for (const body of batchesOf(chunks)) {
      await requests.putChunks(body, signal);
      progress(body.length);
    }
  };

  let receipt: CommitReceipt;
  try {
    let body = whole ?? new Uint8Array();
    let first: ChunkItem[] = [];
    if (!whole || whole.length > BATCH_BYTES) {
      first = await lacking();
      body = encodeBundle({ head, items: [] });
    }
    total = first.reduce((bytes, { sealed }) => bytes + sealed.length, body.length);
    if (first.length > 0 && total <= BATCH_BYTES) {
      body = encodeBundle({ head, items: first });
      first = [];
      total = body.length;
    }
    progress(0);
    await put(first);
    const commit = () => requests.commit(body, head.revision, signal);
    receipt = await commit().catch(async (error: unknown) => {
      if (!(error instanceof ChunksMissingError)) throw error;
      // What it lists is only a part where there are many.
      await put(await lacking(error));
      return commit();
    });
    bytesSent += body.length;
  } catch (error) {
    if (isRefusal(error)) await local.dropPending(sha256);
    throw error;
  }
  if (receipt.revision !== head.revision || receipt.sha256 !== bytesToHex(sha256)) {
    throw new BadResponseError("The server acknowledged another backup than was sent", { retryable: false });
  }
  onProgress?.({ phase: "upload", done: total, total });
  return { ...receipt, bytesSent };
}

/** Whether a backup is refused for good. After every other failure it may have been taken, or can be sent again. */
export function isRefusal(error: unknown): boolean {
  if (error instanceof ServerError) return !error.retryable;
  return error instanceof RevisionConflictError || error instanceof NoWalletError || error instanceof IncompleteError;
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
  missing: readonly Uint8Array[],
  items: readonly ChunkItem[],
  local: LocalState,
  cause: unknown,
): Promise<ChunkItem[]> {
  const given = new Map(items.map(({ id, sealed }) => [bytesToHex(id), sealed]));
  const wanted = [...new Set(missing.map(bytesToHex))].sort();
  const kept = await local.chunks(wanted.filter((id) => !given.has(id)));
  const sealedOf = (id: string) => given.get(id) ?? kept.get(id);
  const lost = wanted.filter((id) => !sealedOf(id));
  if (lost.length > 0) {
    throw new IncompleteError("The server has lost chunks that this device does not have", lost, { cause });
  }
  return wanted.map((id) => ({ id: hexToBytes(id), sealed: sealedOf(id) as Uint8Array }));
}
