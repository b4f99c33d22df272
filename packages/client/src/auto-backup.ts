import type { Dump, MergeResolver } from "@cloudbackup/core";
import { throwIfAborted } from "./abort.ts";
import { Alarm } from "./alarm.ts";
import { type AutoStatus, StatusBoard } from "./auto-status.ts";
import { type AutoBackupWallet, BackupLoop, type BackupLoopHost } from "./backup-loop.ts";
import type { FlushOptions } from "./changes.ts";
import { assertInteger, assertKnown, assertType } from "./checks.ts";
import { LONGEST_TIMER_MS } from "./clock.ts";
import type { ApplyMerged } from "./merge-backup.ts";
import type { BackupOptions, BackupReceipt } from "./write-backup.ts";

/** What an automatic backup reads, and whom it tells. */
export interface AutoBackupOptions<D extends Dump = Dump> {
  /** The wallet's dump as it is now. Called for every backup, and to look for changes of which nobody told. */
  read: () => D | Promise<D>;
  /**
   * Takes over what another device wrote, merged with what this wallet holds; it is backed up once that has resolved, and never
   * before. Where it throws, the state is `failed`, nothing was sent, and it is tried again after the next change and every
   * five minutes. It must not wait for a backup of this wallet. Without it, another device's backup is a `conflict`.
   */
  apply?: ApplyMerged<D> | undefined;
  /**
   * Chooses where both devices changed the same and no rule unites it; by default the server's value stands. Where it throws, the
   * state is `conflict`, and the error a MergeConflictError.
   */
  resolve?: MergeResolver | undefined;
  /**
   * Called at every change of `status`. What it throws is its own affair.
   *
   * @param status the new one
   */
  onStatus?: ((status: AutoStatus) => void) | undefined;
  /** How long a change may wait until the state is `overdue`. By default 30 minutes. */
  overdueMs?: number | undefined;
}

