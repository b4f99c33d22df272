import type { Dump } from "@cloudbackup/core";
import { vi } from "vitest";
import { AutoBackup, type AutoBackupOptions } from "../../src/auto-backup.ts";
import type { AutoBackupAttempt, AutoBackupWallet } from "../../src/backup-loop.ts";
import type { BackupReceipt } from "../../src/write-backup.ts";
import { FakeClock, settle } from "./fake-clock.ts";

interface Attempt {
  dump: Dump;
  options: AutoBackupAttempt;
  succeed(): Promise<void>;
  /** The content was replaced before its turn came. */
  refuse(): Promise<void>;
  fail(error: unknown): Promise<void>;
}

/** A wallet whose dump is a number, and a server that answers when the test says so. */
export class FakeWallet {
  readonly clock = new FakeClock();
  readonly attempts: Attempt[] = [];
  /** In order, what the storage was told and what was sent. */
  readonly log: string[] = [];
  content = 0;
  acknowledged: number | undefined = 0;
  /** What the storage has of it. */
  dirtySince: number | undefined;
  /** Whether the platform says that there is a network. */
  online = true;
  readonly listeners = new Set<() => void>();
  standing = "base";
  onStanding = () => {};
  readonly onTakeover = new Set<() => void>();
  underWay = 0;
  mostUnderWay = 0;
  closed = false;
  #revision = 0;

  readonly read = vi.fn((): Dump | Promise<Dump> => this.dump(this.content));

  dump(content: number): Dump {
    return { accounts: [], pairings: [], "acme.content": [content] };
  }

  change(): void {
    this.content++;
  }

  get last(): Attempt {
    return this.attempts.at(-1) as Attempt;
  }

  start(options: Partial<AutoBackupOptions> = {}, parts: Partial<AutoBackupWallet> = {}): AutoBackup {
    return new AutoBackup(
      { read: this.read, ...options },
      {
        clock: this.clock,
        random: () => Uint8Array.of(255, 255),
        connectivity: {
          isOnline: () => this.online,
          onChange: (listener) => {
            this.listeners.add(listener);
            return () => this.listeners.delete(listener);
          },
        },
        servers: 1,
        standing: async () => {
          this.onStanding();
          return this.standing;
        },
        backup: (dump, backupOptions) => this.#backup(dump, backupOptions),
        merge: () => Promise.reject(new Error("nobody merges here")),
        storedAt: async () => new Date(0),
        dirtySince: async () => this.dirtySince,
        setDirty: async (since, keepsEarlier) => {
          this.log.push(`dirty ${since !== undefined}`);
          this.dirtySince = keepsEarlier ? (this.dirtySince ?? since) : since;
          return this.dirtySince;
        },
        isAcknowledged: async (dump) => contentOf(dump) === this.acknowledged,
        onTakeover: this.onTakeover,
        onClose: () => {
          this.closed = true;
        },
        ...parts,
      },
    );
  }

  get dirty(): boolean {
    return this.dirtySince !== undefined;
  }

  /** The platform says so. */
  async goes(online: boolean): Promise<void> {
    this.online = online;
    for (const listener of this.listeners) listener();
    await settle();
  }

  #backup(dump: Dump, options: AutoBackupAttempt): Promise<BackupReceipt | undefined> {
    this.log.push(`backup ${contentOf(dump)}`);
    this.mostUnderWay = Math.max(this.mostUnderWay, ++this.underWay);
    return new Promise((resolve, reject) => {
      const end = async (how: () => void) => {
        this.underWay--;
        how();
        await settle();
      };
      options.signal?.addEventListener("abort", () => void end(() => reject(options.signal?.reason)));
      this.attempts.push({
        dump,
        options,
        succeed: () => {
          this.acknowledged = contentOf(dump);
          return end(() => resolve(receiptOf(++this.#revision)));
        },
        refuse: () => end(() => resolve(undefined)),
        fail: (error) => end(() => reject(error)),
      });
    });
  }
}

export const contentOf = (dump: Dump) => (dump["acme.content"] as number[])[0];
export const receiptOf = (revision: number): BackupReceipt => ({
  revision,
  sha256: "00".repeat(32),
  storedAt: new Date(0),
  changed: true,
  bytesSent: 1,
});
