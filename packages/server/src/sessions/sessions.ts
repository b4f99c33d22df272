import { hexOf } from "../bytes.ts";
import type { Context } from "../context.ts";
import { ProblemError } from "../errors.ts";
import { timeText } from "../schemas.ts";
import { createToken } from "./tokens.ts";

export interface NewSession {
  token: string;
  expiresAt: string;
}

/** A session for whoever knows a user's password. @throws ProblemError `bad-credentials`, `not-activated` */
export async function signInByPassword(context: Context, username: string, password: string): Promise<NewSession> {
  const user = await context.store.users.byUsername(username);
  const isRight = await context.passwords.verify(user?.passwordHash ?? null, password);
  if (!user || !isRight) throw new ProblemError("bad-credentials");
  // Only now: who does not know the password learns nothing about the user.
  if (user.activatedAt === null) throw new ProblemError("not-activated");
  return createSession(context, { userId: user.id, kind: "password", wallet: null });
}

export async function createSession(
  { store, config }: Context,
  session: { userId: string; kind: "password" | "wallet"; wallet: Uint8Array | null },
): Promise<NewSession> {
  const token = createToken(config.randomBytes);
  const now = config.clock();
  const lastsMs = session.kind === "password" ? config.passwordSessionMs : config.walletSessionMs;
  const id = hexOf(config.randomBytes(16));
  await store.sessions.create({ ...session, id, createdAt: now, expiresAt: now + lastsMs }, token.hash, now);
  return { token: token.text, expiresAt: timeText(now + lastsMs) };
}
