import { type AnySectionDefinition, type BackupKeys, deriveBackupKeys, type KeySource } from "@cloudbackup/core";
import { listOf } from "./answers.ts";
import { assertKnown } from "./checks.ts";
import { withKeySource } from "./key-source.ts";
import { loadLater } from "./load-later.ts";
import { type ClientOptions, type ResolvedOptions, resolveOptions } from "./options.ts";
import type { Post, Registered } from "./registration.ts";
import { signInByKeys } from "./seed-sign-in.ts";
import { KnownServer, type ServerInfo } from "./server-info.ts";
import { authorizationOf, endSession, SessionKeeper, sessionOf } from "./session.ts";
import type { SessionInfo } from "./session-info.ts";
import { storageUnder } from "./storage.ts";
import { LIST_ANSWER_BYTES, SMALL_ANSWER_BYTES, Transport } from "./transport.ts";
import { WalletBackup } from "./wallet-backup.ts";
import { SharedWallet, walletPartsOf } from "./wallet-parts.ts";
import { type WalletInfo, walletInfoOf } from "./wallet-requests.ts";

/** @inline */
interface CallOptions {
  /** Aborts the call, which then throws `signal.reason`. */
  signal?: AbortSignal | undefined;
}

const CALL_OPTIONS = ["signal"];

/**
 * A client of one server. Nothing is sent before the first call.
 *
 * @param options `url`, and where the defaults do not fit, the rest
 * @throws TypeError, RangeError for what is wrong or unknown in `options`
 * @example
 * ```ts
 * import { createClient } from "@cloudbackup/client";
 * import { directoryStorage } from "@cloudbackup/client/node";
 *
 * const client = createClient({
 *   url: "https://backup.example",
 *   storage: directoryStorage("/var/lib/wallet/backup"),
 *   app: "acme-wallet/1.2",
 * });
 * const { registration } = await client.serverInfo();
 * console.log(registration); // → open
 * ```
 */
export function createClient<const Definitions extends readonly AnySectionDefinition[] = []>(
  options: ClientOptions<Definitions>,
): Client<Definitions> {
  return new Client(resolveOptions(options));
}

/** What a client works with, for who works with several. */
export let optionsOf: (client: Client<readonly AnySectionDefinition[]>) => ResolvedOptions;

/**
 * A user at one server, and the way to the wallets there. `createClient` makes it.
 *
 * Beside what it names, every call throws UnreachableError, BadResponseError and RedirectedError (there is no server, or
 * not this one), RateLimitedError and UnavailableError (not now), RefusedError (a rule of the server), AnotherRealmError and
 * UnsupportedVersionError (not the server that was there before, or not of this format); `signal.reason` where it was
 * aborted; and TypeError for unknown options.
 */
export class Client<Definitions extends readonly AnySectionDefinition[] = []> {
  static {
    optionsOf = (client) => client.#options;
  }
  readonly #options: ResolvedOptions;
  readonly #transport: Transport;
  readonly #server: KnownServer;
  readonly #sessions: SessionKeeper;
  /** By wallet id. */
  readonly #shared = new Map<string, SharedWallet>();
  /** What `register` was given, so that the calls after it need not be given it again. */
  #registered: Registered | undefined;

  /** @internal use `createClient` */
  constructor(options: ResolvedOptions) {
    this.#options = options;
    this.#transport = new Transport(options);
    const entries = storageUnder(options.storage, `cloudbackup/servers/${encodeURIComponent(options.url.href)}/`);
    this.#server = new KnownServer(this.#transport, entries, options.url);
    this.#sessions = new SessionKeeper(options.storage.confidential ? entries : undefined);
  }

  /**
   * What the server says of itself. The first realm that is seen at a URL is kept.
   *
   * @param options `signal` aborts
   * @throws AnotherRealmError where it is not the one that was there before
   */
  async serverInfo(options: CallOptions = {}): Promise<ServerInfo> {
    assertKnown(options, CALL_OPTIONS, "serverInfo");
    return this.#server.info(options.signal);
  }

