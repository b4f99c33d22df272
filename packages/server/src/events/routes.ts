import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import { hexOf } from "../bytes.ts";
import type { Context } from "../context.ts";
import { isSessionOpen, sessionOf } from "../sessions/access.ts";
import { requireWallet, walletOf } from "../wallets/access.ts";
import { walletParams } from "../wallets/schemas.ts";
import type { Standing } from "./stream.ts";

export const eventRoutes: FastifyPluginAsyncTypebox<Context> = async (app, context) => {
  const { streams } = context;
  // Before the server waits for the answers that are under way: these would never end.
  app.addHook("preClose", async () => streams.close());

  app.get(
    "/wallets/:wallet/events",
    { schema: { params: walletParams }, onRequest: requireWallet(context) },
    async (request, reply) => {
      const session = sessionOf(request);
      const stream = streams.open({
        session: session.id,
        user: session.userId,
        wallet: hexOf(walletOf(request).id),
        look: () => lookAgain(context, request),
        onError: (error) => request.log.error({ err: error }, "a stream of events was ended"),
        cut: () => reply.raw.destroy(),
      });
      // nginx would keep events back until it has a buffer full.
      reply.header("x-accel-buffering", "no");
      return reply.type("text/event-stream").send(stream.body);
    },
  );
};

/** The session may have ended by now, and the wallet be another's or nobody's. */
async function lookAgain(context: Context, request: FastifyRequest): Promise<Standing | null | "ended"> {
  const { id, userId } = walletOf(request);
  if (!(await isSessionOpen(context, request))) return "ended";
  const wallet = await context.store.wallets.byId(id);
  if (wallet?.userId !== userId) return "ended";
  return wallet.sha256 && { revision: wallet.revision, sha256: hexOf(wallet.sha256) };
}
