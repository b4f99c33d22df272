import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { throwIfAborted } from "../abort.ts";
import { assertKnown } from "../checks.ts";
import type { Fetch } from "../options.ts";
import type { HistoryEntry } from "../wallet-requests.ts";
import { Faults, type TestFailureOptions, type TestFaultOptions, type TestRequest } from "./faults.ts";
import type { TestProblemCode } from "./problems.ts";
import { answer } from "./routes.ts";
import { type Context, copyState, emptyState, type State, type StoredWallet } from "./state.ts";
import { activationToken } from "./users.ts";

/** How a server in memory is set up; everything has a default. */
export interface TestServerOptions {
  /** Where it says it is: what `createClient` is given. `https://backup.test` by default. */
  url?: string | undefined;
  /** The origins that it takes signatures for; by default that of `url`. With others, every signed request is `wrong-origin`. */
  origins?: readonly string[] | undefined;
  /** The name of its data, 32 hex characters; random by default. Two servers with one realm are one server to a wallet. */
  realm?: string | undefined;
  /** Whether a user must follow a link in an e-mail before signing in: see `activationToken`. By default nothing. */
  activation?: "none" | "mail" | undefined;
  /** Whether it takes new users; it does by default. */
  registration?: "open" | "closed" | undefined;
  /** How long a session by password lasts; 30 days by default. */
  passwordSessionMs?: number | undefined;
  /** How long a session by seed lasts; 24 hours by default. */
  walletSessionMs?: number | undefined;
  /** Unix milliseconds; the machine's clock by default. */
  now?: (() => number) | undefined;
}

/** All that a server in memory remembers, at one moment. */
export interface TestSnapshot {
  /** @internal */
  readonly state: State;
}

