import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { Context } from "../context.ts";
import { VERSION } from "../version.ts";
import { activationPage } from "./activate.ts";
import { homePage } from "./home.ts";

/** What people open in a browser. */
export const pageRoutes: FastifyPluginAsyncTypebox<Context> = async (app, { config, baseUrl }) => {
  const { name, registration } = config;
  const activation = activationPage(name);

  app.get("/", { exposeHeadRoute: true }, async (_request, reply) => {
    const home = homePage({ name, version: VERSION, registration, url: baseUrl() });
    return reply.headers(home.headers).send(home.html);
  });

  app.get("/activate", { exposeHeadRoute: true }, async (_request, reply) =>
    reply.headers(activation.headers).send(activation.html),
  );
};
