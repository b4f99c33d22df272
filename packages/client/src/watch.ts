import { sleep } from "./clock.ts";
import { NoWalletError } from "./errors.ts";
import { eventsOf } from "./events.ts";
import { askedDelayMs, isRetryable, retryDelayMs } from "./retry.ts";
import { assertNotBehind, loadMark } from "./trust.ts";
import { explainAbsence, type WalletParts } from "./wallet-parts.ts";
import type { WalletInfo } from "./wallet-requests.ts";

/** How a wallet is watched. */
export interface WatchOptions {
  /** Ends the loop. */
  signal?: AbortSignal | undefined;
  /** How often the server is asked where it does not tell by itself, 1,000 at least; by default 60,000. */
  intervalMs?: number | undefined;
  /**
   * Told of each failure after which the loop goes on: no network, a server that is busy.
   *
   * @param error why
   */
  onError?: ((error: unknown) => void) | undefined;
}

/** A revision that this device neither wrote nor restored. */
export interface RemoteRevision {
  /** From 1. */
  revision: number;
  /** SHA-256 of the envelope, hex. */
  sha256: string;
}

const INTERVAL_MS = 60_000;
const RETRY = { baseMs: 1_000, maxMs: 5 * 60_000 };
/** Where no stream comes through, be it the server, a proxy or the platform, it is tried again after that time. */
const STREAM_AGAIN_MS = 15 * 60_000;

/** Revisions by other devices, until `end` is aborted. @throws what `WalletBackup.watch` does */
export async function* watchRevisions(
  parts: WalletParts,
  { signal, intervalMs = INTERVAL_MS, onError }: WatchOptions,
  end: AbortController,
): AsyncGenerator<RemoteRevision, undefined, undefined> {
  const { clock, random } = parts.options;
  const onAbort = () => end.abort();
  signal?.addEventListener("abort", onAbort);
  if (signal?.aborted) end.abort();
  const look = createLook(parts, end.signal);
  let told: string | undefined;
  const isNews = ({ sha256 }: RemoteRevision) => sha256 !== told && !parts.local.own.has(sha256);
  let failures = 0;
  let breaks = 0;
  let streamAt = 0;
  try {
    while (!end.signal.aborted) {
      let delayMs = jittered(intervalMs, random);
      try {
        const found = await look();
        failures = 0;
        if (found && isNews(found)) {
          told = found.sha256;
          yield found;
        }
        if (found && clock.now() >= streamAt) {
          const openedAt = clock.now();
          const stream = eventsOf(parts, end.signal);
          try {
            for await (const event of stream.events) {
              if (!isNews(event)) continue;
              told = event.sha256;
              yield event;
            }
          } catch (error) {
            // What is wrong with more than the stream, the next look finds.
            if (stream.wasHeard()) onError?.(error);
            else streamAt = clock.now() + Math.max(STREAM_AGAIN_MS, askedDelayMs(error));
          }
          if (clock.now() - openedAt >= intervalMs) breaks = 0;
          if (stream.wasHeard()) delayMs = Math.min(delayMs, retryDelayMs(++breaks, RETRY, random));
        }
      } catch (error) {
        if (end.signal.aborted || !isRetryable(error)) throw error;
        onError?.(error);
        delayMs = retryDelayMs(++failures, RETRY, random, error);
      }
      await sleep(clock, delayMs, end.signal, "background");
    }
  } catch (error) {
    if (!end.signal.aborted) throw error;
  } finally {
    end.abort();
    signal?.removeEventListener("abort", onAbort);
  }
  return undefined;
}

/** Asks the server where it stands; undefined: there is nothing yet. */
function createLook(parts: WalletParts, signal: AbortSignal): () => Promise<RemoteRevision | undefined> {
  const { entries, keys, requests } = parts;
  let isExplained = false;
  /** Where this user has no such wallet, which may be because it is another's, or only now another device's. */
  const absent = async (wasSeen: boolean): Promise<WalletInfo | null> => {
    // Whose it is takes a sign-in: once is enough.
    if (isExplained && !wasSeen) return null;
    const error = await explainAbsence(new NoWalletError(), parts, signal);
    isExplained = true;
    if (error instanceof NoWalletError) return null;
    const info = await requests.info(signal);
    if (!info) throw error;
    return info;
  };
  return async () => {
    // As it is before: a backup that this device makes meanwhile must not make the answer look old.
    const mark = await loadMark(entries, keys);
    const info = (await requests.info(signal)) ?? (await absent(mark !== null));
    if (!info) return undefined;
    assertNotBehind(mark, info);
    const { revision, sha256 } = info;
    return sha256 === null ? undefined : { revision, sha256 };
  };
}

/** Devices that began together shall not ask together. */
function jittered(ms: number, random: (length: number) => Uint8Array): number {
  const [byte = 0] = random(1);
  return Math.ceil(ms * (0.75 + byte / 512));
}
