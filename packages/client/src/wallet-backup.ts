import {
  type AnySectionDefinition,
  type BackupKeys,
  type CreateBackupOptions,
  changedSections,
  createBackup,
  type Dump,
  type DumpOf,
  encodeDump,
  type OpenedBackup,
  openBackup,
  type Sections,
  TamperedError,
} from "@cloudbackup/core";
import { decodeBundle } from "@cloudbackup/core/wire";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { AutoBackup, type AutoBackupOptions } from "./auto-backup.ts";
import {
  NoBackupError,
  NotYoursError,
  NoWalletError,
  RefusedError,
  RestoreFirstError,
  RevisionConflictError,
  WalletGoneError,
  WentBackError,
} from "./errors.ts";
import { type KnownState, LocalState } from "./local-state.ts";
import { assertKnown, type ResolvedOptions } from "./options.ts";
import type { OnProgress } from "./progress.ts";
import { readStanding } from "./replace.ts";
import type { KnownServer } from "./server-info.ts";
import type { SessionKeeper } from "./session.ts";
import { assertDoesNotShrink } from "./shrink.ts";
import { type Storage, storageUnder } from "./storage.ts";
import type { Transport } from "./transport.ts";
import { assertContinues, assertNotBehind, loadMark, type Mark, markOf, raiseMark } from "./trust.ts";
import { uploadBackup } from "./upload.ts";
import { compareWithBackup, type VerifyReport } from "./verify.ts";
import { type CommitReceipt, type HistoryEntry, type WalletInfo, WalletRequests } from "./wallet-requests.ts";

export interface BackupOptions {
  signal?: AbortSignal | undefined;
  onProgress?: OnProgress | undefined;
  /** Replaces what the server holds although this device has not restored it. Nothing is carried over from it. */
  replace?: boolean | undefined;
  /** Sections to remove; others that the dump lacks are carried over from the backup before. */
  remove?: readonly string[] | undefined;
  /** Allows a dump that loses a pairing or half of the accounts. */
  allowShrink?: boolean | undefined;
}

/** What the server acknowledged. */
export interface BackupReceipt extends CommitReceipt {
  /** False: the server showed that it still has the last backup, which holds the same; nothing was sent. */
  changed: boolean;
  /** Bytes of the requests' bodies. */
  bytesSent: number;
}

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
   * Says that the wallet took the dump: only now does this device hold what the server holds, and may back up.
   *
   * @throws RevisionConflictError where this device has gone on meanwhile; TypeError for an older revision
   */
  accept(): Promise<void>;
}

const BACKUP_OPTIONS = ["signal", "onProgress", "replace", "remove", "allowShrink"];
const RESTORE_OPTIONS = ["signal", "onProgress", "revision", "minGen"];
const DEVICE_KEY = "cloudbackup/device";
const DEVICE_BYTES = 16;

/** One wallet at one server. Made by `client.openWallet`. */
export class WalletBackup<Definitions extends readonly AnySectionDefinition[] = []> {
  readonly #keys: BackupKeys;
  readonly #options: ResolvedOptions;
  readonly #entries: Storage;
  readonly #local: LocalState;
  readonly #requests: WalletRequests;
  readonly #autos = new Set<AutoBackup>();
  /** The end of the work that was asked for: calls that write run one after the other. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(parts: {
    keys: BackupKeys;
    options: ResolvedOptions;
    transport: Transport;
    server: KnownServer;
    sessions: SessionKeeper;
  }) {
    const { keys, options } = parts;
    this.#keys = keys;
    this.#options = options;
    this.#entries = storageUnder(options.storage, `cloudbackup/wallets/${bytesToHex(keys.realm)}/${keys.walletId}/`);
    this.#local = new LocalState(this.#entries, keys);
    this.#requests = new WalletRequests(parts);
  }

  /** H(seed) at this server, lower-case hex. */
  get id(): string {
    return this.#keys.walletId;
  }

  /**
   * Backs a dump up: the first time whole, then what changed. Registers the wallet at the first.
   *
   * @throws RestoreFirstError, WouldShrinkError, RevisionConflictError, NotYoursError, WalletGoneError, WentBackError,
   *   ForkError: nothing was sent; InvalidDumpError, TooLargeError; NotSignedInError, UnreachableError and the server's
   *   own; `signal.reason`
   */
  async backup(dump: Dump, options: BackupOptions = {}): Promise<BackupReceipt> {
    assertKnown(options, BACKUP_OPTIONS, "backup");
    return this.#serial(() => this.#backup(dump, options));
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
    const { bundle, opened } = await this.#download(revision ?? "latest", options);
    const { manifest } = opened;
    if (minGen !== undefined && manifest.gen < minGen) {
      throw new WentBackError(
        `The server holds generation ${manifest.gen}, at least ${minGen} was expected: it went back`,
      );
    }
    return {
      dump: opened.dump,
      revision: manifest.revision,
      gen: manifest.gen,
      at: new Date(manifest.at),
      device: bytesToHex(manifest.device),
      app: manifest.app,
      accept: () => {
        if (revision !== undefined)
          throw new TypeError("an older revision never becomes this device's: restore the latest");
        return this.#serial(() => this.#accept(opened, bundle));
      },
    };
  }

