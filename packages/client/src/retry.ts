import type { Random } from "@cloudbackup/core";
import { CloudBackupError, ServerError } from "./errors.ts";

export interface RetryOptions {
  /** How often a request is tried in all. */
  attempts: number;
  /** The first wait; each further one is twice as long, up to `maxMs`. */
  baseMs: number;
  maxMs: number;
}

const DEFAULTS: RetryOptions = { attempts: 3, baseMs: 250, maxMs: 5_000 };

/** @throws TypeError, RangeError for what is wrong or unknown */
export function retryOptions(options: Partial<RetryOptions>): RetryOptions {
  for (const [key, value] of Object.entries(options)) {
    if (!(key in DEFAULTS)) throw new TypeError(`retry has no option "${key}"; it knows attempts, baseMs, maxMs`);
    if (!Number.isSafeInteger(value) || (value as number) < 1) throw new RangeError(`retry.${key} must be at least 1`);
  }
  return { ...DEFAULTS, ...options };
}

/**
 * How long to wait before the next try: exponential, with full jitter so that devices do not come back all at once, and
 * never shorter than the server asks.
 *
 * @param attempt how many tries have failed, from 1
 */
export function retryDelayMs(attempt: number, options: RetryOptions, random: Random, error?: unknown): number {
  const ceiling = Math.min(options.maxMs, options.baseMs * 2 ** (attempt - 1));
  const [high = 0, low = 0] = random(2);
  const jittered = Math.ceil(((high * 256 + low + 1) / 65_536) * ceiling);
  const asked = error instanceof ServerError ? (error.retryAfterMs ?? 0) : 0;
  return Math.max(jittered, asked);
}

export function isRetryable(error: unknown): boolean {
  return error instanceof CloudBackupError && error.retryable;
}
