import { type AnySectionDefinition, type BackupKeys, type DumpOf, prepareDump } from "@cloudbackup/core";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import type { Client } from "./account.ts";
import { AutoBackup, type AutoBackupOptions } from "./auto-backup.ts";
import { assertInteger, assertKnown } from "./checks.ts";
import { dirtyStoreOf } from "./dirty-mark.ts";
import { NoWalletError } from "./errors.ts";
import { loadLater } from "./load-later.ts";
import type { MovedWallet } from "./move-to.ts";
import { openWatch } from "./open-watch.ts";
import type { Reconciled, ReconcileOptions } from "./reconcile.ts";
import type { RestoredBackup, RestoreOptions } from "./restore.ts";
import type { VerifyReport } from "./verify.ts";
import { explainAbsence, rememberParts, standingOf, type WalletParts } from "./wallet-parts.ts";
import type { HistoryEntry } from "./wallet-requests.ts";
import type { RemoteRevision, WatchOptions } from "./watch.ts";
import { Work } from "./work.ts";
import { type BackupOptions, type BackupReceipt, isAcknowledged, register, writeBackup } from "./write-backup.ts";

const BACKUP_OPTIONS = ["signal", "onProgress", "replace", "remove", "allowShrink"];
const RESTORE_OPTIONS = ["signal", "onProgress", "revision", "minGen"];

/**
 * One wallet at one server. `Client.openWallet` makes it.
 *
 * Beside what it names, every call throws what every call of `Client` does, and TypeError once the wallet is closed.
 */
export class WalletBackup<Definitions extends readonly AnySectionDefinition[] = []> {
  readonly #parts: WalletParts;
  readonly #keys: BackupKeys;
  readonly #work = new Work("this wallet");
  #auto: AutoBackup | undefined;
  /** Of those who watch. */
  readonly #ends = new Set<AbortController>();

  /** @internal use `Client.openWallet` */
  constructor(parts: WalletParts) {
    this.#parts = parts;
    rememberParts(this, parts);
    this.#keys = parts.keys;
  }

  /** H(seed) at this server, lower-case hex. */
  get id(): string {
    return this.#keys.walletId;
  }

  /**
   * Backs a dump up: the first time whole, then what changed. Registers the wallet at the first.
   *
   * @param dump what the wallet knows; is not changed
   * @param options where the defaults do not fit
   * @throws RestoreFirstError: the server holds a backup that this device has neither written nor restored;
   *   WouldShrinkError: the dump loses a pairing or half of the accounts; RevisionConflictError: another device has written
   *   since; NotYoursError: the wallet is another user's; WalletGoneError, WentBackError, ForkError: the server has lost or
   *   changed what it had. After all of these nothing of the dump was stored. InvalidDumpError, TooLargeError: the
   *   dump; NotSignedInError; UnreachableError: may be stored or not, the next backup brings it to an end; ChunksMissingError,
   *   QuotaExceededError, WrongOriginError: the server's own
   * @example
   * ```ts
   * const labels = [{ type: "addr", ref: "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", label: "Rent" }];
   * const receipt = await wallet.backup({ ...dump, labels });
   * console.log(receipt.revision, receipt.changed); // → 2 true
   *
   * const again = await wallet.backup({ ...dump, labels });
   * console.log(again.revision, again.changed, again.bytesSent); // → 2 false 0
   * ```
   */
  async backup(dump: DumpOf<Definitions>, options: BackupOptions = {}): Promise<BackupReceipt> {
    assertKnown(options, BACKUP_OPTIONS, "backup");
    return this.#inTurn(() => writeBackup(this.#parts, dump, options));
  }

  /**
   * Makes the wallet the signed-in user's before there is a backup: from then on its seed alone signs in. The first `backup`
   * does it by itself. Nothing happens where it is this user's already.
   *
   * @param options `signal` aborts
   * @throws NotYoursError: it is another user's; NotSignedInError; RefusedError: the session is by another wallet's seed
   * @example
   * ```ts
   * await client.signIn({ username: "hodler21", password: "correct horse battery staple" });
   * await wallet.register();
   *
   * await client.signInWithSeed(seed); // also on the next device
   * ```
   */
  async register(options: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    assertKnown(options, ["signal"], "register");
    return this.#inTurn(() => register(this.#parts, options.signal));
  }