  /** The revisions that the server keeps, newest first. @throws NoWalletError, NotYoursError */
  async history(options: { signal?: AbortSignal | undefined } = {}): Promise<HistoryEntry[]> {
    try {
      return await this.#requests.history(options.signal);
    } catch (error) {
      throw await this.#explain(error, options.signal);
    }
  }

  /**
   * A restore drill: fetches the latest backup, opens it with the keys alone, and compares it with the dump.
   *
   * @throws whatever `restore` would
   */
  async verify(dump: Dump, options: Pick<RestoreOptions, "signal" | "onProgress"> = {}): Promise<VerifyReport> {
    assertKnown(options, ["signal", "onProgress"], "verify");
    const bodies = this.#encode(dump);
    const { opened } = await this.#download("latest", options);
    return compareWithBackup(dump, bodies, opened, new Date(this.#options.clock.now()));
  }

  /** Keeps the wallet backed up by itself, from now until it is closed. */
  autoBackup(options: AutoBackupOptions): AutoBackup {
    const auto = new AutoBackup(options, {
      clock: this.#options.clock,
      random: this.#options.random,
      backup: (dump, backupOptions) => this.backup(dump, backupOptions),
      isDirty: () => this.#local.isDirty(),
      setDirty: (dirty) => this.#local.setDirty(dirty),
      isAcknowledged: (dump) => this.#isAcknowledged(dump),
      onClose: () => this.#autos.delete(auto),
    });
    this.#autos.add(auto);
    return auto;
  }

  /** Deletes the wallet and all its backups on the server, and what this device keeps of them. */
  async delete(options: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    return this.#serial(async () => {
      const info = await this.#requests.info(options.signal);
      if (!info) throw await this.#explain(new NoWalletError(), options.signal);
      const current = info.sha256 === null ? null : hexToBytes(info.sha256);
      await this.#requests.delete(current, options.signal);
      await this.#local.clear();
    });
  }

