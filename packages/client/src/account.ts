import { type AnySectionDefinition, BackupKeys, deriveBackupKeys, type KeySource, Redacted } from "@cloudbackup/core";
import { dateOf, listOf, objectOf, textOf } from "./answers.ts";
import { assertKnown } from "./checks.ts";
import { sleep } from "./clock.ts";
import { NotActivatedError } from "./errors.ts";
import { type ClientOptions, type ResolvedOptions, resolveOptions } from "./options.ts";
import { askedDelayMs, isRetryable } from "./retry.ts";
import { signInByKeys } from "./seed-sign-in.ts";
import { KnownServer, type ServerInfo } from "./server-info.ts";
import { authorizationOf, endSession, SessionKeeper, sessionOf } from "./session.ts";
import { storageUnder } from "./storage.ts";
import { LIST_ANSWER_BYTES, SMALL_ANSWER_BYTES, Transport } from "./transport.ts";
import { WalletBackup } from "./wallet-backup.ts";
import { walletPartsOf } from "./wallet-parts.ts";
import { type WalletInfo, walletInfoOf } from "./wallet-requests.ts";
import { Turns } from "./work.ts";

interface CallOptions {
  signal?: AbortSignal | undefined;
}

/** One session of a user or a wallet, as the server lists them. */
export interface SessionInfo {
  id: string;
  kind: string;
  createdAt: Date;
  expiresAt: Date;
  /** Whether it is the one that asks. */
  current: boolean;
}

const CALL_OPTIONS = ["signal"];

/** How often `waitForActivation` asks. */
const ACTIVATION_POLL_MS = 3_000;

/**
 * A client of one server. Nothing is sent before the first call.
 *
 * @throws TypeError, RangeError for what is wrong or unknown in `options`
 */
export function createClient<const Definitions extends readonly AnySectionDefinition[] = []>(
  options: ClientOptions<Definitions>,
): Client<Definitions> {
  return new Client(resolveOptions(options));
}

/** A user's account at one server, and the way to the wallets there. Use `createClient`. */
export class Client<Definitions extends readonly AnySectionDefinition[] = []> {
  readonly #options: ResolvedOptions;
  readonly #transport: Transport;
  readonly #server: KnownServer;
  readonly #sessions: SessionKeeper;
  /** By wallet id. */
  readonly #turns = new Map<string, Turns>();
  /** What `register` was given, so that the calls after it need not be given it again. */
  #registered: { username: string; password: Redacted<string>; email: string } | undefined;

  constructor(options: ResolvedOptions) {
    this.#options = options;
    this.#transport = new Transport(options);
    const entries = storageUnder(options.storage, `cloudbackup/servers/${encodeURIComponent(options.url.href)}/`);
    this.#server = new KnownServer(this.#transport, entries, options.url);
    this.#sessions = new SessionKeeper(options.storage.confidential ? entries : undefined);
  }

  /** What the server says of itself. @throws AnotherRealmError where it is not the one that was there before */
  async serverInfo(options: CallOptions = {}): Promise<ServerInfo> {
    assertKnown(options, CALL_OPTIONS, "serverInfo");
    return this.#server.info(options.signal);
  }

  /**
   * Registers a user. An e-mail with a link is on its way, unless the server activates without.
   *
   * @param user.username 3–32 characters of a-z 0-9 . _ -, a pseudonym
   * @throws UsernameTakenError, RefusedError (its `errors` say what the server does not accept)
   */
  async register(
    user: { username: string; password: string; email: string; invite?: string | undefined },
    options: CallOptions = {},
  ): Promise<void> {
    assertKnown(options, CALL_OPTIONS, "register");
    assertKnown(user, ["username", "password", "email", "invite"], "register");
    const { username, password, email, invite } = user;
    await this.#post("v1/users", { username, password, email, ...(invite === undefined ? {} : { invite }) }, options);
    this.#registered = { username, password: new Redacted(password), email };
  }

  /** Activates by the e-mail's link, or by its token, which stands behind `#token=`. @throws TokenSpentError */
  async activate(activation: { token: string }, options: CallOptions = {}): Promise<void> {
    assertKnown(options, CALL_OPTIONS, "activate");
    assertKnown(activation, ["token"], "activate");
    if (typeof activation.token !== "string") throw new TypeError("token must be text");
    const token = activation.token.split("#token=").at(-1);
    await this.#post("v1/users/activate", { token }, options);
  }

  /** Sends the link again. The server does not tell whether there is such a user. */
  async resendActivation(user?: { username: string; email: string }, options: CallOptions = {}): Promise<void> {
    assertKnown(options, CALL_OPTIONS, "resendActivation");
    const { username, email } = user ?? this.#needRegistered("resendActivation");
    await this.#post("v1/users/activation", { username, email }, options);
  }

