import {
  type AnySectionDefinition,
  defaultPrimitives,
  encodeDump,
  type Primitives,
  type Random,
} from "@cloudbackup/core";
import { defaultFetch } from "#fetch";
import { assertInteger, assertKnown, assertMethods, assertType } from "./checks.ts";
import { type Clock, LONGEST_TIMER_MS, systemClock } from "./clock.ts";
import { type Connectivity, platformConnectivity } from "./connectivity.ts";
import { type RetryOptions, retryOptions } from "./retry.ts";
import { memoryStorage, type Storage } from "./storage.ts";

/**
 * The part of WHATWG `fetch` that is used. Redirects are never followed, and cookies never sent.
 *
 * @param url absolute
 * @param init method, headers, body, signal and the like
 * @see https://fetch.spec.whatwg.org
 */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Where the server is, and what the client works with. */
export interface ClientOptions<Definitions extends readonly AnySectionDefinition[] = readonly AnySectionDefinition[]> {
  /** Where the server is: `https:`, or `http:` for loopback and `.onion`. */
  url: string | URL;
  /** Definitions of the wallet's own sections. */
  sections?: Definitions | undefined;
  /** By default memory, with which every new process restores first. */
  storage?: Storage | undefined;
  /** By default undici's in Node, where it is installed; else the platform's. */
  fetch?: Fetch | undefined;
  /** By default the platform's. */
  clock?: Clock | undefined;
  /** Whether there is a network. By default what a browser says; elsewhere it is taken for granted. */
  connectivity?: Connectivity | undefined;
  /** Cryptographic randomness; by default `crypto.getRandomValues`. */
  random?: Random | undefined;
  /** Of requests that may be sent twice. By default 3 attempts, after 250 ms and at most 5 s. */
  retry?: Partial<RetryOptions> | undefined;
  /** By default Node's own in Node, elsewhere the portable ones. */
  primitives?: Primitives | undefined;
  /** Allows `http:` everywhere: passwords and tokens then travel in the clear. */
  allowInsecure?: boolean | undefined;
  /** How long a request may wait for an answer, or an answer for its next bytes. By default 30 s; uploads get more. */
  timeoutMs?: number | undefined;
  /** A larger download is refused. By default 320 MiB, what a backup of 256 MiB can take. */
  maxDownloadBytes?: number | undefined;
  /** Program and version, kept in each backup: `acme-wallet/1.2`. */
  app?: string | undefined;
}

export interface ResolvedOptions {
  url: URL;
  sections: readonly AnySectionDefinition[];
  storage: Storage;
  fetch: Fetch;
  clock: Clock;
  connectivity: Connectivity;
  random: Random;
  retry: RetryOptions;
  primitives: Primitives;
  timeoutMs: number;
  maxDownloadBytes: number;
  app: string | undefined;
}

const KNOWN = [
  "url",
  "sections",
  "storage",
  "fetch",
  "clock",
  "connectivity",
  "random",
  "retry",
  "primitives",
  "allowInsecure",
  "timeoutMs",
  "maxDownloadBytes",
  "app",
];

/** Fills in the defaults. @throws TypeError, RangeError for what is wrong or unknown */
export function resolveOptions(options: ClientOptions): ResolvedOptions {
  assertKnown(options, KNOWN, "createClient");
  const { sections, storage, fetch, clock, connectivity, random, primitives, timeoutMs, maxDownloadBytes, app } =
    options;
  assertType(options.allowInsecure, "boolean", "allowInsecure");
  assertMethods(storage, ["get", "set", "delete", "keys"], "storage");
  assertType(fetch, "function", "fetch");
  assertMethods(clock, ["now", "setTimeout", "clearTimeout"], "clock");
  assertMethods(connectivity, ["isOnline", "onChange"], "connectivity");
  assertType(random, "function", "random");
  assertMethods(primitives, Object.keys(defaultPrimitives), "primitives");
  assertInteger(timeoutMs, "timeoutMs", 1, LONGEST_TIMER_MS);
  assertInteger(maxDownloadBytes, "maxDownloadBytes", 1);
  assertType(app, "string", "app");
  // Refuses two definitions of one section now, not at the first backup.
  if (sections) encodeDump({ accounts: [], pairings: [] }, { sections });
  return {
    url: parseUrl(options.url, options.allowInsecure ?? false),
    sections: sections ?? [],
    storage: storage ?? memoryStorage(),
    fetch: fetch ?? defaultFetch,
    clock: clock ?? systemClock,
    connectivity: connectivity ?? platformConnectivity,
    random: random ?? systemRandom,
    retry: retryOptions(options.retry ?? {}),
    primitives: primitives ?? defaultPrimitives,
    timeoutMs: timeoutMs ?? 30_000,
    maxDownloadBytes: maxDownloadBytes ?? 320 * 1024 * 1024,
    app,
  };
}

function parseUrl(value: string | URL, allowInsecure: boolean): URL {
  let url: URL;
  try {
    url = new URL(value);
  } catch (error) {
    throw new TypeError("url must be an absolute URL such as https://backup.example", { cause: error });
  }
  if (url.username || url.password) throw new TypeError("url must not hold a username or a password");
  if (url.search || url.hash) throw new TypeError("url must have neither a query nor a fragment");
  const isSafe = url.protocol === "https:" || (url.protocol === "http:" && (allowInsecure || isLocal(url.hostname)));
  if (!isSafe) {
    throw new RangeError(
      "url must be https:, or http: for loopback and .onion; allowInsecure: true allows http: everywhere",
    );
  }
  // "https://backup.example/?" is the same place, and must not get a pin of its own.
  url.search = "";
  url.hash = "";
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  if (url.pathname.endsWith("/v1/")) throw new TypeError("url must be the server's, without the /v1 of its requests");
  return url;
}

/** Loopback, or a Tor service, whose address is the key that the connection is made with. */
function isLocal(hostname: string): boolean {
  const isLoopback = hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
  return isLoopback || hostname.endsWith(".onion");
}

const systemRandom: Random = (length) => crypto.getRandomValues(new Uint8Array(length));
