import { Redacted } from "@cloudbackup/core";
import { type Clock, sleep } from "./clock.ts";
import { NotActivatedError } from "./errors.ts";
import { askedDelayMs, isRetryable } from "./retry.ts";

/** Who was registered, so that the calls after it need not be told again. */
export interface Registered {
  username: string;
  password: Redacted<string>;
  email: string;
}

/** Sends what needs no session. */
export type Post = (path: string, json: object, signal: AbortSignal | undefined) => Promise<void>;

/** How often `untilActivated` asks. */
const POLL_MS = 3_000;

export async function register(
  post: Post,
  user: { username: string; password: string; email: string; invite?: string | undefined },
  signal: AbortSignal | undefined,
): Promise<Registered> {
  const { username, password, email, invite } = user;
  await post("v1/users", { username, password, email, ...(invite === undefined ? {} : { invite }) }, signal);
  return { username, password: new Redacted(password), email };
}

/** @param token or the whole link */
export async function activate(post: Post, token: string, signal: AbortSignal | undefined): Promise<void> {
  if (typeof token !== "string") throw new TypeError("token must be text");
  await post("v1/users/activate", { token: token.split("#token=").at(-1) }, signal);
}

/** Signs in as soon as the server takes it; goes on while there is no network. */
export async function untilActivated(
  signIn: () => Promise<void>,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (;;) {
    let delayMs = POLL_MS;
    try {
      return await signIn();
    } catch (error) {
      if (!(error instanceof NotActivatedError) && !isRetryable(error)) throw error;
      delayMs = Math.max(delayMs, askedDelayMs(error));
    }
    await sleep(clock, delayMs, signal);
  }
}
