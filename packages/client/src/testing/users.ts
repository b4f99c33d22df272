import { SIGNATURE_TAGS, signInFields } from "@cloudbackup/core/wire";
import {
  type Call,
  emptyAnswer,
  type FieldRule,
  jsonAnswer,
  jsonBody,
  needSession,
  needUserSession,
  newId,
  newToken,
  optionalJson,
  timeText,
} from "./call.ts";
import { Problem } from "./problems.ts";
import { checkProof, newChallenge, proofBody } from "./proofs.ts";
import type { Context, Session } from "./state.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** How long a name waits for who registered it. */
const UNACTIVATED_MS = 7 * DAY_MS;

/** An address as HTML's `<input type=email>` takes it. @see https://html.spec.whatwg.org/#valid-e-mail-address */
const EMAIL = /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/i;

const matches =
  (pattern: RegExp, detail: string): FieldRule =>
  (value) =>
    typeof value === "string" && pattern.test(value) ? null : detail;
const text = (min: number, max: number): FieldRule =>
  matches(new RegExp(`^[^]{${min},${max}}$`, "u"), `must have ${min} to ${max} characters`);

const username = matches(/^[a-z0-9][a-z0-9._-]{2,31}$/, "must be 3 to 32 characters of a-z 0-9 . _ -");
const email: FieldRule = (value) =>
  typeof value === "string" && value.length <= 254 && EMAIL.test(value) ? null : "must be an e-mail address";

export function register(context: Context, call: Call): Response {
  const { state, activation, registration, now } = context;
  const user = jsonBody(call, { username, password: text(8, 256), email });
  if (registration === "closed") throw new Problem("registration-closed");
  const before = state.users.get(user.username);
  const isFree = !before || (before.activatedAt === null && before.createdAt < now() - UNACTIVATED_MS);
  if (!isFree) throw new Problem("username-taken");
  const activatedAt = activation === "none" ? now() : null;
  const password = user.password.normalize("NFKC");
  state.users.set(user.username, { ...user, password, createdAt: now(), activatedAt });
  if (activatedAt === null) addActivation(context, user.username);
  return emptyAnswer(202);
}

export function resendActivation(context: Context, call: Call): Response {
  const asked = jsonBody(call, { username, email });
  const user = context.state.users.get(asked.username);
  const isHis = user?.email.toLowerCase() === asked.email.toLowerCase();
  if (user?.activatedAt === null && isHis) addActivation(context, user.username);
  return emptyAnswer(202);
}

export function activate({ state, now }: Context, call: Call): Response {
  const { token } = jsonBody(call, { token: text(0, 256) });
  const activation = state.activations.get(token);
  const user = activation && state.users.get(activation.username);
  if (!user || activation.expiresAt <= now()) throw new Problem("token-spent");
  state.users.set(user.username, { ...user, activatedAt: user.activatedAt ?? now() });
  for (const [each, { username }] of state.activations) if (username === user.username) state.activations.delete(each);
  return emptyAnswer(204);
}

/** The token in the last e-mail to a user, as far as there would be one. */
export function activationToken({ state }: Context, username: string): string | undefined {
  return [...state.activations].filter(([, activation]) => activation.username === username).at(-1)?.[0];
}

export function signIn(context: Context, call: Call): Response {
  const { username, password } = jsonBody(call, { username: text(0, 256), password: text(0, 1024) });
  const user = context.state.users.get(username);
  if (user?.password !== password.normalize("NFKC")) throw new Problem("bad-credentials");
  // Only now: who does not know the password learns nothing about the user.
  if (user.activatedAt === null) throw new Problem("not-activated");
  return jsonAnswer(newSession(context, { username, kind: "password", wallet: null }), 201);
}

export function giveChallenge(context: Context, call: Call): Response {
  optionalJson(call);
  return jsonAnswer({ challenge: newChallenge(context) });
}

export function signInBySeed(context: Context, call: Call): Response {
  const { id } = checkProof(context, call, proofBody(call), SIGNATURE_TAGS.signIn, signInFields);
  const username = context.state.wallets.get(id)?.username;
  if (!username) throw new Problem("no-wallet");
  return jsonAnswer({ ...newSession(context, { username, kind: "wallet", wallet: id }), username }, 201);
}

export function listSessions(context: Context, call: Call): Response {
  const current = needUserSession(context, call);
  const own = [...context.state.sessions.values()].filter(
    ({ username, expiresAt }) => username === current.username && expiresAt > context.now(),
  );
  const list = own.map(({ id, kind, createdAt, expiresAt }) => ({
    id,
    kind,
    createdAt: timeText(createdAt),
    expiresAt: timeText(expiresAt),
    current: id === current.id,
  }));
  return jsonAnswer(list);
}

export function endCurrentSession(context: Context, call: Call): Response {
  const { token } = needSession(context, call);
  optionalJson(call);
  context.state.sessions.delete(token);
  return emptyAnswer(204);
}

export function endSession(context: Context, call: Call, id: string): Response {
  const { username } = needUserSession(context, call);
  optionalJson(call);
  const found = [...context.state.sessions].find(([, session]) => session.id === id && session.username === username);
  if (!found) throw new Problem("no-session");
  context.state.sessions.delete(found[0]);
  return emptyAnswer(204);
}

export function describeUser(context: Context, call: Call): Response {
  const session = needSession(context, call);
  const user = context.state.users.get(session.username);
  if (!user) throw new Problem("not-signed-in");
  const { username, email, createdAt } = user;
  return jsonAnswer(session.kind === "wallet" ? { username } : { username, email, createdAt: timeText(createdAt) });
}

function newSession(context: Context, session: Pick<Session, "username" | "kind" | "wallet">) {
  const { state, now, passwordSessionMs, walletSessionMs } = context;
  const token = newToken(context);
  const expiresAt = now() + (session.kind === "password" ? passwordSessionMs : walletSessionMs);
  state.sessions.set(token, { ...session, id: newId(context), createdAt: now(), expiresAt });
  return { token, expiresAt: timeText(expiresAt) };
}

function addActivation(context: Context, username: string): void {
  context.state.activations.set(newToken(context), { username, expiresAt: context.now() + DAY_MS });
}
