import { throwIfAborted } from "./abort.ts";

/** Time as a client sees it. */
export interface Clock {
  /** Unix milliseconds. */
  now(): number;
  /**
   * Runs `callback` later, once.
   *
   * @param callback throws nothing
   * @param delayMs 2^31 − 1 at most
   * @param kind a timer in the background must not keep a process alive, where the platform knows of such
   * @returns what `clearTimeout` takes
   */
  setTimeout(callback: () => void, delayMs: number, kind: "foreground" | "background"): unknown;
  /**
   * Forgets a timer.
   *
   * @param timer what `setTimeout` gave; undefined, or one that has run, is no error
   */
  clearTimeout(timer: unknown): void;
}

/** Longer timers run at once, on every platform: their delay is a signed 32-bit integer. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
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

/**
 * Waits for somebody who waits too, unless it is in the background.
 *
 * @throws `signal.reason` at once where it is, or becomes, aborted
 */
export async function sleep(
  clock: Clock,
  delayMs: number,
  signal?: AbortSignal,
  kind: "foreground" | "background" = "foreground",
): Promise<void> {
  throwIfAborted(signal);
  await new Promise<void>((resolve) => {
    const done = () => {
      clock.clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = clock.setTimeout(done, delayMs, kind);
    signal?.addEventListener("abort", done);
  });
  throwIfAborted(signal);
}
