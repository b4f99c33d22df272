import { assertInteger, assertKnown } from "./checks.ts";
import { LONGEST_TIMER_MS } from "./clock.ts";
import type { RemoteRevision, WatchOptions } from "./watch.ts";
import type { Work } from "./work.ts";

/** The loop that somebody else runs. What it takes to watch is loaded with its first turn. */
export function openWatch(
  options: WatchOptions,
  {
    ends,
    work,
    start,
  }: {
    /** Of all loops of the wallet, for it to end them. */
    ends: Set<AbortController>;
    work: Work;
    start: (end: AbortController) => Promise<AsyncGenerator<RemoteRevision, undefined, undefined>>;
  },
): AsyncIterableIterator<RemoteRevision, undefined> {
  assertKnown(options, ["signal", "intervalMs", "onError"], "watch");
  assertInteger(options.intervalMs, "intervalMs", 1_000, LONGEST_TIMER_MS / 2);
  const end = new AbortController();
  ends.add(end);
  let started: ReturnType<typeof start> | undefined;
  const done = { done: true, value: undefined } as const;
  return {
    next: () => {
      if (end.signal.aborted) return Promise.resolve(done);
      started ??= start(end);
      const watching = started;
      return work.run(async () => (await watching).next());
    },
    return: async () => {
      end.abort();
      ends.delete(end);
      await (await started)?.return(undefined);
      return done;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
