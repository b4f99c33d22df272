import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { FastifyInstance } from "fastify";

/** What Fastify says when it makes an application, which is before the first route. */
const CREATED = "fastify.initialization";

/** Runs `create`, and returns with what it gave the routes that the application has then: `GET /v1/wallets/:wallet`. */
export async function recordRoutes<T>(create: () => Promise<T>): Promise<{ created: T; routes: string[] }> {
  const routes: string[] = [];
  const onCreated = (message: unknown) => {
    (message as { fastify: FastifyInstance }).fastify.addHook("onRoute", ({ method, url }) => {
      for (const each of [method].flat()) routes.push(`${each} ${url}`);
    });
  };
  subscribe(CREATED, onCreated);
  try {
    return { created: await create(), routes };
  } finally {
    unsubscribe(CREATED, onCreated);
  }
}
