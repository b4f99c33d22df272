import { reasonOf, throwIfAborted } from "./abort.ts";
import type { BackupReceipt } from "./write-backup.ts";

interface Waiter {
  change: number;
  resolve: (receipt: BackupReceipt) => void;
  reject: (error: unknown) => void;
}

/** Those who wait until a change is stored. */
export class Waiters {
  #all: Waiter[] = [];

  /** Whether somebody waits for a change after that one. */
  waitBeyond(change: number): boolean {
    return this.#all.some((waiter) => waiter.change > change);
  }

  /**
   * @param signal ends the wait, and nothing else
   * @throws what `end` rejects with; `signal.reason`
   */
  wait(change: number, signal: AbortSignal | undefined): Promise<BackupReceipt> {
    throwIfAborted(signal);
    let abort = () => {};
    const stored = new Promise<BackupReceipt>((resolve, reject) => {
      const waiter: Waiter = { change, resolve, reject };
      abort = () => {
        this.#all = this.#all.filter((other) => other !== waiter);
        reject(reasonOf(signal as AbortSignal));
      };
      signal?.addEventListener("abort", abort);
      this.#all.push(waiter);
    });
    return stored.finally(() => signal?.removeEventListener("abort", abort));
  }

  /** Ends the wait of those whose change is in that backup, or was to be. */
  end(change: number, how: (waiter: Waiter) => void): void {
    const ended = this.#all.filter((waiter) => waiter.change <= change);
    this.#all = this.#all.filter((waiter) => waiter.change > change);
    ended.forEach(how);
  }
}
