import {
  type Bundle,
  CloudBackupError,
  commitFields,
  decodeBundle,
  SIGNATURE_TAGS,
  TamperedError,
  UnsupportedVersionError,
} from "@cloudbackup/core/wire";
import type { FastifyRequest } from "fastify";
import { bufferOf, hexOf, sha256 } from "../bytes.ts";
import type { Context } from "../context.ts";
import { ProblemError } from "../errors.ts";
import type { Receipt } from "../store/store.ts";
import { walletOf } from "../wallets/access.ts";
import { revisionConflict } from "../wallets/routes.ts";
import { addressOf, signatureHeader } from "../wallets/signatures.ts";

/** A problem lists as many ids as a client can send at once; it asks for the others with `chunks/missing`. */
const MAX_LISTED_IDS = 1024;

/**
 * Checks an upload and stores it, durably, or explains why not.
 *
 * @returns the receipt, and whether this request was what stored it
 * @throws ProblemError for each rule of protocol.md that it breaks
 */
export async function commitBundle(
  context: Context,
  request: FastifyRequest,
  body: Uint8Array,
): Promise<{ receipt: Receipt; isNew: boolean }> {
  const { store, config } = context;
  const wallet = walletOf(request);
  const { head, items } = readingBody(() => decodeBundle(body));
  // The revision is part of what is signed, so that the bundle is read before; it is not acted on before.
  await context.checkSignature({
    tag: SIGNATURE_TAGS.commit,
    walletId: wallet.id,
    publicKey: wallet.publicKey,
    fields: commitFields(head.revision, sha256(body)),
    signature: signatureHeader(request),
    address: addressOf(request),
  });
  assertBelongsHere(head, wallet.id, store.identity.realm);

  const outcome = await store.backups.commit({
    wallet: wallet.id,
    userId: wallet.userId,
    revision: head.revision,
    after: head.after,
    base: head.base,
    envelope: head.envelope,
    sha256: sha256(head.envelope),
    add: head.add,
    drop: head.drop,
    chunks: items,
    now: config.clock(),
  });
  switch (outcome.kind) {
    case "stored":
    case "repeated":
      return { receipt: outcome.receipt, isNew: outcome.kind === "stored" };
    case "conflict":
      throw revisionConflict(outcome.revision, outcome.sha256);
    case "chunks-missing":
    case "chunks-not-in-use":
      throw chunkProblem(outcome.kind, outcome.ids);
    case "gone":
      throw new ProblemError("no-wallet");
  }
}

/** Runs a reader of the format. @throws ProblemError `malformed-bundle`, `unsupported-format` */
export function readingBody<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnsupportedVersionError) throw new ProblemError("unsupported-format", error.message);
    if (error instanceof TamperedError) throw new ProblemError("malformed-bundle", error.message);
    if (error instanceof CloudBackupError) throw new ProblemError("malformed-bundle", error.message, { cause: error });
    throw error;
  }
}

/** A right signature over the wrong bundle is a client's mistake, not an attack. */
function assertBelongsHere(head: Bundle["head"], walletId: Uint8Array, realm: Uint8Array): void {
  if (!bufferOf(head.wallet).equals(walletId))
    throw new ProblemError("malformed-bundle", "The bundle is another wallet's");
  if (!bufferOf(head.realm).equals(realm))
    throw new ProblemError("malformed-bundle", "The bundle is for another realm");
}

function chunkProblem(code: "chunks-missing" | "chunks-not-in-use", ids: readonly Uint8Array[]): ProblemError {
  const members = { ids: ids.slice(0, MAX_LISTED_IDS).map(hexOf) };
  return new ProblemError(code, `It is about ${ids.length} chunks`, { members });
}
