import { type AnySectionDefinition, type BackupKeys, type DumpOf, prepareDump } from "@cloudbackup/core";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { AutoBackup, type AutoBackupOptions } from "./auto-backup.ts";
import { assertInteger, assertKnown } from "./checks.ts";
import { NoWalletError, WentBackError } from "./errors.ts";
import type { OnProgress } from "./progress.ts";
import { readBackup, takeOver } from "./read-backup.ts";
import { compareWithBackup, type VerifyReport } from "./verify.ts";
import { explainAbsence, type WalletParts } from "./wallet-parts.ts";
import type { HistoryEntry } from "./wallet-requests.ts";
import { Work } from "./work.ts";
import { type BackupOptions, type BackupReceipt, isAcknowledged, writeBackup } from "./write-backup.ts";

export interface RestoreOptions {
  signal?: AbortSignal | undefined;
  onProgress?: OnProgress | undefined;
  /** An older revision, to look at: it never becomes this device's. */
  revision?: number | undefined;
  /** The least generation to expect; a lower one means that the server went back. */
  minGen?: number | undefined;
}

export interface RestoredBackup<Definitions extends readonly AnySectionDefinition[] = []> {
  dump: DumpOf<Definitions>;
  revision: number;
  gen: number;
  /** When it was written, by its writer's clock. */
  at: Date;
  /** Which installation wrote it, hex. */
  device: string;
  app: string | undefined;
  /**
   * Whether this device was told of changes (`autoBackup().changed()`) that no server has acknowledged: a wallet that now
   * loads the dump over what it holds loses them.
   */
  unsavedChanges: boolean;
  /**
   * Says that the wallet took the dump: only now does this device hold what the server holds, and may back up.
   *
   * @throws RevisionConflictError where this device has gone on meanwhile; TypeError for an older revision
   */
  accept(): Promise<void>;
}

const BACKUP_OPTIONS = ["signal", "onProgress", "replace", "remove", "allowShrink"];
const RESTORE_OPTIONS = ["signal", "onProgress", "revision", "minGen"];

/** One wallet at one server. Made by `client.openWallet`. */
export class WalletBackup<Definitions extends readonly AnySectionDefinition[] = []> {
  readonly #parts: WalletParts;
  readonly #keys: BackupKeys;
  readonly #work = new Work("this wallet");
  #auto: AutoBackup | undefined;

  constructor(parts: WalletParts) {
    this.#parts = parts;
    this.#keys = parts.keys;
  }

  /** H(seed) at this server, lower-case hex. */
  get id(): string {
    return this.#keys.walletId;
  }

  /**
   * Backs a dump up: the first time whole, then what changed. Registers the wallet at the first.
   *
   * @throws RestoreFirstError, WouldShrinkError, RevisionConflictError, NotYoursError, WalletGoneError, WentBackError,
   *   ForkError: nothing was stored; InvalidDumpError, TooLargeError; NotSignedInError, UnreachableError and the server's
   *   own; `signal.reason`
   */
  async backup(dump: DumpOf<Definitions>, options: BackupOptions = {}): Promise<BackupReceipt> {
    assertKnown(options, BACKUP_OPTIONS, "backup");
    return this.#inTurn(() => writeBackup(this.#parts, dump, options));
  }

