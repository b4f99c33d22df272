import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { Context } from "../context.ts";
import { ProblemError } from "../errors.ts";
import { timeText } from "../schemas.ts";
import { requireAnySession, sessionOf } from "../sessions/access.ts";
import { activationBody, registrationBody, resendBody } from "./schemas.ts";
import { activateUser, registerUser, resendActivation } from "./users.ts";

export const userRoutes: FastifyPluginAsyncTypebox<Context> = async (app, context) => {
  app.post("/users", { schema: { body: registrationBody } }, async (request, reply) => {
    await registerUser(context, request.body);
    return reply.code(202).send();
  });

  app.post("/users/activation", { schema: { body: resendBody } }, async (request, reply) => {
    resendActivation(context, request.body);
    return reply.code(202).send();
  });

  app.post("/users/activate", { schema: { body: activationBody } }, async (request, reply) => {
    await activateUser(context, request.body.token);
    return reply.code(204).send();
  });

  app.get("/user", { onRequest: requireAnySession(context) }, async (request) => {
    const session = sessionOf(request);
    const user = await context.store.users.byId(session.userId);
    if (!user) throw new ProblemError("not-signed-in");
    const { username, email, createdAt } = user;
    // Who holds a seed may be told its username, which signing in with it needs; the address is the user's own affair.
    return session.kind === "wallet" ? { username } : { username, email, createdAt: timeText(createdAt) };
  });
};
