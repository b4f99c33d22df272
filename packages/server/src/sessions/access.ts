import type { FastifyRequest, onRequestAsyncHookHandler } from "fastify";
import { parseBase64url, sha256 } from "../bytes.ts";
import type { Context } from "../context.ts";
import { ProblemError } from "../errors.ts";
import type { SessionRow } from "../store/store.ts";
import { TOKEN_BYTES } from "./tokens.ts";

/** The session of each request that has passed a hook of this file. */
const sessions = new WeakMap<FastifyRequest, SessionRow>();

/** The session that the route's hook found. */
export function sessionOf(request: FastifyRequest): SessionRow {
  const session = sessions.get(request);
  if (!session) throw new Error("the route asks for a session and has no hook that looks for it");
  return session;
}

/** Lets in any session. Before the body is read: who may not send is not listened to. */
export function requireAnySession(context: Context): onRequestAsyncHookHandler {
  return async (request) => {
    const session = await findSession(context, request);
    if (!session) throw new ProblemError("not-signed-in");
    sessions.set(request, session);
  };
}

/** Looks again, for answers that go on for long: it may have been ended by now, or have expired. */
export async function isSessionOpen(context: Context, request: FastifyRequest): Promise<boolean> {
  return (await findSession(context, request)) !== null;
}

async function findSession({ store, config }: Context, request: FastifyRequest): Promise<SessionRow | null> {
  const token = bearerToken(request.headers.authorization);
  return token && (await store.sessions.byToken(sha256(token), config.clock()));
}

/** Lets in sessions by password. */
export function requireUserSession(context: Context): onRequestAsyncHookHandler[] {
  return [
    requireAnySession(context),
    async (request) => {
      if (sessionOf(request).kind !== "password") throw new ProblemError("session-too-narrow");
    },
  ];
}

/** RFC 6750 §2.1; the scheme's case does not matter (RFC 9110 §11.1). */
function bearerToken(header: string | undefined): Uint8Array | null {
  const [, token] = /^bearer +([A-Za-z0-9_-]+)$/i.exec(header ?? "") ?? [];
  return token === undefined ? null : parseBase64url(token, TOKEN_BYTES);
}
