import { createParser } from "eventsource-parser";
import { hexOf, objectOf, parseJson, uintOf } from "./answers.ts";
import { BadResponseError } from "./errors.ts";
import type { WalletParts } from "./wallet-parts.ts";

/** The server sends something every 25 seconds. */
const SILENCE_MS = 60_000;
/** An event has about 120 bytes. */
export const MAX_EVENT_CHARS = 4_096;

interface Standing {
  revision: number;
  /** SHA-256 of the envelope, hex. */
  sha256: string;
}

/**
 * Where the server says that the wallet stands, each time it says so, until it ends the stream. Of several that come while
 * the last is looked at, the newest alone.
 *
 * @throws what every request does, from the loop
 */
export function eventsOf(
  { requests }: WalletParts,
  signal: AbortSignal,
): {
  events: AsyncGenerator<Standing, undefined, undefined>;
  /** Whether anything came: not where an answer is given out only when it has ended. */
  wasHeard: () => boolean;
} {
  let wasHeard = false;
  async function* events(): AsyncGenerator<Standing, undefined, undefined> {
    const end = new AbortController();
    const onAbort = () => end.abort();
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
    let newest: Standing | undefined;
    let outcome: { error?: unknown } | undefined;
    let wake = () => {};
    const read = createReader((standing) => {
      newest = standing;
      wake();
    });
    const onPart = (part: Uint8Array) => {
      wasHeard = true;
      read(part);
    };
    const running = requests.events({ onPart, timeoutMs: SILENCE_MS, signal: end.signal }).then(
      () => ({}),
      (error: unknown) => ({ error }),
    );
    void running.then((ended) => {
      outcome = ended;
      wake();
    });
    try {
      for (;;) {
        if (newest) {
          const standing: Standing = newest;
          newest = undefined;
          yield standing;
        } else if (outcome) {
          if ("error" in outcome) throw outcome.error;
          return undefined;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      end.abort();
      signal.removeEventListener("abort", onAbort);
      await running;
    }
  }
  return { events: events(), wasHeard: () => wasHeard };
}

/** Reads the parts of a stream. @throws BadResponseError */
export function createReader(onStanding: (standing: Standing) => void): (part: Uint8Array) => void {
  const decoder = new TextDecoder();
  const parser = createParser({
    maxBufferSize: MAX_EVENT_CHARS,
    onEvent: ({ event, data }) => {
      if (event !== "revision") return;
      const object = objectOf(parseJson(new TextEncoder().encode(data)));
      onStanding({ revision: uintOf(object, "revision"), sha256: hexOf(object, "sha256", 32) });
    },
    onError: ({ type }) => {
      if (type === "max-buffer-size-exceeded") throw new BadResponseError("The server's event has no end");
    },
  });
  return (part) => parser.feed(decoder.decode(part, { stream: true }));
}