/** A server in memory, and what a test does to it. */
export interface TestServer {
  /** What `createClient` is given. */
  readonly url: string;
  /** What `createClient` is given: the way to this server, which no network is needed for. */
  readonly fetch: Fetch;
  /** 32 hex characters. */
  readonly realm: string;
  /** While true, no request arrives: the wallet has no network. */
  offline: boolean;
  /** What has arrived, in order. */
  readonly requests: readonly TestRequest[];
  /**
   * Moves the server's clock on: sessions and challenges expire.
   *
   * @param ms milliseconds
   */
  advance(ms: number): void;
  /**
   * What the link in the last e-mail to a user would hold; undefined where nothing waits to be activated.
   *
   * @param username as registered
   */
  activationToken(username: string): string | undefined;
  /**
   * Answers the next request with a problem, instead of doing what it asks for.
   *
   * @param code of the problem
   * @param options which requests
   */
  failNext(code: TestProblemCode, options?: TestFailureOptions): void;
  /**
   * Does what the next request asks for, and loses the reply: the wallet cannot tell whether it was done.
   *
   * @param options which requests
   */
  loseNextReply(options?: TestFaultOptions): void;
  /** Ids of the wallets that there are. */
  wallets(): string[];
  /**
   * The revisions of a wallet, newest first.
   *
   * @param walletId `wallet.id`
   * @throws RangeError where there is no such wallet
   */
  revisions(walletId: string): HistoryEntry[];
  /**
   * Makes a wallet as it was at a revision, as a server does that was restored from an old copy of its disk.
   *
   * @param walletId `wallet.id`
   * @param revision one that the wallet has; 0: registered, nothing backed up
   * @throws RangeError where there is no such wallet or revision
   */
  goBack(walletId: string, revision: number): void;
  /**
   * Loses a wallet with everything in it.
   *
   * @param walletId `wallet.id`
   * @throws RangeError where there is no such wallet
   */
  forget(walletId: string): void;
  /** Keeps what the server knows, to go back to. */
  snapshot(): TestSnapshot;
  /**
   * Goes back to what the server knew, users and sessions included.
   *
   * @param snapshot of this server
   */
  restore(snapshot: TestSnapshot): void;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const OPTIONS = [
  "url",
  "origins",
  "realm",
  "activation",
  "registration",
  "passwordSessionMs",
  "walletSessionMs",
  "now",
] as const satisfies readonly (keyof TestServerOptions)[];

/**
 * A server in memory for a wallet's own tests: it speaks the protocol, checks signatures and the rules of commits, and
 * remembers until it is let go. A test of this library holds it to the answers of the real server.
 *
 * It has no quotas, no rate limits and no mail; it keeps every revision and every chunk; it has no event streams, as servers
 * of older versions, and takes no preflights of browsers. Passwords are compared as they are, in no constant time.
 *
 * @param options where the defaults do not fit
 * @throws TypeError, RangeError for what is wrong or unknown
 * @example
 * ```ts
 * import { createClient } from "@cloudbackup/client";
 * import { createTestServer } from "@cloudbackup/client/testing";
 *
 * const server = createTestServer();
 * const client = createClient({ url: server.url, fetch: server.fetch, retry: { attempts: 1 } });
 * await client.register({ username: "alice", password: "staple horse battery", email: "alice@example.org" });
 * await client.signIn({ username: "alice", password: "staple horse battery" });
 * const wallet = await client.openWallet(new Uint8Array(32).fill(7));
 * const { revision } = await wallet.backup({ accounts: [], pairings: [] });
 * console.log(revision, server.revisions(wallet.id).length); // → 1 1
 *
 * server.offline = true;
 * await wallet.restore().catch((error) => console.log(error.code)); // → ERR_CB_UNREACHABLE
 * ```
 */
export function createTestServer(options: TestServerOptions = {}): TestServer {
  assertKnown(options, OPTIONS, "createTestServer");
  const url = new URL(options.url ?? "https://backup.test");
  const base = url.pathname.replace(/\/$/, "");
  let shiftMs = 0;
  const clock = options.now ?? Date.now;
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
  const context: Context = {
    state: emptyState(),
    realm: options.realm === undefined ? random(16) : realmOf(options.realm),
    origins: options.origins ?? [url.origin],
    activation: options.activation ?? "none",
    registration: options.registration ?? "open",
    passwordSessionMs: options.passwordSessionMs ?? 30 * DAY_MS,
    walletSessionMs: options.walletSessionMs ?? DAY_MS,
    now: () => clock() + shiftMs,
    random,
  };
  const faults = new Faults();
  const requests: TestRequest[] = [];

  const fetch: Fetch = async (target, init) => {
    const { origin, pathname, search, searchParams: query } = new URL(target);
    const body = await bytesOf(init.body);
    throwIfAborted(init.signal ?? undefined);
    if (server.offline || origin !== url.origin || !pathname.startsWith(`${base}/`)) throw noNetwork();
    const path = pathname.slice(base.length);
    const method = init.method ?? "GET";
    const request = { method, path: path + search };
    requests.push(request);
    const requestId = `test-${requests.length}`;
    const fault = faults.of(request, requestId);
    if (fault instanceof Response) return fault;
    const headers = new Headers(init.headers);
    const response = answer(
      context,
      { method, origin, path: path.slice(1).split("/"), query, headers, body },
      requestId,
    );
    if (fault === "lost") throw noNetwork();
    return response;
  };

  const walletOf = (id: string): StoredWallet => {
    const wallet = context.state.wallets.get(id);
    if (!wallet || wallet.username === null) throw new RangeError(`the server has no wallet ${id}`);
    return wallet;
  };
  const server: TestServer = {
    url: url.href.replace(/\/$/, ""),
    fetch,
    realm: bytesToHex(context.realm),
    offline: false,
    requests,
    advance: (ms) => {
      shiftMs += ms;
    },
    activationToken: (username) => activationToken(context, username),
    failNext: (code, fault = {}) => faults.failNext(code, fault),
    loseNextReply: (fault = {}) => faults.loseNextReply(fault),
    wallets: () => [...context.state.wallets].flatMap(([id, { username }]) => (username === null ? [] : [id])),
    revisions: (id) =>
      [...walletOf(id).backups.values()]
        .reverse()
        .map(({ revision, sha256, bytes, storedAt }) => ({ revision, sha256, bytes, storedAt: new Date(storedAt) })),
    goBack: (id, revision) => {
      const wallet = walletOf(id);
      const then = wallet.backups.get(revision);
      if (revision !== 0 && !then) throw new RangeError(`the wallet has no revision ${revision}`);
      const backups = new Map([...wallet.backups].filter(([each]) => each <= revision));
      const updatedAt = then?.storedAt ?? wallet.createdAt;
      context.state.wallets.set(id, { ...wallet, revision, sha256: then?.sha256 ?? null, updatedAt, backups });
    },
    forget: (id) => {
      walletOf(id);
      const { wallets, sessions } = context.state;
      wallets.delete(id);
      for (const [token, { wallet }] of sessions) if (wallet === id) sessions.delete(token);
    },
    snapshot: () => ({ state: copyState(context.state) }),
    restore: ({ state }) => {
      context.state = copyState(state);
    },
  };
  return server;
}

function realmOf(realm: string): Uint8Array {
  if (!/^[0-9a-f]{32}$/.test(realm) || /^0+$/.test(realm)) {
    throw new RangeError("realm must be 32 characters of lower-case hex, not all zeros");
  }
  return hexToBytes(realm);
}

/** As `fetch` fails where there is no network. */
function noNetwork(): TypeError {
  return new TypeError("fetch failed");
}

async function bytesOf(body: RequestInit["body"]): Promise<Uint8Array> {
  if (body === undefined || body === null) return new Uint8Array();
  if (typeof body === "string") return new TextEncoder().encode(body);
  if (body instanceof Uint8Array) return body;
  return new Uint8Array(await new Response(body).arrayBuffer());
}
