import type { Dump, Random } from "@cloudbackup/core";
import { Alarm } from "./alarm.ts";
import type { AutoStatus } from "./auto-status.ts";
import { type Batch, Changes } from "./changes.ts";
import type { Clock } from "./clock.ts";
import type { Connectivity } from "./connectivity.ts";
import { DirtyMark, type DirtyStore } from "./dirty-mark.ts";
import { RevisionConflictError } from "./errors.ts";
import type { MergeLatestOptions } from "./merge-backup.ts";
import type { Progress } from "./progress.ts";
import { askedDelayMs, isRetryable, retryDelayMs } from "./retry.ts";
import { Waiters } from "./waiters.ts";
import type { BackupOptions, BackupReceipt } from "./write-backup.ts";

/** What an automatic backup needs of its wallet. */
export interface AutoBackupWallet extends DirtyStore {
  clock: Clock;
  random: Random;
  connectivity: Connectivity;
  /** How many a backup can be stored at. */
  servers: number;
  /** What its content stands on now. */
  standing(): Promise<string>;
  /** @returns undefined: the wallet stands on something else by now, nothing was stored */
  backup(dump: Dump, options: AutoBackupAttempt): Promise<BackupReceipt | undefined>;
  /** Unites what the wallet holds with what another device wrote. @returns SHA-256 of that, hex */
  merge(options: MergeLatestOptions): Promise<string>;
  /** When the last acknowledged backup was written. */
  storedAt(): Promise<Date | undefined>;
  /** Whether the last acknowledged backup holds the same as the dump; asks nobody. */
  isAcknowledged(dump: Dump, standing: string): Promise<boolean>;
  /** Called when a backup was taken over, through whichever handle of this wallet. */
  onTakeover: Set<() => void>;
  onClose(): void;
}

/** @inline */
export type AutoBackupAttempt = Omit<BackupOptions, "replace"> & {
  /** Names of the sections that may differ from the last dump; undefined: any may. */
  changed: readonly string[] | undefined;
  /** Of before the dump was read. */
  standing: string;
  /** How many must have stored it. */
  servers?: number | undefined;
};

/** A backup follows the last change after so long without another … */
const QUIET_MS = 1_000;
/** … and the first after so long at most. */
const LONGEST_MS = 10_000;
const RETRY = { baseMs: 1_000, maxMs: 5 * 60_000 };

/** What the loop asks of whoever runs it. */
export interface BackupLoopHost {
  read(): Dump | Promise<Dump>;
  /** Undefined: another device's backup is a conflict. */
  merge: ((options: Omit<MergeLatestOptions, "read" | "apply">) => Promise<string>) | undefined;
  /** Something of its status is another: `plan` is called, then the status is shown. */
  onChange(): void;
}

/** The backups of an automatic backup, one at a time, and when the next one comes. */
export class BackupLoop {
  readonly changes = new Changes();
  readonly waiters = new Waiters();
  readonly dirty: DirtyMark;
  isPaused = false;
  /** Of the last try or look. */
  failure: { error: unknown } | undefined;
  /** When the last backup that is known to be stored was. */
  storedAt: Date | undefined;
  readonly #wallet: AutoBackupWallet;
  readonly #host: BackupLoopHost;
  readonly #alarm: Alarm;
  readonly #abort = new AbortController();
  #running: Promise<void> | undefined;
  /** While a try is under way: a little less long than `#running`. */
  #isSaving = false;
  /** When the next try is to come, as soon as nothing keeps it from that. */
  #dueAt: number | undefined;
  #failures = 0;
  /** The server asked for that. */
  #notBefore = 0;
  #progress: Progress | undefined;
  #receipt: BackupReceipt | undefined;

