import { type AnySectionDefinition, type Primitives, portablePrimitives, type Random } from "@cloudbackup/core";
import { defaultFetch } from "#fetch";
import { type RetryOptions, retryOptions } from "./retry.ts";
import { memoryStorage, type Storage } from "./storage.ts";

/** The part of WHATWG `fetch` that is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface Clock {
  /** Unix milliseconds. */
  now(): number;
  /** Runs `callback` later. A timer in the background must not keep a process alive, where the platform knows of such. */
  setTimeout(callback: () => void, delayMs: number, kind: "foreground" | "background"): unknown;
  clearTimeout(timer: unknown): void;
}

export interface ClientOptions<Definitions extends readonly AnySectionDefinition[] = readonly AnySectionDefinition[]> {
  /** Where the server is: `https:`, or `http:` for loopback and `.onion`. */
  url: string | URL;
  /** Definitions of the wallet's own sections. */
  sections?: Definitions | undefined;
  /** By default memory, with which every new process restores first. */
  storage?: Storage | undefined;
  fetch?: Fetch | undefined;
  clock?: Clock | undefined;
  random?: Random | undefined;
  retry?: Partial<RetryOptions> | undefined;
  primitives?: Primitives | undefined;
  /** Allows `http:` everywhere: passwords and tokens then travel in the clear. */
  allowInsecure?: boolean | undefined;
  /** How long a request may wait for an answer, or an answer for its next bytes. By default 30 s. */
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
  return {
    url: parseUrl(options.url, options.allowInsecure ?? false),
    sections: options.sections ?? [],
    storage: options.storage ?? memoryStorage(),
    fetch: options.fetch ?? defaultFetch,
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    retry: retryOptions(options.retry ?? {}),
    primitives: options.primitives ?? portablePrimitives,
    timeoutMs: positive(options.timeoutMs ?? 30_000, "timeoutMs"),
    maxDownloadBytes: positive(options.maxDownloadBytes ?? 320 * 1024 * 1024, "maxDownloadBytes"),
    app: options.app,
  };
}

/** Throws a TypeError for each key that `known` lacks: a mistyped option must not be ignored. */
export function assertKnown(options: object, known: readonly string[], name: string): void {
  if (typeof options !== "object" || options === null) throw new TypeError(`${name} takes an object of options`);
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) throw new TypeError(`${name} has no option "${key}"; it knows ${known.join(", ")}`);
  }
}

export function positive(value: number, name: string): number {
  if (!Number.isFinite(value) || value <= 0) throw new RangeError(`${name} must be a number above 0`);
  return value;
}

function parseUrl(value: string | URL, allowInsecure: boolean): URL {
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    throw new TypeError("url must be an absolute URL such as https://backup.example");
  }
  if (url.username || url.password) throw new TypeError("url must not hold a username or a password");
  if (url.search || url.hash) throw new TypeError("url must have neither a query nor a fragment");
  const isSafe = url.protocol === "https:" || (url.protocol === "http:" && (allowInsecure || isLocal(url.hostname)));
  if (!isSafe) {
    throw new RangeError(
      "url must be https:, or http: for loopback and .onion; allowInsecure: true allows http: everywhere",
    );
  }
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

/** Loopback, or a Tor service, whose address is the key that the connection is made with. */
function isLocal(hostname: string): boolean {
  const isLoopback = hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
  return isLoopback || hostname.endsWith(".localhost") || hostname.endsWith(".onion");
}

const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout(callback, delayMs, kind) {
    const timer: unknown = setTimeout(callback, delayMs);
    // Node's timers are objects, a browser's are numbers.
    if (kind === "background" && typeof timer === "object" && timer !== null && "unref" in timer)
      (timer as { unref(): void }).unref();
    return timer;
  },
  clearTimeout: (timer) => clearTimeout(timer as number),
};

const systemRandom: Random = (length) => crypto.getRandomValues(new Uint8Array(length));
