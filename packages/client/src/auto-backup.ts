import type { Dump, Random } from "@cloudbackup/core";
import { assertKnown, assertType } from "./checks.ts";
import type { Clock } from "./clock.ts";
import { DirtyMark } from "./dirty-mark.ts";
import { RevisionConflictError } from "./errors.ts";
import { isRetryable, retryDelayMs } from "./retry.ts";
import type { BackupOptions, BackupReceipt } from "./write-backup.ts";

/** What an automatic backup reads, and whom it tells. */
export interface AutoBackupOptions<D extends Dump = Dump> {
  /** The wallet's dump as it is now. Called for every backup, and to look for changes of which nobody told. */
  read: () => D | Promise<D>;
  /**
   * Called at every change of `status`. What it throws is its own affair.
   *
   * @param status the new one
   */
  onStatus?: ((status: AutoStatus) => void) | undefined;
}

/** What is safe, and what is being done about the rest. */
export interface AutoStatus {
  /**
   * `idle`: all that is known of is stored; `dirty`: a change waits; `saving`; `failed`: tried again at `retryAt`, else
   * after the next change and every five minutes; `conflict`: the same, another device has written, restore first;
   * `paused`; `closed`.
   */
  readonly state: "idle" | "dirty" | "saving" | "failed" | "conflict" | "paused" | "closed";
  /** Why the last try failed; undefined once all is stored. */
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
  /** What its content stands on now. */
  standing(): Promise<string>;
  /**
   * @param options.changed names of the sections that may differ from the last dump; undefined: any may
   * @param options.standing of before the dump was read
   * @returns undefined: the wallet stands on something else by now, nothing was stored
   */
  backup(dump: Dump, options: AutoBackupAttempt): Promise<BackupReceipt | undefined>;
  isDirty(): Promise<boolean>;
  setDirty(dirty: boolean): Promise<void>;
  /** Whether the last acknowledged backup holds the same as the dump; asks nobody. */
  isAcknowledged(dump: Dump, standing: string): Promise<boolean>;
  /** Called when a backup was taken over, through whichever handle of this wallet. */
  onTakeover: Set<() => void>;
  onClose(): void;
}

/** @inline */
export type AutoBackupAttempt = BackupOptions & { changed: readonly string[] | undefined; standing: string };

/** A backup follows the last change after so long without another … */
const QUIET_MS = 1_000;
/** … and the first after so long at most. */
const LONGEST_MS = 10_000;
/** A change of which nobody told is found within that time. */
const CHECK_MS = 5 * 60_000;
const RETRY = { baseMs: 1_000, maxMs: 5 * 60_000 };

/** @inline */
type FlushOptions = Pick<BackupOptions, "allowShrink" | "remove">;
/** Of sections; undefined: of all. */
type Names = ReadonlySet<string> | undefined;
const NONE: Names = new Set();
type Waiter = { change: number; resolve: (receipt: BackupReceipt) => void; reject: (error: unknown) => void };

/**
 * Backs a wallet up whenever it changes. One backup at a time; changes meanwhile cause exactly one more. A change is
 * marked in the storage before anything else, so that a process that dies finds it again; and what the wallet holds is
 * compared with what was acknowledged at start, on `resume()` and every five minutes, so that a forgotten `changed()` is
 * found too.
 *
 * `WalletBackup.autoBackup` makes it.
 */
export class AutoBackup {
  readonly #wallet: AutoBackupWallet;
  readonly #options: AutoBackupOptions;
  #status: AutoStatus = { state: "idle", error: undefined, retryAt: undefined, receipt: undefined };
  /** Counts changes: what a backup holds is every change up to the count at its `read`. */
  #changes = 0;
  #stored = 0;
  /** The count of the last try, be it stored or not. */
  #tried = 0;
  #firstChangeAt: number | undefined;
  #failures = 0;
  #running: Promise<void> | undefined;
  #timer: unknown;
  #checkTimer: unknown;
  #isPaused = false;
  #isClosed = false;
  #waiters: Waiter[] = [];
  /** Those of the next backup. */
  #flushOptions: FlushOptions = {};
  /** Those that may have changed since the dump of the last backup that was stored. */
  #sections: Names = NONE;
  readonly #dirty: DirtyMark;
  readonly #abort = new AbortController();