  /** Ends automatic backups and wipes the keys. Every later call throws. */
  close(): void {
    for (const auto of this.#autos) auto.close();
    this.#keys.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  async #backup(dump: Dump, options: BackupOptions): Promise<BackupReceipt> {
    const { signal, onProgress, replace = false, remove = [], allowShrink = false } = options;
    const bodies = this.#encode(dump);
    const remote = await this.#requests.info(signal);
    const base = await this.#settledBase(remote);
    if (base && remote?.sha256 === bytesToHex(base.state.sha256)) {
      const changed = changedSections(bodies, base.state, { keys: this.#keys, remove });
      if (changed.length === 0) return unchanged(remote);
      if (!allowShrink && (changed.includes("accounts") || changed.includes("pairings"))) {
        await assertDoesNotShrink(dump, base, this.#keys, this.#local);
      }
      return this.#send({ dump, previous: base.bytes, remove }, { signal, onProgress });
    }

    const mark = await loadMark(this.#entries, this.#keys);
    if (!replace) await this.#assertNothingToLose(remote, base, mark, signal);
    if (!remote) await this.#register(signal);
    const replaces = await readStanding(remote, mark, { keys: this.#keys, requests: this.#requests, signal });
    return this.#send({ dump, replaces, remove }, { signal, onProgress });
  }

  /** Where this device does not hold what the server holds, only an empty server may be written to. */
  async #assertNothingToLose(
    remote: WalletInfo | null,
    base: KnownState | null,
    mark: Mark | null,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    if (!remote) {
      if (mark) throw await this.#explain(new NoWalletError(), signal);
      return;
    }
    assertNotBehind(mark, remote);
    if (remote.sha256 === null) return;
    throw base ? new RevisionConflictError(remote.revision) : new RestoreFirstError(remote.revision);
  }

  async #send(
    content: Pick<CreateBackupOptions, "dump" | "previous" | "replaces" | "remove">,
    options: Pick<BackupOptions, "signal" | "onProgress">,
  ): Promise<BackupReceipt> {
    const { clock, random, app, sections } = this.#options;
    const device = await this.#device();
    const backup = createBackup({ keys: this.#keys, device, now: clock.now(), random, app, sections, ...content });
    const receipt = await uploadBackup(backup, { requests: this.#requests, local: this.#local }, options);
    await raiseMark(this.#entries, this.#keys, markOf(backup.manifest, backup.sha256));
    return { ...receipt, changed: true };
  }

  /** What this device holds, after a look at whether a commit without a receipt has arrived. */
  async #settledBase(remote: WalletInfo | null): Promise<KnownState | null> {
    const pending = await this.#local.pending();
    if (pending && remote?.sha256 === bytesToHex(pending.state.sha256)) {
      await this.#local.promotePending();
      await raiseMark(this.#entries, this.#keys, markOf(pending.state.manifest, pending.state.sha256));
      return pending;
    }
    return this.#local.base();
  }

  async #download(
    which: number | "latest",
    options: Pick<RestoreOptions, "signal" | "onProgress">,
  ): Promise<{ bundle: Uint8Array; opened: OpenedBackup<Definitions> }> {
    const { signal, onProgress } = options;
    const mark = await loadMark(this.#entries, this.#keys);
    let bundle: Uint8Array;
    try {
      bundle = await this.#requests.download(which, {
        maxBytes: this.#options.maxDownloadBytes,
        onReceived: (done, total) => onProgress?.({ phase: "download", done, total: Math.max(done, total ?? 0) }),
        signal,
      });
    } catch (error) {
      if (error instanceof NoBackupError && which !== "latest") {
        throw new NoBackupError(`The server does not keep revision ${which}`, { cause: error });
      }
      if (error instanceof NoBackupError) assertNotBehind(mark, { revision: 0, sha256: null });
      throw await this.#explain(error, signal);
    }
    onProgress?.({ phase: "open", done: 0, total: bundle.length });
    const sections = this.#options.sections as unknown as Definitions;
    const opened = openBackup<Definitions>(bundle, { keys: this.#keys }, { sections });
    onProgress?.({ phase: "open", done: bundle.length, total: bundle.length });

    const { manifest, sha256 } = opened;
    if (which !== "latest") {
      if (manifest.revision !== which)
        throw new TamperedError(`The server sent revision ${manifest.revision}, not ${which}`);
      return { bundle, opened };
    }
    await assertContinues(mark, this.#keys, opened, (from) => this.#requests.chain(from, signal));
    await raiseMark(this.#entries, this.#keys, markOf(manifest, sha256));
    return { bundle, opened };
  }

  async #accept(opened: OpenedBackup<Definitions>, bundle: Uint8Array): Promise<void> {
    const base = await this.#local.base();
    if (base && base.state.manifest.revision > opened.manifest.revision) {
      throw new RevisionConflictError(base.state.manifest.revision);
    }
    await this.#local.adopt(opened.state, decodeBundle(bundle).items);
  }

  /** Whether the last acknowledged backup holds the same as the dump, by what this device keeps alone. */
  async #isAcknowledged(dump: Dump): Promise<boolean> {
    const base = await this.#local.base();
    if (!base || (await this.#local.pending())) return false;
    return changedSections(this.#encode(dump), base.state, { keys: this.#keys }).length === 0;
  }

  async #register(signal?: AbortSignal): Promise<void> {
    try {
      await this.#requests.register(signal);
    } catch (error) {
      const isAnothers = error instanceof RefusedError && error.problem === "wallet-registered";
      throw isAnothers ? await this.#explain(new NoWalletError(), signal) : error;
    }
  }

  /** Tells a wallet that is absent from one that is another user's, and from one that was here before. */
  async #explain(error: unknown, signal?: AbortSignal): Promise<unknown> {
    if (!(error instanceof NoWalletError)) return error;
    const username = await this.#requests.owner(signal);
    if (username !== null) return new NotYoursError(username);
    const mark = await loadMark(this.#entries, this.#keys);
    return mark ? new WalletGoneError(mark.revision) : error;
  }

  #encode(dump: Dump): Sections {
    return encodeDump(dump, { sections: this.#options.sections });
  }

  /** Random, the same for every wallet of this storage; shown to people, so that they know their devices apart. */
  async #device(): Promise<Uint8Array> {
    const { storage, random } = this.#options;
    const known = await storage.get(DEVICE_KEY);
    if (known?.length === DEVICE_BYTES) return known;
    const device = random(DEVICE_BYTES);
    await storage.set(DEVICE_KEY, device);
    return device;
  }

  #serial<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work, work);
    this.#queue = result.catch(() => undefined);
    return result;
  }
}

function unchanged(remote: WalletInfo): BackupReceipt {
  const { revision, sha256, updatedAt } = remote;
  return { revision, sha256: sha256 as string, storedAt: updatedAt, changed: false, bytesSent: 0 };
}
