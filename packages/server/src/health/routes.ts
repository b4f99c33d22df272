import { FORMAT } from "@cloudbackup/core/wire";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { MAX_BINARY_BYTES } from "../backups/bodies.ts";
import { MAX_IDS } from "../backups/chunks.ts";
import { hexOf } from "../bytes.ts";
import type { Context } from "../context.ts";
import { VERSION } from "../version.ts";

/** For whoever runs the server, and whatever watches it. */
export const healthRoutes: FastifyPluginAsyncTypebox<Context> = async (app, { store }) => {
  app.addHook("onRequest", async (_request, reply) => {
    reply.headers({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
  });

  app.get("/livez", { exposeHeadRoute: true }, async () => ({ status: "alive" }));

  app.get("/readyz", { exposeHeadRoute: true }, async () => {
    // Rejects with what becomes 503 `unavailable`.
    await store.check();
    return { status: "ready" };
  });
};

/** What a client must know before anything else. */
export const serverRoutes: FastifyPluginAsyncTypebox<Context> = async (app, { store, config }) => {
  const { name, origins, registration, activation } = config;

  app.get("/server", async () => ({
    name,
    version: VERSION,
    formats: [FORMAT],
    realm: hexOf(store.identity.realm),
    origins,
    registration,
    activation,
    limits: { requestBytes: MAX_BINARY_BYTES, idsPerRequest: MAX_IDS },
  }));
};
