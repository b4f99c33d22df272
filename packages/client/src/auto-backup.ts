import type { Dump, Random } from "@cloudbackup/core";
import { RevisionConflictError } from "./errors.ts";
import { assertKnown, type Clock } from "./options.ts";
import { isRetryable, type RetryOptions, retryDelayMs } from "./retry.ts";
import type { BackupOptions, BackupReceipt } from "./wallet-backup.ts";

export interface AutoBackupOptions {
  /** The wallet's dump as it is now. */
  read: () => Dump | Promise<Dump>;
  /** Called at every change of `status`. */
  onStatus?: ((status: AutoStatus) => void) | undefined;
}

/** What is safe, and what is being done about the rest. */
export interface AutoStatus {
  /**
   * `idle`: all that is known of is stored; `dirty`: a change waits; `saving`; `failed`: tried again at `retryAt`, or not
   * before something changes; `conflict`: another device has written, restore first; `paused`; `closed`.
   */
  readonly state: "idle" | "dirty" | "saving" | "failed" | "conflict" | "paused" | "closed";
  /** Why, where it failed. */
  readonly error: unknown;
  /** When the next try comes by itself. */
  readonly retryAt: Date | undefined;
  /** The last backup that the server acknowledged in this process. */
  readonly receipt: BackupReceipt | undefined;
}

/** What an automatic backup needs of its wallet. */
export interface AutoBackupWallet {
  clock: Clock;
  random: Random;
  backup(dump: Dump, options: BackupOptions): Promise<BackupReceipt>;
  isDirty(): Promise<boolean>;
  setDirty(dirty: boolean): Promise<void>;
  /** Whether the last acknowledged backup holds the same as the dump; asks nobody. */
  isAcknowledged(dump: Dump): Promise<boolean>;
  onClose(): void;
}

/** A backup follows the last change after so long without another … */
const QUIET_MS = 1_000;
/** … and the first after so long at most. */
const LONGEST_MS = 10_000;
/** A change of which nobody told is found within that time. */
const CHECK_MS = 5 * 60_000;
const RETRY: RetryOptions = { attempts: Number.POSITIVE_INFINITY, baseMs: 1_000, maxMs: 5 * 60_000 };

type Waiter = { change: number; resolve: (receipt: BackupReceipt) => void; reject: (error: unknown) => void };

/**
 * Backs a wallet up whenever it changes. One backup at a time; changes meanwhile cause exactly one more. A change is
 * marked in the storage before anything else, so that a process that dies finds it again; and what the wallet holds is
 * compared with what was acknowledged at start, on `resume()` and every five minutes, so that a forgotten `changed()` is
 * found too.
 */
export class AutoBackup {
  readonly #wallet: AutoBackupWallet;
  readonly #options: AutoBackupOptions;
  #status: AutoStatus = { state: "idle", error: undefined, retryAt: undefined, receipt: undefined };
  /** Counts changes: what a backup holds is every change up to the count at its `read`. */
  #changes = 0;
  #stored = 0;
  #firstChangeAt: number | undefined;
  #failures = 0;
  #running: Promise<void> | undefined;
  #timer: unknown;
  #checkTimer: unknown;
  #isPaused = false;
  #isClosed = false;
  #waiters: Waiter[] = [];
  #nextOptions: Pick<BackupOptions, "allowShrink" | "remove"> = {};
  /** What the mark in the storage will be; undefined: not known. */
  #isMarked: boolean | undefined;
  /** Writes of the mark in the storage, one after the other. */
  #marking: Promise<void> = Promise.resolve();
  readonly #abort = new AbortController();

  constructor(options: AutoBackupOptions, wallet: AutoBackupWallet) {
    assertKnown(options, ["read", "onStatus"], "autoBackup");
    if (typeof options.read !== "function") throw new TypeError("read must be a function");
    this.#options = options;
    this.#wallet = wallet;
    void this.#check();
  }

  get status(): AutoStatus {
    return this.#status;
  }

