import { deleteFields, registerFields, SIGNATURE_TAGS } from "@cloudbackup/core/wire";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { hexOf } from "../bytes.ts";
import type { Context } from "../context.ts";
import { ProblemError } from "../errors.ts";
import { timeText } from "../schemas.ts";
import { requireAnySession, requireUserSession, sessionOf } from "../sessions/access.ts";
import type { WalletRow } from "../store/store.ts";
import { requireWallet, walletOf } from "./access.ts";
import { proveWallet } from "./proof.ts";
import { walletParams, walletRegistrationBody } from "./schemas.ts";
import { addressOf, signatureHeader } from "./signatures.ts";

export const walletRoutes: FastifyPluginAsyncTypebox<Context> = async (app, context) => {
  const { store, config } = context;

  app.post(
    "/wallets",
    { schema: { body: walletRegistrationBody }, onRequest: requireAnySession(context) },
    async (request, reply) => {
      const session = sessionOf(request);
      // A session by seed has nothing to register but what it came from.
      if (session.wallet && hexOf(session.wallet) !== request.body.wallet) throw new ProblemError("session-too-narrow");
      const user = await store.users.byId(session.userId);
      if (!user) throw new ProblemError("not-signed-in");
      const { id, publicKey } = await proveWallet(
        context,
        request,
        request.body,
        SIGNATURE_TAGS.register,
        (challenge) => registerFields(challenge, user.username),
      );
      const outcome = await store.wallets.register({ id, publicKey, userId: user.id, now: config.clock() });
      if (outcome === "another-users") throw new ProblemError("wallet-registered");
      const wallet = await store.wallets.byId(id);
      if (wallet?.userId !== user.id) throw new ProblemError("no-wallet");
      reply.code(outcome === "registered" ? 201 : 200).header("location", `/v1/wallets/${hexOf(id)}`);
      return describe(wallet);
    },
  );

  app.get("/wallets", { onRequest: requireUserSession(context) }, async (request) => {
    const wallets = await store.wallets.ofUser(sessionOf(request).userId);
    return wallets.map(describe);
  });

  app.get(
    "/wallets/:wallet",
    { schema: { params: walletParams }, onRequest: requireWallet(context) },
    async (request) => describe(walletOf(request)),
  );

  app.delete(
    "/wallets/:wallet",
    { schema: { params: walletParams }, onRequest: requireWallet(context) },
    async (request, reply) => {
      const { id, publicKey, userId, sha256 } = walletOf(request);
      await context.checkSignature({
        tag: SIGNATURE_TAGS.delete,
        walletId: id,
        publicKey,
        fields: deleteFields(sha256),
        signature: signatureHeader(request),
        address: addressOf(request),
      });
      const outcome = await store.wallets.delete(id, userId, sha256);
      if (outcome === "gone") throw new ProblemError("no-wallet");
      if (outcome === "changed") throw await conflict(context, id);
      return reply.code(204).send();
    },
  );
};

/** A backup came in between: what was signed is not what would be deleted. */
async function conflict({ store }: Context, id: Uint8Array): Promise<ProblemError> {
  const wallet = await store.wallets.byId(id);
  if (!wallet) return new ProblemError("no-wallet");
  return revisionConflict(wallet.revision, wallet.sha256);
}

/** What a client needs to see what it missed. */
export function revisionConflict(revision: number, sha256: Uint8Array | null): ProblemError {
  const members = { currentRevision: revision, currentSha256: sha256 && hexOf(sha256) };
  return new ProblemError("revision-conflict", `The current revision is ${revision}`, { members });
}

function describe({ id, revision, sha256, bytes, createdAt, updatedAt }: WalletRow) {
  return {
    wallet: hexOf(id),
    revision,
    sha256: sha256 && hexOf(sha256),
    bytes,
    createdAt: timeText(createdAt),
    updatedAt: timeText(updatedAt),
  };
}
