import { Redacted } from "@cloudbackup/core";
import { objectOf, parseJson, textOf, tokenOf } from "./answers.ts";
import { CloudBackupError, NotSignedInError } from "./errors.ts";
import type { Storage } from "./storage.ts";
import { SMALL_ANSWER_BYTES, type Transport } from "./transport.ts";

/** Who is signed in, and how. */
export interface Session {
  readonly kind: "user" | "wallet";
  readonly username: string;
  /** The one wallet that a session by seed reads and writes. */
  readonly walletId: string | undefined;
  readonly token: Redacted<string>;
}

/** The server's answer to a sign-in. */
export function sessionOf(json: unknown, who: { username: string } | { walletId: string }): Session {
  const object = objectOf(json);
  return {
    kind: "walletId" in who ? "wallet" : "user",
    username: "walletId" in who ? textOf(object, "username") : who.username,
    walletId: "walletId" in who ? who.walletId : undefined,
    token: new Redacted(tokenOf(object)),
  };
}

export function authorizationOf(session: Session): { authorization: string } {
  return { authorization: `Bearer ${session.token.reveal()}` };
}

/** Ends a session on the server. */
export async function endSession(transport: Transport, session: Session, signal?: AbortSignal): Promise<void> {
  await transport.send({
    method: "DELETE",
    path: "v1/sessions/current",
    headers: authorizationOf(session),
    expect: "receipt",
    maxBytes: SMALL_ANSWER_BYTES,
    idempotent: true,
    signal,
  });
}

const KEY = "session";

/** Holds the session; puts it into the storage only where that is confidential. */
export class SessionKeeper {
  readonly #storage: Storage | undefined;
  /** Undefined: not looked for yet. */
  #session: Session | null | undefined;
  #isSignedOut = false;

  /** @param storage of this server's entries, undefined where it is not confidential */
  constructor(storage: Storage | undefined) {
    this.#storage = storage;
  }

  async get(): Promise<Session | null> {
    if (this.#session === undefined) {
      const stored = await this.#load();
      // Somebody may have signed in meanwhile.
      if (this.#session === undefined) this.#session = stored;
    }
    return this.#session;
  }

  /**
   * Whether nobody but a person signs in again where there is no session: somebody signed out in this process, or before it,
   * of which a storage that keeps sessions is the witness.
   */
  get isSignedOut(): boolean {
    return this.#isSignedOut || this.#storage !== undefined;
  }

  /** @throws NotSignedInError */
  async need(): Promise<Session> {
    const session = await this.get();
    if (!session) throw new NotSignedInError("Sign in first: signIn() or signInWithSeed()");
    return session;
  }

  async set(session: Session | null): Promise<void> {
    this.#session = session;
    this.#isSignedOut = !session;
    if (!session) {
      await this.#storage?.delete(KEY);
      return;
    }
    const { token, ...rest } = session;
    await this.#storage?.set(KEY, new TextEncoder().encode(JSON.stringify({ ...rest, token: token.reveal() })));
  }

  /** What cannot be read counts as absent. */
  async #load(): Promise<Session | null> {
    const bytes = await this.#storage?.get(KEY);
    if (!bytes) return null;
    try {
      const json = objectOf(parseJson(bytes));
      const { kind, walletId } = json;
      if (kind === "wallet") return sessionOf(json, { walletId: textOf({ walletId }, "walletId") });
      return sessionOf(json, { username: textOf(json, "username") });
    } catch (error) {
      if (error instanceof CloudBackupError) return null;
      throw error;
    }
  }
}