  /** The wallet has changed. Returns at once; a backup follows after a quiet second, after ten at most. */
  changed(): void {
    if (this.#isClosed) throw new TypeError("this automatic backup is closed");
    this.#changes++;
    this.#mark(true);
    this.#failures = 0;
    this.#firstChangeAt ??= this.#wallet.clock.now();
    if (!this.#isPaused && !this.#running) {
      this.#set({ state: "dirty" });
      this.#schedule();
    }
  }

  /**
   * Resolves when the wallet as it is at this call is stored, with the receipt of the backup that holds it: the barrier
   * before an address of a newly paired account is shown.
   *
   * @throws the error that only a person can mend: retryable ones are tried again meanwhile
   */
  durable(): Promise<BackupReceipt> {
    return this.flush();
  }

  /** The same; options are those of the one backup that it causes. */
  flush(options: Pick<BackupOptions, "allowShrink" | "remove"> = {}): Promise<BackupReceipt> {
    assertKnown(options, ["allowShrink", "remove"], "flush");
    if (this.#isClosed) return Promise.reject(new TypeError("this automatic backup is closed"));
    const change = ++this.#changes;
    this.#mark(true);
    const result = new Promise<BackupReceipt>((resolve, reject) => {
      this.#waiters.push({ change, resolve, reject });
    });
    this.#isPaused = false;
    this.#run(options);
    return result;
  }

  /** Starts no further backup until `resume()`. Changes are still marked. */
  pause(): void {
    if (this.#isClosed) return;
    this.#isPaused = true;
    this.#clearTimers();
    if (!this.#running) this.#set({ state: "paused", retryAt: undefined });
  }

  /** Goes on, with a look at whether anything has changed. */
  resume(): void {
    if (this.#isClosed || !this.#isPaused) return;
    this.#isPaused = false;
    this.#failures = 0;
    void this.#check();
  }

  /** Stops for good. What is not stored stays marked, and is found at the next start. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#clearTimers();
    this.#abort.abort(new TypeError("the automatic backup was closed"));
    for (const waiter of this.#takeWaiters(this.#changes)) waiter.reject(this.#abort.signal.reason);
    this.#set({ state: "closed", retryAt: undefined });
    this.#wallet.onClose();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.#running;
    await this.#marking;
  }

  /** Looks whether the wallet holds anything that is not acknowledged, and backs it up if so. */
  async #check(): Promise<void> {
    this.#clearTimers();
    const { clock } = this.#wallet;
    this.#checkTimer = clock.setTimeout(() => void this.#check(), CHECK_MS, "background");
    if (this.#running) return;
    try {
      const isMarked = this.#changes > this.#stored || (await this.#wallet.isDirty());
      const isStored = !isMarked && (await this.#wallet.isAcknowledged(await this.#options.read()));
      if (this.#isClosed || this.#isPaused || this.#running) return;
      if (isStored) {
        this.#set({ state: this.#changes > this.#stored ? "dirty" : "idle" });
        return;
      }
      if (this.#changes === this.#stored) this.#changes++;
      this.#run();
    } catch (error) {
      this.#fail(error, this.#changes);
    }
  }

  #run(options?: Pick<BackupOptions, "allowShrink" | "remove">): void {
    if (options) this.#nextOptions = options;
    if (this.#running) return;
    this.#running = this.#loop().finally(() => {
      this.#running = undefined;
      if (this.#isClosed || this.#status.state === "failed" || this.#status.state === "conflict") return;
      if (this.#isPaused) this.#set({ state: "paused" });
      else if (this.#changes > this.#stored) this.#schedule();
    });
  }

  /** One backup; more at once only for those who wait for one. */
  async #loop(): Promise<void> {
    do {
      this.#wallet.clock.clearTimeout(this.#timer);
      this.#set({ state: "saving", retryAt: undefined });
      const options = this.#nextOptions;
      this.#nextOptions = {};
      this.#firstChangeAt = undefined;
      let change = this.#changes;
      try {
        await this.#marking;
        change = this.#changes;
        const dump = await this.#options.read();
        const receipt = await this.#wallet.backup(dump, { ...options, signal: this.#abort.signal });
        this.#succeed(receipt, change);
      } catch (error) {
        this.#fail(error, change);
        return;
      }
    } while (this.#waiters.length > 0 && !this.#isClosed);
  }

  #succeed(receipt: BackupReceipt, change: number): void {
    this.#stored = change;
    this.#failures = 0;
    const isAll = this.#changes === change;
    if (isAll) this.#mark(false);
    for (const waiter of this.#takeWaiters(change)) waiter.resolve(receipt);
    this.#set({ state: isAll ? "idle" : "dirty", error: undefined, retryAt: undefined, receipt });
  }

  #fail(error: unknown, change: number): void {
    if (this.#isClosed) return;
    this.#failures++;
    if (!isRetryable(error)) {
      for (const waiter of this.#takeWaiters(change)) waiter.reject(error);
      this.#set({ state: error instanceof RevisionConflictError ? "conflict" : "failed", error, retryAt: undefined });
      return;
    }
    const { clock, random } = this.#wallet;
    const delayMs = retryDelayMs(this.#failures, RETRY, random, error);
    if (!this.#isPaused) this.#timer = clock.setTimeout(() => this.#run(), delayMs, "background");
    this.#set({ state: "failed", error, retryAt: new Date(clock.now() + delayMs) });
  }

  /** A quiet second after the last change, ten after the first at most. */
  #schedule(): void {
    const { clock } = this.#wallet;
    const now = clock.now();
    const latest = (this.#firstChangeAt ?? now) + LONGEST_MS;
    clock.clearTimeout(this.#timer);
    this.#timer = clock.setTimeout(() => this.#run(), Math.max(0, Math.min(QUIET_MS, latest - now)), "background");
  }

  #mark(dirty: boolean): void {
    if (this.#isMarked === dirty) return;
    this.#isMarked = dirty;
    this.#marking = this.#marking
      .then(() => this.#wallet.setDirty(dirty))
      .catch((error: unknown) => {
        this.#isMarked = undefined;
        this.#fail(error, this.#changes);
      });
  }

  #takeWaiters(change: number): Waiter[] {
    const taken = this.#waiters.filter((waiter) => waiter.change <= change);
    this.#waiters = this.#waiters.filter((waiter) => waiter.change > change);
    return taken;
  }

  #clearTimers(): void {
    this.#wallet.clock.clearTimeout(this.#timer);
    this.#wallet.clock.clearTimeout(this.#checkTimer);
  }

  #set(change: Partial<AutoStatus>): void {
    this.#status = { ...this.#status, ...change };
    this.#options.onStatus?.(this.#status);
  }
}
