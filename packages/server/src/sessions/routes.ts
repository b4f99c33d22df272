import { SIGNATURE_TAGS, signInFields } from "@cloudbackup/core/wire";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { hexOf } from "../bytes.ts";
import type { Context } from "../context.ts";
import { ProblemError } from "../errors.ts";
import { timeText } from "../schemas.ts";
import { proveWallet } from "../wallets/proof.ts";
import { requireAnySession, requireUserSession, sessionOf } from "./access.ts";
import { createChallenge } from "./challenges.ts";
import { sessionParams, signInBody, walletSignInBody } from "./schemas.ts";
import { createSession, signInByPassword } from "./sessions.ts";

export const sessionRoutes: FastifyPluginAsyncTypebox<Context> = async (app, context) => {
  const { store, config } = context;

  app.post("/sessions", { schema: { body: signInBody } }, async (request, reply) => {
    const session = await signInByPassword(context, request.body.username, request.body.password);
    return reply.code(201).send(session);
  });

  app.post("/challenges", async () => ({ challenge: hexOf(createChallenge(context)) }));

  app.post("/sessions/wallet", { schema: { body: walletSignInBody } }, async (request, reply) => {
    const { id } = await proveWallet(context, request, request.body, SIGNATURE_TAGS.signIn, signInFields);
    // Only a holder of the seed comes this far, and may know whether the wallet exists.
    const wallet = await store.wallets.byId(id);
    const user = wallet && (await store.users.byId(wallet.userId));
    if (!user) throw new ProblemError("no-wallet");
    const session = await createSession(context, { userId: user.id, kind: "wallet", wallet: id });
    return reply.code(201).send({ ...session, username: user.username });
  });

  app.get("/sessions", { onRequest: requireUserSession(context) }, async (request) => {
    const current = sessionOf(request);
    const sessions = await store.sessions.ofUser(current.userId, config.clock());
    return sessions.map(({ id, kind, createdAt, expiresAt }) => ({
      id,
      kind,
      createdAt: timeText(createdAt),
      expiresAt: timeText(expiresAt),
      current: id === current.id,
    }));
  });

  app.delete("/sessions/current", { onRequest: requireAnySession(context) }, async (request, reply) => {
    const { userId, id } = sessionOf(request);
    await store.sessions.delete(userId, id);
    return reply.code(204).send();
  });

  app.delete(
    "/sessions/:id",
    { schema: { params: sessionParams }, onRequest: requireUserSession(context) },
    async (request, reply) => {
      const found = await store.sessions.delete(sessionOf(request).userId, request.params.id);
      if (!found) throw new ProblemError("no-session");
      return reply.code(204).send();
    },
  );
};
