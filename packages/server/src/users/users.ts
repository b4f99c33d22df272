import { hexOf, parseBase64url, sha256 } from "../bytes.ts";
import type { Context } from "../context.ts";
import { ProblemError } from "../errors.ts";
import { activationMail } from "../mail/messages.ts";
import { createToken, TOKEN_BYTES } from "../sessions/tokens.ts";
import type { UserRow } from "../store/store.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** How long a name waits for who registered it. */
const UNACTIVATED_MS = 7 * DAY_MS;
const ACTIVATION_TOKEN_MS = DAY_MS;

/** Makes a user, which can sign in once it is activated. @throws ProblemError `registration-closed`, `username-taken` */
export async function registerUser(
  context: Context,
  { username, password, email }: { username: string; password: string; email: string },
): Promise<void> {
  const { config, store, passwords } = context;
  if (config.registration === "closed") throw new ProblemError("registration-closed");
  const now = config.clock();
  const needsMail = config.activation === "mail";
  const user: UserRow = {
    id: hexOf(config.randomBytes(16)),
    username,
    email,
    passwordHash: await passwords.hash(password),
    createdAt: now,
    activatedAt: needsMail ? null : now,
  };
  const token = needsMail ? newActivation(context) : null;
  const outcome = await store.users.create(user, token, now - UNACTIVATED_MS);
  if (outcome === "taken") throw new ProblemError("username-taken");
  if (token) sendActivation(context, user, token.text);
}

/** Sends the link again, if there is anybody to send it to; the caller answers the same either way, at once. */
export function resendActivation(context: Context, { username, email }: { username: string; email: string }): void {
  context.inBackground("the activation link was not sent again", async () => {
    const { config, store } = context;
    const now = config.clock();
    const user = await store.users.byUsername(username);
    if (!user || user.activatedAt !== null || user.createdAt < now - UNACTIVATED_MS) return;
    if (user.email.toLowerCase() !== email.toLowerCase()) return;
    const token = newActivation(context);
    await store.users.addActivation(user.id, token, now);
    sendActivation(context, user, token.text);
  });
}

/** @throws ProblemError `token-spent` */
export async function activateUser({ config, store }: Context, tokenText: string): Promise<void> {
  const token = parseBase64url(tokenText, TOKEN_BYTES);
  const isGood = token !== null && (await store.users.activate(sha256(token), config.clock()));
  if (!isGood) throw new ProblemError("token-spent");
}

function newActivation({ config }: Context): { text: string; hash: Uint8Array; expiresAt: number } {
  return { ...createToken(config.randomBytes), expiresAt: config.clock() + ACTIVATION_TOKEN_MS };
}

function sendActivation({ config, mailer, baseUrl }: Context, user: UserRow, token: string): void {
  const { username, email } = user;
  mailer.send(activationMail({ to: email, username, serverName: config.name, baseUrl: baseUrl(), token }));
}