  /**
   * The latest backup, fetched whole, opened and checked against all that this device has seen.
   *
   * @param options where the defaults do not fit
   * @throws NoWalletError: this server has no wallet of this seed; NoBackupError: it has no backup of it; NotYoursError: it is
   *   another user's; NotSignedInError; UnreachableError: nothing is known; DoesNotDecryptError: another wallet's bytes;
   *   TamperedError, IncompleteError: damaged; UnsupportedVersionError: of a newer version; TooLargeError: above
   *   `maxDownloadBytes`; WentBackError: below what this device has seen, or `minGen`; ForkError: another history;
   *   WalletGoneError, AnotherRealmError: the server has lost it, or is another. Never an empty dump instead of one of them
   * @example
   * ```ts
   * import { NoBackupError, NoWalletError } from "@cloudbackup/client";
   *
   * try {
   *   const restored = await wallet.restore({ onProgress: ({ phase, done, total }) => store.show(phase, done / total) });
   *   store.load(restored.dump);
   *   await restored.accept(); // From here on this device may back up.
   * } catch (error) {
   *   // A server that cannot be reached must not look like a wallet that was never backed up.
   *   if (!(error instanceof NoWalletError || error instanceof NoBackupError)) throw error;
   * }
   * ```
   */
  async restore(options: RestoreOptions = {}): Promise<RestoredBackup<Definitions>> {
    assertKnown(options, RESTORE_OPTIONS, "restore");
    const { revision, minGen } = options;
    assertInteger(revision, "revision", 1);
    assertInteger(minGen, "minGen", 1);
    const { restore } = await loadLater();
    return this.#work.run(() => restore<Definitions>(this.#parts, options, (work) => this.#inTurn(work)));
  }