  /** Waits until the person has followed the link, then is signed in; goes on while there is no network. */
  async waitForActivation(options: CallOptions = {}): Promise<void> {
    assertKnown(options, CALL_OPTIONS, "waitForActivation");
    const { username, password } = this.#needRegistered("waitForActivation");
    for (;;) {
      let delayMs = ACTIVATION_POLL_MS;
      try {
        await this.signIn({ username, password: password.reveal() }, options);
        return;
      } catch (error) {
        if (!(error instanceof NotActivatedError) && !isRetryable(error)) throw error;
        delayMs = Math.max(delayMs, askedDelayMs(error));
      }
      await sleep(this.#options.clock, delayMs, options.signal);
    }
  }

  /** @throws BadCredentialsError, NotActivatedError */
  async signIn(user: { username: string; password: string }, options: CallOptions = {}): Promise<void> {
    assertKnown(options, CALL_OPTIONS, "signIn");
    assertKnown(user, ["username", "password"], "signIn");
    await this.#server.check(options.signal);
    const { username, password } = user;
    const json = await this.#transport.sendJson({
      method: "POST",
      path: "v1/sessions",
      json: { username, password },
      maxBytes: SMALL_ANSWER_BYTES,
      idempotent: false,
      signal: options.signal,
    });
    await this.#sessions.set(sessionOf(json, { username }));
    this.#registered = undefined;
  }

  /**
   * Signs in by the seed alone: for one wallet, for who forgot the username or the password.
   *
   * @throws NoWalletError: this server has no wallet of this seed
   */
  async signInWithSeed(source: KeySource | BackupKeys, options: CallOptions = {}): Promise<{ username: string }> {
    assertKnown(options, CALL_OPTIONS, "signInWithSeed");
    await this.#server.check(options.signal);
    const keys = await this.#keysOf(source, options.signal);
    try {
      const session = await signInByKeys(this.#transport, keys, options.signal);
      await this.#sessions.set(session);
      return { username: session.username };
    } finally {
      keys.destroy();
    }
  }

  /** Ends the session, here at once, and on the server. @throws UnreachableError: it goes on there until it expires */
  async signOut(options: CallOptions = {}): Promise<void> {
    assertKnown(options, CALL_OPTIONS, "signOut");
    const session = await this.#sessions.get();
    if (!session) return;
    await this.#sessions.set(null);
    await this.#server.check(options.signal);
    await endSession(this.#transport, session, options.signal);
  }

  /** The user's wallets on the server. */
  async wallets(options: CallOptions = {}): Promise<WalletInfo[]> {
    assertKnown(options, CALL_OPTIONS, "wallets");
    const json = await this.#authorized("v1/wallets", options);
    return listOf(json).map(walletInfoOf);
  }

  /** The user's sessions. */
  async sessions(options: CallOptions = {}): Promise<SessionInfo[]> {
    assertKnown(options, CALL_OPTIONS, "sessions");
    const json = await this.#authorized("v1/sessions", options);
    return listOf(json).map((item) => {
      const object = objectOf(item);
      return {
        id: textOf(object, "id"),
        kind: textOf(object, "kind"),
        createdAt: dateOf(object, "createdAt"),
        expiresAt: dateOf(object, "expiresAt"),
        current: object.current === true,
      };
    });
  }

  /**
   * Derives a wallet's keys for this server. Registers nothing; asks the server for its realm where this device has not
   * seen it. Call `close()` when done.
   *
   * @param source is copied: seed, `{ xprv }`, `{ exported }`, or keys of any realm
   */
  async openWallet(source: KeySource | BackupKeys, options: CallOptions = {}): Promise<WalletBackup<Definitions>> {
    assertKnown(options, CALL_OPTIONS, "openWallet");
    const keys = await this.#keysOf(source, options.signal);
    const turns = this.#turns.get(keys.walletId) ?? new Turns();
    this.#turns.set(keys.walletId, turns);
    const parts = walletPartsOf({
      keys,
      options: this.#options,
      transport: this.#transport,
      server: this.#server,
      sessions: this.#sessions,
      turns,
    });
    return new WalletBackup<Definitions>(parts);
  }

  async #keysOf(source: KeySource | BackupKeys, signal?: AbortSignal): Promise<BackupKeys> {
    const realm = await this.#server.realm(signal);
    const { primitives } = this.#options;
    if (!(source instanceof BackupKeys)) return deriveBackupKeys(source, realm, { primitives });
    const exported = source.export();
    try {
      return deriveBackupKeys({ exported }, realm, { primitives });
    } finally {
      exported.fill(0);
    }
  }

  async #post(path: string, json: object, options: CallOptions): Promise<void> {
    const { signal } = options;
    await this.#server.check(signal);
    const request = { method: "POST", path, json, expect: "receipt", maxBytes: SMALL_ANSWER_BYTES } as const;
    await this.#transport.send({ ...request, idempotent: false, signal });
  }

  async #authorized(path: string, { signal }: CallOptions): Promise<unknown> {
    await this.#server.check(signal);
    const headers = authorizationOf(await this.#sessions.need());
    const request = { method: "GET", path, headers, maxBytes: LIST_ANSWER_BYTES, idempotent: true } as const;
    return this.#transport.sendJson({ ...request, signal });
  }

  #needRegistered(call: string) {
    if (!this.#registered) throw new TypeError(`${call} needs a register() of this client before`);
    return this.#registered;
  }
}
