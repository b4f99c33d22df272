import type { Random } from "@cloudbackup/core";
import { assertInteger, assertKnown } from "./checks.ts";
import { CloudBackupError, ServerError } from "./errors.ts";

/** How often, and after how long, a request is tried again. */
export interface RetryOptions {
  /** How often a request is tried in all. */
  attempts: number;
  /** The first wait; each further one is twice as long, up to `maxMs`. */
  baseMs: number;
  /** No wait is longer, unless the server asks for it. */
  maxMs: number;
}

const DEFAULTS: RetryOptions = { attempts: 3, baseMs: 250, maxMs: 5_000 };
const LONGEST_MS = 24 * 60 * 60 * 1000;

/** @throws TypeError, RangeError for what is wrong or unknown */
export function retryOptions(options: Partial<RetryOptions>): RetryOptions {
  assertKnown(options, Object.keys(DEFAULTS), "retry");
  const { attempts = DEFAULTS.attempts, baseMs = DEFAULTS.baseMs, maxMs = DEFAULTS.maxMs } = options;
  assertInteger(attempts, "retry.attempts", 1);
  assertInteger(baseMs, "retry.baseMs", 1, LONGEST_MS);
  assertInteger(maxMs, "retry.maxMs", 1, LONGEST_MS);
  return { attempts, baseMs, maxMs };
}

/**
 * How long to wait before the next try: exponential, with full jitter so that devices do not come back all at once, and
 * never shorter than the server asks.
 *
 * @param attempt how many tries have failed, from 1
 */
export function retryDelayMs(
  attempt: number,
  options: Pick<RetryOptions, "baseMs" | "maxMs">,
  random: Random,
  error?: unknown,
): number {
  const ceiling = Math.min(options.maxMs, options.baseMs * 2 ** (attempt - 1));
  const [high = 0, low = 0] = random(2);
  const jittered = Math.ceil(((high * 256 + low + 1) / 65_536) * ceiling);
  return Math.max(jittered, askedDelayMs(error));
}

/** How long the server asks to wait, a day at most; 0 where it does not. */
export function askedDelayMs(error: unknown): number {
  return error instanceof ServerError ? Math.min(error.retryAfterMs ?? 0, LONGEST_MS) : 0;
}

/** Reads `Retry-After`, in seconds or as a date. @see RFC 9110 §10.2.3 */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

export function isRetryable(error: unknown): boolean {
  return error instanceof CloudBackupError && error.retryable;
}