  /**
   * The revisions that the server keeps, newest first.
   *
   * @param options `signal` aborts
   * @throws NoWalletError, NotYoursError, WalletGoneError, NotSignedInError
   * @example
   * ```ts
   * const [newest] = await wallet.history();
   * console.log(newest?.revision); // → 1
   * if (newest) {
   *   const { dump } = await wallet.restore({ revision: newest.revision }); // to look at
   *   console.log(dump.accounts.length); // → 1
   * }
   * ```
   */
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
   * A restore drill: fetches the latest backup, opens it with the keys alone, and compares it with the dump, record by
   * record. Changes nothing.
   *
   * @param dump what the wallet knows
   * @param options `signal` aborts; `onProgress` is told of the download, then of the opening
   * @returns dated, for a person: what the backup lacks, has in addition or otherwise, and where it can be told which is newer
   * @throws InvalidDumpError; whatever `restore` would
   * @example
   * ```ts
   * const report = await wallet.verify(dump);
   * console.log(report.ok, report.revision); // → true 1
   * console.log(report.sections.map(({ name, outcome }) => `${name}: ${outcome}`)); // → [ 'accounts: same', 'pairings: same' ]
   *
   * const accounts = dump.accounts.map((account) => ({ ...account, name: "Savings" }));
   * const { sections } = await wallet.verify({ ...dump, accounts });
   * const [changed] = sections.flatMap(({ records }) => records);
   * console.log(changed?.name, changed?.outcome, changed?.keys, changed?.newer); // → Savings differs [ 'name' ] dump
   * ```
   */
  async verify(
    dump: DumpOf<Definitions>,
    options: Pick<RestoreOptions, "signal" | "onProgress"> = {},
  ): Promise<VerifyReport> {
    assertKnown(options, ["signal", "onProgress"], "verify");
    const { sections } = this.#parts.options;
    return this.#work.run(async () => {
      const prepared = prepareDump(dump, { keys: this.#keys, sections });
      // As it is before the download: what this device writes meanwhile is newer than what comes.
      const base = await this.#parts.local.base();
      const { compareWithBackup, readBackup } = await loadLater();
      const { opened } = await readBackup(this.#parts, "latest", options);
      return compareWithBackup(this.#parts, { dump: prepared, backup: opened, base });
    });
  }

  /**
   * The latest backup as a file, `.cloudbackup`, which `openFile` opens offline by the seed alone: the download as it came,
   * after every check of `restore`. It is sealed, so that it may be kept anywhere. Changes nothing.
   *
   * @param options `signal` aborts; `onProgress` is told of the download, then of the opening
   * @throws whatever `restore` would
   * @example
   * ```ts
   * import { writeFile } from "node:fs/promises";
   * import { join } from "node:path";
   *
   * await writeFile(join("./data", "spending.cloudbackup"), await wallet.exportFile());
   * ```
   */
  async exportFile(options: Pick<RestoreOptions, "signal" | "onProgress"> = {}): Promise<Uint8Array> {
    assertKnown(options, ["signal", "onProgress"], "exportFile");
    const { readBackup } = await loadLater();
    return this.#work.run(async () => (await readBackup(this.#parts, "latest", options)).bundle);
  }

  /**
   * Copies the latest backup, which must be this device's, to another server: registers the wallet there, backs up, and opens
   * what is there then. Deletes nothing. From then on open the wallet by the other client; one that stays open here goes on
   * here.
   *
   * @param other a client of the other server, signed in there, with the same `storage` as this one
   * @param options `signal` aborts; `onProgress` is told of the download, the upload, and the drill's download
   * @throws RestoreFirstError: this device has not restored the latest backup here, or the one that is there;
   *   RevisionConflictError: another device has written since, here or there; SameRealmError: it is the same server;
   *   whatever `restore` here, `backup` and `restore` there would
   * @example
   * ```ts
   * import { createClient } from "@cloudbackup/client";
   *
   * const other = createClient({ url: "https://other.example" });
   * await other.signIn({ username: "hodler21", password: "correct horse battery staple" });
   *
   * const { receipt, report } = await wallet.moveTo(other);
   * console.log(receipt.revision, report.ok); // → 1 true
   * ```
   */
  async moveTo(
    other: Client<Definitions>,
    options: Pick<RestoreOptions, "signal" | "onProgress"> = {},
  ): Promise<MovedWallet> {
    assertKnown(options, ["signal", "onProgress"], "moveTo");
    const { moveTo } = await loadLater();
    return this.#inTurn(() => moveTo(this.#parts, other, options));
  }

  /**
   * Revisions by other devices, as they come: the one that is there where this device has not restored it, then each new
   * one; of several that follow each other fast, the last. Asks the server every minute or so, and is told at once where
   * the server and the platform's `fetch` can stream. Goes on while there is no network. Ends with the signal, with the loop
   * and with the wallet.
   *
   * Its timers keep no process alive; an open stream does, until it ends.
   *
   * @param options where the defaults do not fit
   * @throws what only a person mends, from the loop: NotYoursError, NotSignedInError; WentBackError, ForkError,
   *   WalletGoneError, AnotherRealmError: what the server holds is not what this device has seen
   * @example
   * ```ts
   * for await (const { revision } of wallet.watch({ signal: AbortSignal.timeout(100) })) {
   *   store.show(`Another device has written revision ${revision}`);
   * }
   * ```
   */
  watch(options: WatchOptions = {}): AsyncIterableIterator<RemoteRevision, undefined> {
    return openWatch(options, {
      ends: this.#ends,
      work: this.#work,
      start: async (end) => (await loadLater()).watchRevisions(this.#parts, options, end),
    });
  }

  /**
   * What a person may choose where the server went back, shows another history, or has lost the wallet: unites what this
   * device has with what the server has now, hands that to the wallet, and backs it up above all that was there. Nothing that
   * either has is taken as removed. Other devices go on with it by themselves where this one held what they have seen; else
   * they are told, and reconcile too.
   *
   * @param options how the wallet is read, and takes the united dump over
   * @returns what was united, and what was not
   * @throws what `apply` does: nothing was sent. InvalidDumpError; WouldShrinkError: the wallet lacks what this device has
   *   backed up; UnsupportedVersionError: the server's latest is of a newer version, and stays; RevisionConflictError: another
   *   device has written meanwhile, again; NotYoursError, NotSignedInError, AnotherRealmError; UnreachableError. The wallet may
   *   have taken the united dump over without it being stored: do it again
   * @example
   * ```ts
   * import { ForkError, WalletGoneError, WentBackError } from "@cloudbackup/client";
   *
   * try {
   *   await wallet.backup(store.dump());
   * } catch (error) {
   *   const isLoss = [WentBackError, ForkError, WalletGoneError].some((kind) => error instanceof kind);
   *   if (!isLoss) throw error;
   *   store.show(error); // … and the person chooses:
   *   const { conflicts } = await wallet.reconcile({
   *     read: () => store.dump(),
   *     apply: (merged) => store.load(merged),
   *   });
   *   store.show(conflicts);
   * }
   * ```
   */
  async reconcile(options: ReconcileOptions<DumpOf<Definitions>>): Promise<Reconciled> {
    const { reconcile } = await loadLater();
    return reconcile(this.#parts, options as unknown as ReconcileOptions, (work) => this.#inTurn(work));
  }

  /**
   * Keeps the wallet backed up by itself, from now until it is closed.
   *
   * @param options what it reads, and whom it tells
   * @throws TypeError where one does so already, and for wrong options
   * @example
   * ```ts
   * const auto = wallet.autoBackup({
   *   read: () => store.dump(),
   *   // What another device wrote, united with what this one holds. It is backed up once this has taken it over.
   *   apply(merged, { conflicts }) {
   *     store.load(merged);
   *     for (const { section, local, remote } of conflicts) store.show(section, local, "gave way to", remote);
   *   },
   *   onStatus: ({ state, unsavedSince, error }) => store.show(state, unsavedSince, error),
   * });
   * store.on("change", () => auto.changed()); // one backup follows, a quiet second later
   * await auto.durable(); // before the address of a newly paired account is shown: this state is stored
   * console.log(auto.status.state); // → idle
   * ```
   */
  autoBackup(options: AutoBackupOptions<DumpOf<Definitions>>): AutoBackup {
    if (this.#auto) throw new TypeError("this wallet has an automatic backup already: close it first");
    const { local, shared } = this.#parts;
    const { clock, random, connectivity } = this.#parts.options;
    const reader = {};
    const dirty = dirtyStoreOf(local, clock);
    const standing = async () => {
      const base = await local.base();
      return standingOf(shared, base && bytesToHex(base.state.sha256));
    };
    this.#auto = new AutoBackup(options as unknown as AutoBackupOptions, {
      clock,
      random,
      connectivity,
      servers: 1,
      standing: () => this.#work.run(standing),
      backup: (dump, { changed, standing: before, servers: _, ...backupOptions }) =>
        this.#inTurn(async () => {
          if (before !== (await standing())) return undefined;
          const source = { reader, standing: before, changed };
          const receipt = await writeBackup(this.#parts, dump, backupOptions, source);
          source.standing = standingOf(shared, receipt.sha256);
          return receipt;
        }),
      merge: (how) =>
        this.#work.run(async () => {
          const { mergeLatest } = await loadLater();
          return mergeLatest(this.#parts, how, (work) => this.#inTurn(work));
        }),
      storedAt: () =>
        this.#work.run(async () => {
          const base = await local.base();
          return base ? new Date(base.state.manifest.at) : undefined;
        }),
      dirtySince: () => this.#work.run(dirty.dirtySince),
      setDirty: (since, keepsEarlier) => this.#work.run(() => dirty.setDirty(since, keepsEarlier)),
      isAcknowledged: (dump, before) =>
        this.#work.run(() => isAcknowledged(this.#parts, dump, { reader, standing: before, changed: undefined })),
      onTakeover: shared.onTakeover,
      onClose: () => {
        this.#auto = undefined;
      },
    });
    return this.#auto;
  }

  /**
   * Deletes the wallet and all its backups on the server, and what this device keeps of them. There is no way back. Ends the
   * automatic backup.
   *
   * @param options `signal` aborts
   * @throws NoWalletError, NotYoursError, WalletGoneError, NotSignedInError
   */
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
      // It would back the wallet up anew.
      this.#auto?.close();
    });
  }

  /** Ends the automatic backup, and wipes the keys as soon as what still runs has ended. Every later call throws. */
  close(): void {
    this.#auto?.close();
    for (const end of this.#ends) end.abort();
    this.#work.close(() => {
      this.#parts.dumps.forget();
      this.#keys.destroy();
    });
  }

  /** What writes runs one after the other, also where a wallet was opened twice. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#work.run(() => this.#parts.shared.turns.run(work));
  }

  /** The same as `close()`, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Closes, and resolves when the keys are wiped. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.#work.ended;
  }
}
