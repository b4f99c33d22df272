import { BadResponseError } from "@cloudbackup/client";
import { createReader, MAX_EVENT_CHARS } from "../../../packages/client/src/events.ts";
import { joinBytes } from "../../../packages/core/src/bytes.ts";
import { mutateBytes } from "../mutate-bytes.ts";
import { attempt, claim, claimEqual, defineTarget, type Target } from "../target.ts";

const SHA256 = "ab".repeat(32);
const SEEDS = [
  ":\n\n",
  `id: 1\nevent: revision\ndata: {"revision":1,"sha256":"${SHA256}"}\n\n`,
  `event: revision\r\ndata: {"revision":9007199254740991,\r\ndata: "sha256":"${SHA256}"}\r\n\r\n`,
  `retry: 10\nid\ndata: x\n\nevent: later\ndata: ${"x".repeat(500)}\n\n`,
].map((text) => new TextEncoder().encode(text));

interface Parts {
  bytes: Uint8Array;
  /** Where it is cut in two. */
  at: number;
}

export const eventTargets: readonly Target[] = [
  defineTarget<Parts>({
    name: "events",
    share: 60,
    open: () => ({
      make: (source) => {
        const count = 1 + source.below(4);
        const events = joinBytes(Array.from({ length: count }, () => source.pick(SEEDS)));
        const bytes = mutateBytes(source, events, source.pick(SEEDS));
        return { bytes, at: source.below(bytes.length + 1) };
      },
      check: ({ bytes, at }) => {
        const whole = read([bytes]);
        for (const { revision, sha256 } of whole.standings) {
          claim(Number.isSafeInteger(revision) && revision >= 0, "a revision is an unsigned integer");
          claim(/^[0-9a-f]{64}$/.test(sha256), "a hash is 64 characters of lower-case hex");
        }
        // What of an event waits for its rest is limited, so that a long one may come whole, and not in parts.
        if (bytes.length > MAX_EVENT_CHARS) return whole.outcome;
        const cut = read([bytes.subarray(0, at), bytes.subarray(at)]);
        claimEqual(cut.outcome, whole.outcome, "where a stream is cut makes no difference");
        claimEqual(cut.standings, whole.standings, "nor to what it tells");
        return whole.outcome;
      },
    }),
  }),
];

function read(parts: readonly Uint8Array[]) {
  const standings: { revision: number; sha256: string }[] = [];
  const reader = createReader((standing) => standings.push(standing));
  const { outcome } = attempt(() => {
    for (const part of parts) reader(part);
  }, [BadResponseError]);
  return { outcome, standings };
}
