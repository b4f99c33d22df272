import type { AnySectionDefinition, Dump } from "@cloudbackup/core";
import { bytesToHex } from "@noble/hashes/utils.js";
import { throwIfAborted } from "./abort.ts";
import { type Mirror, newestOf, standingAtAll, viewsOf } from "./mirror.ts";
import { isConflict, type MirrorReceipt, type MirrorWrites, writeToAll } from "./mirror-backup.ts";
import { heldDump } from "./mirror-content.ts";
import { isRetryable, retryDelayMs } from "./retry.ts";
import { Turns, type Work } from "./work.ts";
import type { BackupOptions } from "./write-backup.ts";

type AnyMirror = Mirror<readonly AnySectionDefinition[]>;
type Mirrors = readonly [AnyMirror, ...AnyMirror[]];

const RETRY = { baseMs: 1_000, maxMs: 5 * 60_000 };

/** The backups of a wallet at several servers: one after the other, and what follows for servers that were away. */
export class MirrorWriter {
  readonly #mirrors: Mirrors;
  readonly #work: Work;
  readonly #onLateConflict: () => void;
  readonly #turns = new Turns();
  readonly #ends = new Set<AbortController>();
  #last: MirrorWrites | undefined;
  /** How many were begun. */
  #begun = 0;
  /** Whether some server has not answered to the last one yet. */
  #isWriting = false;
  #timer: unknown;
  /** How often servers that are away were tried again. */
  #tries = 0;

  /**
   * @param work keeps the keys while something runs
   * @param onLateConflict is told where another device's backup comes to light after `write` has resolved
   */
  constructor(mirrors: readonly Mirror<readonly AnySectionDefinition[]>[], work: Work, onLateConflict: () => void) {
    this.#mirrors = mirrors as Mirrors;
    this.#work = work;
    this.#onLateConflict = onLateConflict;
  }

  /** What each server answered to the last backup, as it is now; undefined: there was none. */
  receipts(): readonly MirrorReceipt[] | undefined {
    return this.#last?.receipts();
  }

  /**
   * Resolves when so many have it, or all have answered.
   *
   * @param dump undefined: what this device holds
   * @param how `standing`: that of before the dump was read
   * @returns undefined: there is nothing, or this device stands on something else by now
   * @throws what is wrong with the dump, or the servers together
   */
  async write(
    dump: Dump | undefined,
    options: BackupOptions,
    how: { quorum: number; standing?: string },
  ): Promise<readonly MirrorReceipt[] | undefined> {
    const { signal } = options;
    const end = new AbortController();
    const onAbort = () => end.abort(signal?.reason);
    signal?.addEventListener("abort", onAbort);
    try {
      return await this.#work.run(async () => {
        throwIfAborted(signal);
        const writes = await this.#begin(dump, { ...options, signal: end.signal }, how.standing);
        if (!writes) return undefined;
        this.#ends.add(end);
        const isTold = { conflict: false };
        // It keeps the keys until it has ended.
        const settled = this.#work.run(() => writes.settled);
        settled.then(() => this.#onSettled(writes, end, isTold.conflict)).catch(() => undefined);
        await writes.reached(how.quorum);
        const receipts = writes.receipts();
        isTold.conflict = receipts.some(isConflict);
        return receipts;
      });
    } finally {
      // What goes on after the quorum is nobody's any more to abort.
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** Sees to servers that were away when the process before this one ended, by what this device holds. */
  async followAtStart(): Promise<void> {
    const views = await viewsOf(this.#mirrors);
    const checksums = views.map(({ base }) => base && bytesToHex(base.state.manifest.checksum));
    const isOneBehind = views.length < this.#mirrors.length || new Set(checksums).size > 1;
    if (newestOf(views) && isOneBehind) this.#followSoon();
  }

  close(): void {
    this.#stopFollowing();
    for (const end of this.#ends) end.abort(new TypeError("this wallet is closed"));
  }

  async #begin(
    dump: Dump | undefined,
    options: BackupOptions & { signal: AbortSignal },
    standing: string | undefined,
  ): Promise<MirrorWrites | undefined> {
    // What this device holds is known once it has ended what is under way.
    if (!dump) await this.#last?.settled;
    return this.#turns.run(async () => {
      if (!dump && this.#isWriting) return this.#last;
      if (standing !== undefined && standing !== (await standingAtAll(this.#mirrors))) return undefined;
      const content = dump ?? (await heldDump(await viewsOf(this.#mirrors)));
      if (!content) return undefined;
      const count = ++this.#begun;
      this.#last = await writeToAll(this.#mirrors, content, { ...options, isLast: () => this.#begun === count });
      // Whoever is away is tried by this one.
      this.#stopFollowing();
      this.#isWriting = true;
      return this.#last;
    });
  }

  #onSettled(writes: MirrorWrites, end: AbortController, isConflictTold: boolean): void {
    this.#ends.delete(end);
    if (writes !== this.#last) return;
    this.#isWriting = false;
    if (end.signal.aborted) return;
    const receipts = writes.receipts();
    if (receipts.some(isConflict) && !isConflictTold) this.#onLateConflict();
    if (receipts.some(({ error }) => isRetryable(error))) this.#followSoon();
    else this.#tries = 0;
  }

  /** Tries the servers again that were away, less and less often. */
  #followSoon(): void {
    this.#stopFollowing();
    const { clock, random } = this.#mirrors[0].options;
    const delayMs = retryDelayMs(++this.#tries, RETRY, random);
    const all = { quorum: this.#mirrors.length };
    // What comes of it, the receipts say.
    const follow = () => void this.write(undefined, {}, all).catch(() => undefined);
    this.#timer = clock.setTimeout(follow, delayMs, "background");
  }

  #stopFollowing(): void {
    this.#mirrors[0].options.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