  /**
   * Goes on with the server that is at this URL now, although it is another one than before: for a person who was shown the
   * `AnotherRealmError`, and knows why. The session ends here, since it was with the other one. Wallets that are open stay
   * with the other one, and every call of theirs throws: open them anew. What this device keeps of their backups there stays,
   * for the day that the server comes back; here they are new, and `restore()` or `backup()` comes first.
   *
   * @param realm the error's `found`, 32 hex characters; nothing happens where the server has yet another one
   * @param options `signal` aborts
   * @throws AnotherRealmError: it has yet another one; TypeError: `realm` is no such text
   * @example
   * ```ts
   * import { AnotherRealmError } from "@cloudbackup/client";
   *
   * try {
   *   await client.serverInfo();
   * } catch (error) {
   *   if (!(error instanceof AnotherRealmError)) throw error;
   *   store.show(error.message); // … and the person says that the server was set up anew:
   *   await client.acceptRealm(error.found);
   * }
   * ```
   */
  async acceptRealm(realm: string, options: CallOptions = {}): Promise<ServerInfo> {
    assertKnown(options, CALL_OPTIONS, "acceptRealm");
    const { acceptRealm } = await loadLater();
    const leave = () => {
      this.#registered = undefined;
      return this.#sessions.set(null);
    };
    return acceptRealm(this.#server, realm, leave, options.signal);
  }

  /**
   * Registers a user. An e-mail with a link is on its way, unless the server activates without. Signs nobody in.
   *
   * @param user who it is to be
   * @param user.username 3–32 characters of a-z 0-9 . _ -, a pseudonym
   * @param user.password stays in memory until the first `signIn`, for `waitForActivation`
   * @param user.email where the link goes; no other user learns it
   * @param user.invite where the server asks for one
   * @param options `signal` aborts
   * @throws UsernameTakenError; RefusedError: its `errors` say what the server does not accept, its `problem` is
   *   `registration-closed` where it takes no new users
   * @example
   * ```ts
   * await client.register({
   *   username: "hodler22",
   *   password: "staple horse battery correct",
   *   email: "hodler22@example.org",
   * });
   * await client.waitForActivation(); // The person follows the link in the e-mail.
   * ```
   */
  async register(
    user: { username: string; password: string; email: string; invite?: string | undefined },
    options: CallOptions = {},
  ): Promise<void> {
    assertKnown(options, CALL_OPTIONS, "register");
    assertKnown(user, ["username", "password", "email", "invite"], "register");
    const { register } = await loadLater();
    this.#registered = await register(this.#post, user, options.signal);
  }

  /**
   * Activates by the e-mail's link, or by its token, which stands behind `#token=`.
   *
   * @param activation `token`: the token or the whole link
   * @param options `signal` aborts
   * @throws TokenSpentError: it was used, or is older than a day
   */
  async activate(activation: { token: string }, options: CallOptions = {}): Promise<void> {
    assertKnown(options, CALL_OPTIONS, "activate");
    assertKnown(activation, ["token"], "activate");
    const { activate } = await loadLater();
    await activate(this.#post, activation.token, options.signal);
  }

  /**
   * Sends the link again. The server does not tell whether there is such a user.
   *
   * @param user by default the one that this client registered
   * @param options `signal` aborts
   * @throws TypeError: neither was given, nor registered
   */
  async resendActivation(user?: { username: string; email: string }, options: CallOptions = {}): Promise<void> {
    assertKnown(options, CALL_OPTIONS, "resendActivation");
    const { username, email } = user ?? this.#needRegistered("resendActivation");
    await this.#post("v1/users/activation", { username, email }, options.signal);
  }

  /**
   * Waits until the person has followed the link, then is signed in; goes on while there is no network. Asks every three
   * seconds.
   *
   * @param options `signal` ends the wait
   * @throws TypeError: this client has registered nobody; BadCredentialsError
   */
  async waitForActivation(options: CallOptions = {}): Promise<void> {
    assertKnown(options, CALL_OPTIONS, "waitForActivation");
    const { username, password } = this.#needRegistered("waitForActivation");
    const { untilActivated } = await loadLater();
    const signIn = () => this.signIn({ username, password: password.reveal() }, options);
    await untilActivated(signIn, this.#options.clock, options.signal);
  }

  /**
   * Signs a user in by password, for all of the user's wallets.
   *
   * @param user as registered
   * @param options `signal` aborts
   * @throws BadCredentialsError: no such user, or not the password; NotActivatedError: the link was not followed yet
   * @example
   * ```ts
   * import { BadCredentialsError } from "@cloudbackup/client";
   *
   * try {
   *   await client.signIn({ username: "hodler21", password: "Tr0ub4dor&3" });
   * } catch (error) {
   *   if (!(error instanceof BadCredentialsError)) throw error;
   *   console.log(error.message); // → Wrong username or password
   * }
   * ```
   */
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
   * @param source is copied, and wiped after use; keys of any realm do
   * @param options `signal` aborts
   * @example
   * ```ts
   * import { createClient } from "@cloudbackup/client";
   *
   * const newDevice = createClient({ url: "https://backup.example" });
   * const { username } = await newDevice.signInWithSeed(seed);
   * console.log(username); // → hodler21
   * ```
   * @throws NoWalletError: this server has no wallet of this seed
   */
  async signInWithSeed(
    source: KeySource | BackupKeys,
    options: CallOptions = {},
  ): Promise<{
    /** Whose the wallet is. */
    username: string;
  }> {
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

  /**
   * Ends the session, here at once, and on the server. From here on no wallet of this client signs in by itself either.
   *
   * @param options `signal` aborts
   * @throws UnreachableError: it goes on there until it expires
   */
  async signOut(options: CallOptions = {}): Promise<void> {
    assertKnown(options, CALL_OPTIONS, "signOut");
    const session = await this.#sessions.get();
    await this.#sessions.set(null);
    if (!session) return;
    await this.#server.check(options.signal);
    await endSession(this.#transport, session, options.signal);
  }

  /**
   * The user's wallets on the server.
   *
   * @param options `signal` aborts
   * @throws NotSignedInError; RefusedError where the session is by seed, for one wallet alone
   */
  async wallets(options: CallOptions = {}): Promise<WalletInfo[]> {
    assertKnown(options, CALL_OPTIONS, "wallets");
    const json = await this.#authorized("v1/wallets", options);
    return listOf(json).map(walletInfoOf);
  }

  /**
   * The user's sessions.
   *
   * @param options `signal` aborts
   * @throws NotSignedInError; RefusedError where the session is by seed, for one wallet alone
   */
  async sessions(options: CallOptions = {}): Promise<SessionInfo[]> {
    assertKnown(options, CALL_OPTIONS, "sessions");
    const json = await this.#authorized("v1/sessions", options);
    const { sessionInfoOf } = await loadLater();
    return listOf(json).map(sessionInfoOf);
  }

  /**
   * Derives a wallet's keys for this server. Registers nothing; asks the server for its realm where this device has not
   * seen it. Call `close()` when done.
   *
   * @param source is copied: seed, `{ xprv }`, `{ exported }`, or keys of any realm
   * @param options `signal` aborts
   * @throws TypeError, RangeError for what is no seed, no root xprv, no export
   * @example
   * ```ts
   * await using opened = await client.openWallet(seed); // or openWallet({ exported }), from a keystore
   * console.log(opened.id === wallet.id); // → true
   * ```
   */
  async openWallet(source: KeySource | BackupKeys, options: CallOptions = {}): Promise<WalletBackup<Definitions>> {
    assertKnown(options, CALL_OPTIONS, "openWallet");
    const keys = await this.#keysOf(source, options.signal);
    const shared = this.#shared.get(keys.walletId) ?? new SharedWallet();
    this.#shared.set(keys.walletId, shared);
    const parts = walletPartsOf({
      keys,
      options: this.#options,
      transport: this.#transport,
      server: this.#server,
      sessions: this.#sessions,
      shared,
    });
    if (!shared.isAdopted) await parts.local.adopt();
    shared.isAdopted = true;
    return new WalletBackup<Definitions>(parts);
  }

  async #keysOf(source: KeySource | BackupKeys, signal?: AbortSignal): Promise<BackupKeys> {
    const realm = await this.#server.realm(signal);
    const { primitives } = this.#options;
    return withKeySource(source, (seed) => deriveBackupKeys(seed, realm, { primitives }));
  }

  readonly #post: Post = async (path, json, signal) => {
    await this.#server.check(signal);
    const request = { method: "POST", path, json, expect: "receipt", maxBytes: SMALL_ANSWER_BYTES } as const;
    await this.#transport.send({ ...request, idempotent: false, signal });
  };

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