  /**
   * The latest backup, fetched whole, opened and checked against all that this device has seen.
   *
   * @throws NoWalletError, NotYoursError, NoBackupError, NotSignedInError, UnreachableError, DoesNotDecryptError,
   *   TamperedError, IncompleteError, UnsupportedVersionError, WentBackError, ForkError, WalletGoneError,
   *   AnotherRealmError: never an empty dump instead of one of them
   */
  async restore(options: RestoreOptions = {}): Promise<RestoredBackup<Definitions>> {
    assertKnown(options, RESTORE_OPTIONS, "restore");
    const { revision, minGen } = options;
    assertInteger(revision, "revision", 1);
    assertInteger(minGen, "minGen", 1);
    const read = await this.#work.run(async () => ({
      ...(await readBackup<Definitions>(this.#parts, revision ?? "latest", options)),
      unsavedChanges: await this.#parts.local.isDirty(),
    }));
    // The wallet is about to load another content, of which nobody says what has changed.
    this.#parts.dumps.forget();
    const { dump, manifest } = read.opened;
    if (minGen !== undefined && manifest.gen < minGen) {
      throw new WentBackError(
        `The server holds generation ${manifest.gen}, at least ${minGen} was expected: it went back`,
      );
    }
    return {
      dump,
      revision: manifest.revision,
      gen: manifest.gen,
      at: new Date(manifest.at),
      device: bytesToHex(manifest.device),
      app: manifest.app,
      unsavedChanges: read.unsavedChanges,
      accept: async () => {
        if (revision !== undefined) {
          throw new TypeError("an older revision never becomes this device's: restore the latest");
        }
        this.#parts.dumps.forget();
        await this.#inTurn(() => takeOver(this.#parts, read));
        void this.#auto?.check();
      },
    };
  }

  /** The revisions that the server keeps, newest first. @throws NoWalletError, NotYoursError, WalletGoneError */
  async history(options: { signal?: AbortSignal | undefined } = {}): Promise<HistoryEntry[]> {
    assertKnown(options, ["signal"], "history");
    const { signal } = options;
    return this.#work.run(async () => {
      try {
        return await this.#parts.requests.history(signal);
      } catch (error) {
        throw await explainAbsence(error, this.#parts, signal);
      }
    });
  }

  /**
   * A restore drill: fetches the latest backup, opens it with the keys alone, and compares it with the dump.
   *
   * @throws whatever `restore` would
   */
  async verify(
    dump: DumpOf<Definitions>,
    options: Pick<RestoreOptions, "signal" | "onProgress"> = {},
  ): Promise<VerifyReport> {
    assertKnown(options, ["signal", "onProgress"], "verify");
    const { clock, sections } = this.#parts.options;
    return this.#work.run(async () => {
      const prepared = prepareDump(dump, { keys: this.#keys, sections });
      const { opened } = await readBackup(this.#parts, "latest", options);
      return compareWithBackup(prepared, opened, new Date(clock.now()));
    });
  }

  /**
   * Keeps the wallet backed up by itself, from now until it is closed.
   *
   * @throws TypeError where one does so already
   */
  autoBackup(options: AutoBackupOptions<DumpOf<Definitions>>): AutoBackup {
    if (this.#auto) throw new TypeError("this wallet has an automatic backup already: close it first");
    const { local } = this.#parts;
    const { clock, random } = this.#parts.options;
    const reader = {};
    this.#auto = new AutoBackup(options, {
      clock,
      random,
      backup: (dump, { changed, ...backupOptions }) =>
        this.#inTurn(() => writeBackup(this.#parts, dump, backupOptions, { reader, changed })),
      isDirty: () => this.#work.run(() => local.isDirty()),
      setDirty: (dirty) => this.#work.run(() => local.setDirty(dirty)),
      isAcknowledged: (dump) => this.#work.run(() => isAcknowledged(this.#parts, dump, { reader, changed: undefined })),
      onClose: () => {
        this.#auto = undefined;
      },
    });
    return this.#auto;
  }

  /** Deletes the wallet and all its backups on the server, and what this device keeps of them. */
  async delete(options: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    assertKnown(options, ["signal"], "delete");
    const { signal } = options;
    const { requests, local } = this.#parts;
    return this.#inTurn(async () => {
      const info = await requests.info(signal);
      if (!info) throw await explainAbsence(new NoWalletError(), this.#parts, signal);
      try {
        await requests.delete(info.sha256 === null ? null : hexToBytes(info.sha256), signal);
      } catch (error) {
        // Sent twice where the first answer was lost; it was there a moment ago.
        if (!(error instanceof NoWalletError)) throw error;
      }
      await local.clear();
    });
  }

  /** Ends the automatic backup, and wipes the keys as soon as what still runs has ended. Every later call throws. */
  close(): void {
    this.#auto?.close();
    this.#work.close(() => {
      this.#parts.dumps.forget();
      this.#keys.destroy();
    });
  }

  /** What writes runs one after the other, also where a wallet was opened twice. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#work.run(() => this.#parts.turns.run(work));
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Resolves when the keys are wiped. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.#work.ended;
  }
}
