import { Redacted } from "@cloudbackup/core";
import { dateOf, objectOf, textOf } from "./answers.ts";
import { NotSignedInError } from "./errors.ts";
import type { Storage } from "./storage.ts";

/** Who is signed in, and how. */
export interface Session {
  readonly kind: "user" | "wallet";
  readonly username: string;
  /** The one wallet that a session by seed reads and writes. */
  readonly walletId: string | undefined;
  readonly token: Redacted<string>;
  readonly expiresAt: Date;
}

/** The server's answer to a sign-in. */
export function sessionOf(json: unknown, who: { username: string } | { walletId: string }): Session {
  const object = objectOf(json);
  return {
    kind: "walletId" in who ? "wallet" : "user",
    username: "walletId" in who ? textOf(object, "username") : who.username,
    walletId: "walletId" in who ? who.walletId : undefined,
    token: new Redacted(textOf(object, "token")),
    expiresAt: dateOf(object, "expiresAt"),
  };
}

const KEY = "session";

/** Holds the session; puts it into the storage only where that is confidential. */
export class SessionKeeper {
  readonly #storage: Storage | undefined;
  #session: Session | null = null;
  #loaded: Promise<void> | undefined;

  /** @param storage of this server's entries, undefined where it is not confidential */
  constructor(storage: Storage | undefined) {
    this.#storage = storage;
  }

  async get(): Promise<Session | null> {
    this.#loaded ??= this.#load();
    await this.#loaded;
    return this.#session;
  }

  /** @throws NotSignedInError */
  async need(): Promise<Session> {
    const session = await this.get();
    if (!session) throw new NotSignedInError("Sign in first: signIn() or signInWithSeed()");
    return session;
  }

  async set(session: Session | null): Promise<void> {
    this.#loaded = Promise.resolve();
    this.#session = session;
    if (!session) {
      await this.#storage?.delete(KEY);
      return;
    }
    const { token, ...rest } = session;
    await this.#storage?.set(KEY, new TextEncoder().encode(JSON.stringify({ ...rest, token: token.reveal() })));
  }

  async #load(): Promise<void> {
    const bytes = await this.#storage?.get(KEY);
    if (!bytes) return;
    const { kind, username, walletId, token, expiresAt } = JSON.parse(new TextDecoder().decode(bytes));
    this.#session = { kind, username, walletId, token: new Redacted(token), expiresAt: new Date(expiresAt) };
  }
}
