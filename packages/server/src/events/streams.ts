import { ProblemError } from "../errors.ts";
import type { Change, OnChange } from "./changes.ts";
import { EventStream, type Standing } from "./stream.ts";

/** How many streams are open at once. A device needs one for each wallet that it watches. */
export const STREAM_LIMITS = { session: 8, user: 32, all: 4096 };
/** Proxies cut what is silent for a minute. Also how soon a change is seen of which this process was not told. */
const HEARTBEAT_MS = 25_000;
const RETRY_AFTER_SECONDS = "60";
/** A reader that does not take the end must not keep the server from stopping. */
const END_WITHIN_MS = 1_000;

/** Whom a stream is for, and of what. */
export interface Watcher {
  session: string;
  user: string;
  /** Hex. */
  wallet: string;
  /** Where the wallet stands; null: it has no backup; "ended": it is not this session's to watch any more. */
  look: () => Promise<Standing | null | "ended">;
  /** An error of a look. The stream ends. */
  onError: (error: unknown) => void;
  /** Takes the connection away; nothing happens where it is gone already. */
  cut: () => void;
}

interface Open extends Watcher {
  stream: EventStream;
  timer: NodeJS.Timeout | undefined;
  /** `again`: something has changed since the look that is under way began. */
  looking: "no" | "yes" | "again";
}

/** All streams of events of this process. Each looks into the store when it is told to, and at every heartbeat. */
export class EventStreams {
  readonly #open = new Set<Open>();
  readonly #heartbeatMs: number;
  #isClosed = false;

  constructor(heartbeatMs: number = HEARTBEAT_MS) {
    this.#heartbeatMs = heartbeatMs;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Those that the change is about look again. */
  readonly tell: OnChange = (change: Change) => {
    for (const each of this.#open) {
      const isAbout = "wallet" in change ? each.wallet === change.wallet : each.user === change.user;
      if (isAbout) void this.#look(each);
    }
  };

  /** Begins with where the wallet stands. @throws ProblemError `too-many-streams`, `unavailable` */
  open(watcher: Watcher): EventStream {
    if (this.#isClosed) throw new ProblemError("unavailable");
    this.#assertRoom(watcher);
    const stream = new EventStream();
    const opened: Open = { ...watcher, stream, timer: undefined, looking: "no" };
    this.#open.add(opened);
    stream.body.once("close", () => {
      clearTimeout(opened.timer);
      this.#open.delete(opened);
    });
    // The reader learns that it is listened to also where there is nothing to tell.
    stream.beat();
    void this.#look(opened);
    return stream;
  }

  /** Ends all of them, and takes no more. */
  close(): void {
    this.#isClosed = true;
    const open = [...this.#open];
    for (const { stream } of open) stream.end();
    setTimeout(() => {
      for (const { cut } of open) cut();
    }, END_WITHIN_MS).unref();
  }

  #assertRoom({ session, user }: Watcher): void {
    const open = [...this.#open];
    const isFull =
      open.length >= STREAM_LIMITS.all ||
      open.filter((each) => each.user === user).length >= STREAM_LIMITS.user ||
      open.filter((each) => each.session === session).length >= STREAM_LIMITS.session;
    if (!isFull) return;
    throw new ProblemError("too-many-streams", undefined, { headers: { "retry-after": RETRY_AFTER_SECONDS } });
  }

  async #look(opened: Open): Promise<void> {
    if (opened.looking !== "no") {
      opened.looking = "again";
      return;
    }
    const { stream } = opened;
    clearTimeout(opened.timer);
    try {
      do {
        opened.looking = "yes";
        const standing = await opened.look();
        if (standing === "ended") stream.end();
        else if (standing) stream.tell(standing);
      } while ((opened.looking as Open["looking"]) === "again");
    } catch (error) {
      opened.onError(error);
      stream.end();
    } finally {
      opened.looking = "no";
    }
    if (!this.#open.has(opened)) return;
    opened.timer = setTimeout(() => {
      stream.beat();
      void this.#look(opened);
    }, this.#heartbeatMs);
    opened.timer.unref();
  }
}