/** A change of which nobody told is found within that time. */
const CHECK_MS = 5 * 60_000;
const OVERDUE_MS = 30 * 60_000;

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
  readonly #read: AutoBackupOptions["read"];
  readonly #board: StatusBoard;
  readonly #loop: BackupLoop;
  readonly #look: Alarm;
  readonly #overdue: Alarm;
  readonly #overdueMs: number;
  readonly #forgetConnectivity: () => void;

  /** @internal use `WalletBackup.autoBackup` */
  constructor(options: AutoBackupOptions, wallet: AutoBackupWallet) {
    assertKnown(options, ["read", "apply", "resolve", "onStatus", "overdueMs"], "autoBackup");
    const { read, apply, resolve, onStatus, overdueMs = OVERDUE_MS } = options;
    if (typeof read !== "function") throw new TypeError("read must be a function");
    assertType(apply, "function", "apply");
    assertType(resolve, "function", "resolve");
    assertType(onStatus, "function", "onStatus");
    assertInteger(overdueMs, "overdueMs", 1, LONGEST_TIMER_MS);
    this.#wallet = wallet;
    this.#read = () => options.read();
    const onChange = () => this.#show();
    const merge: BackupLoopHost["merge"] = async (how) => {
      // What this takes over is backed up next in any case.
      wallet.onTakeover.delete(this.#takenOver);
      try {
        return await wallet.merge({ ...how, read: this.#read, apply: options.apply as ApplyMerged, resolve });
      } finally {
        if (!this.#isClosed) wallet.onTakeover.add(this.#takenOver);
      }
    };
    this.#loop = new BackupLoop(wallet, { read: this.#read, merge: apply && merge, onChange });
    this.#board = new StatusBoard(this.#loop.status(false), onStatus);
    this.#look = new Alarm(wallet.clock, () => void this.check());
    this.#overdue = new Alarm(wallet.clock, onChange);
    this.#overdueMs = overdueMs;
    wallet.onTakeover.add(this.#takenOver);
    this.#forgetConnectivity = wallet.connectivity.onChange(() => this.#loop.hurry());
    void this.check();
  }

  /** What is safe now. A new, frozen object after every change. */
  get status(): AutoStatus {
    return this.#board.shown;
  }

  /**
   * `for await (const status of auto)`: the status as it is, then each new one, until it is closed. Who reads slowly gets the
   * latest, and not those that were in between.
   */
  [Symbol.asyncIterator](): AsyncIterator<AutoStatus, undefined> {
    return this.#board.iterate();
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
    this.#loop.count({ sections });
    this.#show();
  }

  /**
   * Resolves when the wallet as it is at this call is stored, with the receipt of the backup that holds it: the barrier
   * before an address of a newly paired account is shown. Goes on while the server cannot be reached.
   *
   * @param options `servers`: how many must have stored it, by default the quorum; a wallet at one server has one. `signal` ends
   *   the wait, and nothing else: `signal.reason` is thrown
   * @throws the error that only a person can mend, of those that `WalletBackup.backup` throws; RangeError: more `servers` than
   *   there are; TypeError: it is closed
   */
  async durable(
    options: { servers?: number | undefined; signal?: AbortSignal | undefined } = {},
  ): Promise<BackupReceipt> {
    assertKnown(options, ["servers", "signal"], "durable");
    const { servers, signal } = options;
    assertInteger(servers, "servers", 1, this.#wallet.servers);
    return this.#flush({ servers }, signal);
  }

  /**
   * The same; options are those of the one backup that it causes. While paused or offline it tries once, and again on
   * `resume()`, or when there is a network.
   *
   * @param options `allowShrink` and `remove`, as `WalletBackup.backup` takes them; `signal` as `durable`
   * @throws what `durable` throws
   */
  async flush(options: Pick<BackupOptions, "allowShrink" | "remove" | "signal"> = {}): Promise<BackupReceipt> {
    assertKnown(options, ["allowShrink", "remove", "signal"], "flush");
    const { signal, ...rest } = options;
    return this.#flush(rest, signal);
  }

  /** Starts no backup by itself until `resume()`. Changes are still marked. */
  pause(): void {
    if (this.#isClosed || this.#loop.isPaused) return;
    this.#loop.isPaused = true;
    this.#look.clear();
    this.#show();
  }

  /** Goes on, with a look at whether anything has changed. */
  resume(): void {
    if (this.#isClosed || !this.#loop.isPaused) return;
    this.#loop.isPaused = false;
    this.#loop.hurry();
    void this.check();
  }

  /** Stops for good. What is not stored stays marked, and is found at the next start. */
  close(): void {
    if (this.#isClosed) return;
    this.#look.clear();
    this.#loop.close(closed());
    this.#show();
    this.#overdue.clear();
    this.#forgetConnectivity();
    this.#wallet.onTakeover.delete(this.#takenOver);
    this.#wallet.onClose();
  }

  /** The same as `close()`, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Closes, and resolves when nothing runs any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.#loop.ended();
  }

  /** Looks now, as it does every five minutes, whether anything is not acknowledged, and backs it up if so. */
  async check(): Promise<void> {
    const loop = this.#loop;
    if (this.#isClosed || loop.isPaused) return;
    this.#look.set(CHECK_MS);
    const isOff = () => this.#isClosed || loop.isPaused || loop.isRunning || loop.isRetrying;
    if (isOff()) return;
    try {
      await loop.dirty.load();
      const storedAt = loop.storedAt ?? (await this.#wallet.storedAt());
      const isStored = await this.#isStored();
      if (isOff()) return;
      loop.storedAt = storedAt;
      const { told, stored } = loop.changes;
      if (!isStored) {
        if (told === stored) loop.count();
        loop.hurry();
      } else if (told === stored) {
        loop.failure = undefined;
      }
      this.#show();
    } catch (error) {
      if (!isOff()) loop.fail(error);
    }
  }

  async #isStored(): Promise<boolean> {
    if (this.#loop.isBehind) return false;
    const standing = await this.#wallet.standing();
    return this.#wallet.isAcknowledged(await this.#read(), standing);
  }

  /** The wallet's content was replaced. What runs may hold the one before: another backup follows it. */
  readonly #takenOver = (): void => {
    this.#loop.storedAt = undefined;
    if (this.#loop.isRunning) this.#loop.count();
    else void this.check();
  };

  async #flush(options: FlushOptions, signal: AbortSignal | undefined): Promise<BackupReceipt> {
    if (this.#isClosed) throw closed();
    throwIfAborted(signal);
    const stored = this.#loop.waiters.wait(this.#loop.count({ ...options, sections: undefined }), signal);
    this.#loop.run();
    return stored;
  }

  get #isClosed(): boolean {
    return this.status.state === "closed";
  }

  #show(): void {
    if (this.#isClosed) return;
    const { since } = this.#loop.dirty;
    const leftMs = since === undefined ? this.#overdueMs : since + this.#overdueMs - this.#wallet.clock.now();
    if (since === undefined || leftMs <= 0) this.#overdue.clear();
    // The clock may have been set back.
    else this.#overdue.set(Math.min(leftMs, this.#overdueMs));
    this.#loop.plan();
    this.#board.show(this.#loop.status(leftMs <= 0));
  }
}

function isListOfText(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function closed(): TypeError {
  return new TypeError("this automatic backup is closed");
}
