import { chunksFields, decodeChunkItems, decodeIds, SIGNATURE_TAGS } from "@cloudbackup/core/wire";
import type { FastifyRequest } from "fastify";
import { sha256 } from "../bytes.ts";
import type { Context } from "../context.ts";
import { ProblemError } from "../errors.ts";
import { walletOf } from "../wallets/access.ts";
import { addressOf, signatureHeader } from "../wallets/signatures.ts";
import { readingBody } from "./commit.ts";

/** As many as a wallet of a gigabyte has; more are asked about in several requests. */
export const MAX_IDS = 65_536;
/** The event loop is not held longer than this many look-ups take. */
const IDS_PER_JOB = 1024;

/** Stores chunks that a commit may name later. @throws ProblemError */
export async function putChunks(context: Context, request: FastifyRequest, body: Uint8Array): Promise<void> {
  const { id, publicKey, userId } = walletOf(request);
  await context.checkSignature({
    tag: SIGNATURE_TAGS.chunks,
    walletId: id,
    publicKey,
    fields: chunksFields(sha256(body)),
    signature: signatureHeader(request),
    address: addressOf(request),
  });
  const items = readingBody(() => decodeChunkItems(body));
  const isOwned = await context.store.chunks.put(id, userId, items, context.config.clock());
  if (!isOwned) throw new ProblemError("no-wallet");
}

/** Copies of the ids, ascending, each once. @throws ProblemError `malformed-bundle`, `too-large` */
export function parseIds(body: Uint8Array): Uint8Array[] {
  const ids = readingBody(() => decodeIds(body));
  if (ids.length > MAX_IDS) throw new ProblemError("too-large", `Ask about at most ${MAX_IDS} chunks at once`);
  const ascending = ids.map((id) => Buffer.from(id)).sort(Buffer.compare);
  return ascending.filter((id, i) => i === 0 || !id.equals(ascending[i - 1] as Buffer));
}

/** Sizes of the chunks that are there, by hex id; each is kept for another while. */
export async function touchChunks(
  { store, config }: Context,
  wallet: Uint8Array,
  ids: readonly Uint8Array[],
): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (let at = 0; at < ids.length; at += IDS_PER_JOB) {
    const part = await store.chunks.touch(wallet, ids.slice(at, at + IDS_PER_JOB), config.clock());
    for (const [id, size] of part) found.set(id, size);
  }
  return found;
}