  /** @internal use `WalletBackup.autoBackup` */
  constructor(options: AutoBackupOptions, wallet: AutoBackupWallet) {
    assertKnown(options, ["read", "onStatus"], "autoBackup");
    if (typeof options.read !== "function") throw new TypeError("read must be a function");
    assertType(options.onStatus, "function", "onStatus");
    this.#options = options;
    this.#wallet = wallet;
    this.#dirty = new DirtyMark((dirty) => wallet.setDirty(dirty));
    wallet.onTakeover.add(this.#look);
    void this.check();
  }

  /** What is safe now. A new, frozen object after every change. */
  get status(): AutoStatus {
    return this.#status;
  }

  /**
   * The wallet has changed. Returns at once; a backup follows after a quiet second, after ten at most.
   *
   * @param sections names of all sections that this change touched, so that the others need not be looked at; without them
   *   any may have changed
   * @throws TypeError for what is no list of names, and where it is closed
   */
  changed(sections?: readonly string[]): void {
    if (this.#isClosed) throw closed();
    if (sections !== undefined && !isListOfText(sections)) throw new TypeError("sections must be a list of names");
    this.#countChange(sections);
    // A server that cannot be reached is not asked more often because the wallet changes.
    if (!this.#isPaused && !this.#running && !this.#status.retryAt) this.#schedule();
  }

  /**
   * Resolves when the wallet as it is at this call is stored, with the receipt of the backup that holds it: the barrier
   * before an address of a newly paired account is shown. Goes on while the server cannot be reached.
   *
   * @throws the error that only a person can mend, of those that `WalletBackup.backup` throws; TypeError: it is closed
   */
  durable(): Promise<BackupReceipt> {
    return this.flush();
  }

  /**
   * The same; options are those of the one backup that it causes. While paused it tries once, and again on `resume()`.
   *
   * @param options `allowShrink` and `remove`, as `WalletBackup.backup` takes them
   * @throws what `durable` throws
   */
  async flush(options: FlushOptions = {}): Promise<BackupReceipt> {
    assertKnown(options, ["allowShrink", "remove"], "flush");
    if (this.#isClosed) throw closed();
    const change = this.#countChange();
    this.#flushOptions = united(this.#flushOptions, options);
    const stored = new Promise<BackupReceipt>((resolve, reject) => {
      this.#waiters.push({ change, resolve, reject });
    });
    this.#run();
    return stored;
  }

  /** Starts no backup by itself until `resume()`. Changes are still marked. */
  pause(): void {
    if (this.#isClosed || this.#isPaused) return;
    this.#isPaused = true;
    this.#clearTimers();
    if (!this.#running) this.#set({ state: "paused", retryAt: undefined });
  }

  /** Goes on, with a look at whether anything has changed. */
  resume(): void {
    if (this.#isClosed || !this.#isPaused) return;
    this.#isPaused = false;
    this.#failures = 0;
    void this.check();
  }

  /** Stops for good. What is not stored stays marked, and is found at the next start. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#clearTimers();
    this.#abort.abort(closed());
    for (const waiter of this.#takeWaiters(this.#changes)) waiter.reject(closed());
    this.#set({ state: "closed", retryAt: undefined });
    this.#wallet.onTakeover.delete(this.#look);
    this.#wallet.onClose();
  }

  /** The same as `close()`, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Closes, and resolves when nothing runs any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.#running;
    await this.#dirty.settled();
  }

  /** Looks now, as it does every five minutes, whether anything is not acknowledged, and backs it up if so. */
  async check(): Promise<void> {
    if (this.#isClosed || this.#isPaused) return;
    const { clock } = this.#wallet;
    clock.clearTimeout(this.#checkTimer);
    this.#checkTimer = clock.setTimeout(() => void this.check(), CHECK_MS, "background");
    const isOff = () => this.#isClosed || this.#isPaused || this.#running || this.#status.retryAt;
    if (isOff()) return;
    try {
      const isStored = await this.#isStored();
      if (isOff()) return;
      if (!isStored) {
        if (this.#changes === this.#stored) this.#countChange();
        this.#run();
      } else if (this.#changes === this.#stored) {
        this.#set({ state: "idle", error: undefined });
      }
    } catch (error) {
      if (!isOff()) this.#fail(error, this.#changes);
    }
  }

  /** The wallet's content was replaced. What runs may hold the one before: another backup follows it. */
  readonly #look = (): void => {
    if (this.#running) this.#countChange();
    else void this.check();
  };

  async #isStored(): Promise<boolean> {
    if (this.#changes > this.#stored || (await this.#wallet.isDirty())) return false;
    const standing = await this.#wallet.standing();
    return this.#wallet.isAcknowledged(await this.#options.read(), standing);
  }

  #run(): void {
    if (this.#running) return;
    this.#running = this.#loop().finally(() => {
      this.#running = undefined;
      if (this.#isClosed) return;
      if (this.#isPaused) this.#set({ state: "paused", retryAt: undefined });
      else if (this.#changes > this.#tried && !this.#status.retryAt) this.#schedule();
    });
  }

  /** One backup; more at once only for those who wait for one. */
  async #loop(): Promise<void> {
    do {
      this.#wallet.clock.clearTimeout(this.#timer);
      this.#set({ state: "saving", retryAt: undefined });
      await this.#dirty.settled();
      if (this.#isClosed) return;
      // `read` comes later: this backup holds all that is counted here, and what comes meanwhile causes one more.
      const change = this.#changes;
      const options = this.#flushOptions;
      this.#flushOptions = {};
      const sections = this.#sections;
      this.#sections = NONE;
      this.#firstChangeAt = undefined;
      this.#tried = change;
      try {
        const { signal } = this.#abort;
        let receipt: BackupReceipt | undefined;
        while (!receipt) {
          const standing = await this.#wallet.standing();
          // The dump is of one moment: what was counted since is in it, too.
          const names = unitedNames(sections, this.#sections);
          const dump = await this.#options.read();
          const changed = names && [...names];
          receipt = await this.#wallet.backup(dump, { ...options, changed, standing, signal });
        }
        this.#succeed(receipt, change);
      } catch (error) {
        this.#sections = unitedNames(sections, this.#sections);
        if (isRetryable(error)) this.#flushOptions = united(options, this.#flushOptions);
        this.#fail(error, change);
        if (isRetryable(error)) return;
      }
    } while (this.#waiters.length > 0 && !this.#isClosed);
  }

  #succeed(receipt: BackupReceipt, change: number): void {
    this.#stored = change;
    this.#failures = 0;
    const isAll = this.#changes === change;
    if (isAll) this.#dirty.set(false);
    for (const waiter of this.#takeWaiters(change)) waiter.resolve(receipt);
    if (!this.#isClosed) this.#set({ state: isAll ? "idle" : "dirty", error: undefined, receipt });
  }

  #fail(error: unknown, change: number): void {
    if (this.#isClosed) return;
    if (!isRetryable(error)) {
      this.#failures = 0;
      for (const waiter of this.#takeWaiters(change)) waiter.reject(error);
      this.#set({ state: error instanceof RevisionConflictError ? "conflict" : "failed", error });
      return;
    }
    this.#failures++;
    const { clock, random } = this.#wallet;
    const delayMs = retryDelayMs(this.#failures, RETRY, random, error);
    if (!this.#isPaused) this.#timer = clock.setTimeout(() => this.#run(), delayMs, "background");
    this.#set({ state: "failed", error, retryAt: this.#isPaused ? undefined : new Date(clock.now() + delayMs) });
  }

  /** A quiet second after the last change, ten after the first at most. */
  #schedule(): void {
    const { clock } = this.#wallet;
    const now = clock.now();
    const latest = (this.#firstChangeAt ?? now) + LONGEST_MS;
    clock.clearTimeout(this.#timer);
    this.#timer = clock.setTimeout(() => this.#run(), Math.max(0, Math.min(QUIET_MS, latest - now)), "background");
    if (this.#status.state !== "dirty") this.#set({ state: "dirty" });
  }

  /** @param sections that changed; without them any may have */
  #countChange(sections?: readonly string[]): number {
    this.#sections = unitedNames(this.#sections, sections && new Set(sections));
    this.#dirty.set(true);
    this.#firstChangeAt ??= this.#wallet.clock.now();
    return ++this.#changes;
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
    this.#status = Object.freeze({ ...this.#status, ...change });
    void this.#tell(this.#status);
  }

  async #tell(status: AutoStatus): Promise<void> {
    try {
      await this.#options.onStatus?.(status);
    } catch {
      // A broken view of the status must not keep the wallet from being backed up.
    }
  }
}

function united(a: FlushOptions, b: FlushOptions): FlushOptions {
  return {
    allowShrink: (a.allowShrink ?? false) || (b.allowShrink ?? false),
    remove: [...new Set([...(a.remove ?? []), ...(b.remove ?? [])])],
  };
}

function unitedNames(a: Names, b: Names): Names {
  return a && b && new Set([...a, ...b]);
}

function isListOfText(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function closed(): TypeError {
  return new TypeError("this automatic backup is closed");
}