  constructor(wallet: AutoBackupWallet, host: BackupLoopHost) {
    this.#wallet = wallet;
    this.#host = host;
    this.dirty = new DirtyMark(wallet);
    this.#alarm = new Alarm(wallet.clock, () => host.onChange());
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Whether the next try repeats one that failed. It comes at its time, whatever changes meanwhile. */
  get isRetrying(): boolean {
    return this.#dueAt !== undefined && isRetryable(this.failure?.error);
  }

  /** Whether something is not stored. */
  get isBehind(): boolean {
    return this.changes.told > this.changes.stored || this.dirty.since !== undefined;
  }

  /** Notes a change, which is due after a quiet second, ten after the first at most. @returns its count */
  count(batch: Batch = { sections: undefined }): number {
    const now = this.#wallet.clock.now();
    this.dirty.set(this.dirty.since ?? now);
    const change = this.changes.count(now, batch);
    if (!this.isRetrying) this.#dueAt = Math.min(now + QUIET_MS, (this.changes.firstAt ?? now) + LONGEST_MS);
    return change;
  }

  /** What waits is due at once, unless the server asked for more time. */
  hurry(): void {
    if (this.isBehind && !this.#running) this.#dueAt = this.#notBefore;
    this.#failures = 0;
    this.#host.onChange();
  }

  /** Does what is due, or sets the alarm for it. */
  plan(): void {
    if (this.#dueAt === undefined || this.#running || !this.#mayTry()) {
      this.#alarm.clear();
      return;
    }
    const leftMs = this.#dueAt - this.#wallet.clock.now();
    if (leftMs > 0) this.#alarm.set(leftMs);
    else this.run();
  }

  run(): void {
    if (this.#running) return;
    this.#dueAt = undefined;
    this.#running = this.#loop().finally(() => {
      this.#running = undefined;
      if (this.waiters.waitBeyond(this.changes.tried)) this.run();
      this.#host.onChange();
    });
  }

  /** Stops for good. */
  close(reason: Error): void {
    this.#alarm.clear();
    this.#abort.abort(reason);
    this.waiters.end(this.changes.told, ({ reject }) => reject(reason));
  }

  /** Resolves when nothing runs any more. */
  async ended(): Promise<void> {
    await this.#running;
    await this.dirty.settled();
  }

  /** One backup; more at once only for those who wait for one. */
  async #loop(): Promise<void> {
    do {
      this.#dueAt = undefined;
      this.#isSaving = true;
      this.#host.onChange();
      await this.dirty.settled();
      if (this.#abort.signal.aborted) return;
      let batch = this.changes.take();
      try {
        let receipt: BackupReceipt | undefined;
        let merged: string | undefined;
        for (;;) {
          const standing = await this.#wallet.standing();
          const changed = this.changes.sectionsWith(batch);
          const dump = await this.#host.read();
          const { allowShrink, remove, servers } = batch;
          const { signal } = this.#abort;
          const onProgress = this.#follow;
          const options = { allowShrink, remove, servers, changed, standing, signal, onProgress };
          try {
            receipt = await this.#wallet.backup(dump, options);
          } catch (error) {
            const merge = error instanceof RevisionConflictError && this.#host.merge;
            const sha256 = merge && (await merge({ allowShrink, signal, onProgress }));
            // A server that does not take what follows on its own latest is not asked for ever.
            if (!sha256 || sha256 === merged) throw error;
            merged = sha256;
          }
          if (receipt) break;
          this.changes.putBack(batch);
          batch = this.changes.take();
        }
        this.#succeed(receipt);
      } catch (error) {
        const isPassing = isRetryable(error);
        this.changes.putBack(isPassing ? batch : { sections: batch.sections });
        this.fail(error);
        if (isPassing) return;
      }
    } while (!this.#abort.signal.aborted && this.waiters.waitBeyond(this.changes.tried));
  }

  readonly #follow = (progress: Progress): void => {
    this.#progress = progress;
    this.#host.onChange();
  };

  #succeed(receipt: BackupReceipt): void {
    const { told, tried, firstAt } = this.changes;
    this.changes.stored = tried;
    this.#receipt = receipt;
    this.storedAt = receipt.storedAt;
    this.dirty.set(told === tried ? undefined : firstAt);
    this.#end(undefined, ({ resolve }) => resolve(receipt));
  }

  /** The last try has failed, or a look at what was tried. */
  fail(error: unknown): void {
    if (this.#abort.signal.aborted) return;
    if (isRetryable(error)) {
      const { clock, random } = this.#wallet;
      const now = clock.now();
      this.#notBefore = now + askedDelayMs(error);
      this.#dueAt = now + retryDelayMs(++this.#failures, RETRY, random, error);
      this.#end({ error });
    } else {
      this.#end({ error }, ({ reject }) => reject(error));
    }
  }

  /** @param tell tells those who wait for what was tried; without it they wait on */
  #end(failure: BackupLoop["failure"], tell?: Parameters<Waiters["end"]>[1]): void {
    this.#isSaving = false;
    this.#progress = undefined;
    this.failure = failure;
    if (tell) {
      const { told, tried } = this.changes;
      // What was told while this try was repeated within is in it.
      if (told === tried) this.#dueAt = undefined;
      this.#failures = 0;
      this.#notBefore = 0;
      this.waiters.end(tried, tell);
    }
    this.#host.onChange();
  }

  #isOnline(): boolean {
    return this.#wallet.connectivity.isOnline();
  }

  #mayTry(): boolean {
    return !this.isPaused && this.#isOnline();
  }

  status(isOverdue: boolean): AutoStatus {
    const { since } = this.dirty;
    const retryAt = this.isRetrying && this.#mayTry() ? this.#dueAt : undefined;
    return {
      state: this.#state(isOverdue),
      storedAt: this.storedAt,
      unsavedSince: dateOf(since),
      progress: this.#progress,
      error: this.failure?.error,
      retryAt: dateOf(retryAt),
      receipt: this.#receipt,
    };
  }

  #state(isOverdue: boolean): AutoStatus["state"] {
    if (this.#abort.signal.aborted) return "closed";
    if (this.#isSaving) return "saving";
    const hasFailed = this.failure && this.changes.told === this.changes.tried;
    if (hasFailed && this.failure?.error instanceof RevisionConflictError && !this.isPaused) return "conflict";
    if (isOverdue) return "overdue";
    if (this.isPaused) return "paused";
    if (this.isBehind && !this.#isOnline()) return "offline";
    if (hasFailed || this.isRetrying) return "failed";
    return this.isBehind || !this.storedAt ? "dirty" : "idle";
  }
}

function dateOf(ms: number | undefined): Date | undefined {
  return ms === undefined ? undefined : new Date(ms);
}
