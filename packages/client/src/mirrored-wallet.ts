import {
  type AnySectionDefinition,
  type BackupKeys,
  CloudBackupError,
  type DumpOf,
  type MergeConflict,
} from "@cloudbackup/core";
import { bytesToHex } from "@noble/hashes/utils.js";
import { throwIfAborted } from "./abort.ts";
import type { Client } from "./account.ts";
import { assertInteger, assertKnown } from "./checks.ts";
import { InvalidDumpError, QuorumError, SameRealmError, WentBackError } from "./errors.ts";
import { Mirror, type MirrorView, newestOf } from "./mirror.ts";
import { addUpProgress, type MirrorReceipt, type MirrorWrites, writeToAll } from "./mirror-backup.ts";
import { heldDump } from "./mirror-content.ts";
import { readFromAll } from "./mirror-restore.ts";
import type { MirrorStanding } from "./mirror-standing.ts";
import type { ResolvedOptions } from "./options.ts";
import { takeOver } from "./read-backup.ts";
import type { RestoredBackup, RestoreOptions } from "./restore.ts";
import { isRetryable, retryDelayMs } from "./retry.ts";
import type { VerifyReport } from "./verify.ts";
import type { WalletBackup } from "./wallet-backup.ts";
import { Turns, Work } from "./work.ts";
import type { BackupOptions } from "./write-backup.ts";

type Definitions = readonly AnySectionDefinition[];

/** A backup that enough servers acknowledged. */
export interface MirroredReceipt {
  /** What each answered, in the order of the clients; neither receipt nor error: it is still under way. */
  readonly servers: readonly MirrorReceipt[];
}

/** What several servers gave together. It is this device's only once it is accepted. */
export interface MirroredRestore<D extends Definitions = []> extends Omit<RestoredBackup<D>, "revision"> {
  /** How each server stands, in the order of the clients. */
  readonly servers: readonly MirrorStanding[];
  /** Values that gave way where two servers had something that the other lacked; the newest backup's stands. */
  readonly conflicts: readonly MergeConflict[];
}

/** What restore drills found at several servers. */
export interface MirroredReport {
  /** Whether as many servers as a backup needs hold every section of the dump as it is. */
  readonly ok: boolean;
  /** In the order of the clients. */
  readonly servers: readonly {
    /** The server's, as its client has it. */
    readonly url: string;
    /** The server's, 32 hex characters; undefined where it has never answered. */
    readonly realm: string | undefined;
    /** Undefined where there was nothing to compare. */
    readonly report: VerifyReport | undefined;
    /** Why there was not. */
    readonly error: CloudBackupError | undefined;
  }[];
}

/** One of several servers, for what is to be done there alone. */
export interface MirrorInfo<D extends Definitions = []> extends MirrorReceipt {
  /** The wallet there; undefined where the server has never answered. Must not be closed. */
  readonly wallet: WalletBackup<D> | undefined;
}

const BACKUP_OPTIONS = ["signal", "onProgress", "replace", "remove", "allowShrink"];
const RETRY = { baseMs: 1_000, maxMs: 5 * 60_000 };

/**
 * One wallet at several servers. `Mirrors.openWallet` makes it.
 *
 * Servers that were away follow by themselves while it is open, and one that lost the wallet gets it again.
 */
export class MirroredWallet<D extends Definitions = []> {
  readonly #mirrors: readonly Mirror<D>[];
  readonly #keys: BackupKeys;
  readonly #quorum: number;
  readonly #work = new Work("this wallet");
  readonly #turns = new Turns();
  readonly #ends = new Set<AbortController>();
  #last: MirrorWrites | undefined;
  /** How many were begun. */
  #begun = 0;
  /** Whether some server has not answered to it yet. */
  #isWriting = false;
  #timer: unknown;
  #tries = 0;

  /** @internal use `Mirrors.openWallet` */
  constructor(clients: readonly Client<D>[], keys: BackupKeys, quorum: number) {
    this.#keys = keys;
    this.#quorum = quorum;
    const mirrors: Mirror<D>[] = clients.map(
      (client) =>
        new Mirror(client, keys, () => {
          const realms = mirrors.flatMap(({ realm }) => realm ?? []);
          if (new Set(realms).size < realms.length) throw new SameRealmError("Two of the clients lead to one server");
        }),
    );
    this.#mirrors = mirrors;
  }

  /** @internal */
  async open(): Promise<void> {
    const opened = await Promise.allSettled(this.#mirrors.map((mirror) => mirror.open()));
    const fatal = opened.find((each) => each.status === "rejected" && !isOfOneServer(each.reason));
    if (fatal?.status === "rejected") {
      this.close();
      throw fatal.reason;
    }
    if (await this.#isOneBehind()) this.#followSoon();
  }

  /** The servers, in the order of the clients, with what each answered to the last backup. */
  get servers(): readonly MirrorInfo<D>[] {
    const receipts = this.#last?.receipts();
    return this.#mirrors.map(({ url, realm, wallet }, i) => {
      const { receipt, error } = receipts?.[i] ?? {};
      return { url, realm, wallet, receipt, error };
    });
  }

  /**
   * Backs a dump up at all servers. It is done when the quorum has it; the others go on, and those that are away follow when
   * they return. A server that lost what it had gets it again.
   *
   * Sections that the dump lacks are at every server those of the newest backup.
   *
   * @param dump what the wallet knows; is not changed
   * @param options where the defaults do not fit
   * @throws QuorumError: fewer have it, its `servers` say why, each with an error that `WalletBackup.backup` throws;
   *   InvalidDumpError, TooLargeError: the dump; SameRealmError: two clients lead to one server
   */
  async backup(dump: DumpOf<D>, options: BackupOptions = {}): Promise<MirroredReceipt> {
    assertKnown(options, BACKUP_OPTIONS, "backup");
    const receipt = await this.#write(dump, options, this.#quorum);
    const stored = receipt.servers.filter((server) => server.receipt).length;
    if (stored < this.#quorum) throw new QuorumError(receipt.servers, this.#quorum);
    return receipt;
  }

  /**
   * Brings every server to the newest backup that this device holds, and waits until each has answered. Happens by itself,
   * too; this is for who wants to know.
   *
   * @param options `signal` aborts
   * @throws SameRealmError: two clients lead to one server; IncompleteError: what this device keeps cannot be read
   */
  async sync(options: Pick<BackupOptions, "signal"> = {}): Promise<MirroredReceipt> {
    assertKnown(options, ["signal"], "sync");
    return this.#write(undefined, options, this.#mirrors.length);
  }

  /**
   * The newest backup of all servers, united with what only another has, checked against what this device and the other
   * servers' backups say of each. Waits for every server's answer, or until it is known to be away.
   *
   * @param options where the defaults do not fit
   * @throws where no server gives a backup: the error of `WalletBackup.restore` that says most, those of the other servers in
   *   its `cause`. NoWalletError and NoBackupError only where every server says so; WentBackError, too, where all are below
   *   `minGen`
   */
  async restore(options: Pick<RestoreOptions, "signal" | "onProgress" | "minGen"> = {}): Promise<MirroredRestore<D>> {
    assertKnown(options, ["signal", "onProgress", "minGen"], "restore");
    const { signal, minGen } = options;
    assertInteger(minGen, "minGen", 1);
    return this.#work.run(async () => {
      const all = await readFromAll<D>(this.#mirrors, { signal, onProgress: addUpProgress(options.onProgress) });
      const { manifest } = all.winner.read.opened;
      if (minGen !== undefined && manifest.gen < minGen) {
        throw new WentBackError(`The servers hold generation ${manifest.gen}, at least ${minGen} was expected`);
      }
      const dirty = await Promise.all(all.reads.map(({ parts }) => parts.local.dirtySince(0)));
      for (const { parts } of all.reads) parts.dumps.forget();
      return {
        dump: all.dump,
        gen: manifest.gen,
        at: new Date(manifest.at),
        device: bytesToHex(manifest.device),
        app: manifest.app,
        unsavedChanges: dirty.some((since) => since !== undefined),
        servers: all.standings,
        conflicts: all.conflicts,
        accept: () =>
          this.#work.run(async () => {
            for (const { parts, read } of all.reads) {
              await parts.shared.turns.run(async () => {
                await takeOver(parts, read);
                parts.shared.takeovers++;
                parts.dumps.forget();
              });
              for (const tell of parts.shared.onTakeover) tell();
            }
          }),
      };
    });
  }

  /**
   * A restore drill at every server. Changes nothing.
   *
   * @param dump what the wallet knows
   * @param options `signal` aborts
   * @throws InvalidDumpError, SameRealmError; what is wrong with a server is in its report
   */
  async verify(dump: DumpOf<D>, options: Pick<RestoreOptions, "signal"> = {}): Promise<MirroredReport> {
    assertKnown(options, ["signal"], "verify");
    return this.#work.run(async () => {
      const servers = await Promise.all(
        this.#mirrors.map(async (mirror) => {
          const outcome = await this.#drill(mirror, dump, options);
          return { url: mirror.url, realm: mirror.realm, ...outcome };
        }),
      );
      return { ok: servers.filter(({ report }) => report?.ok).length >= this.#quorum, servers };
    });
  }

  /** Ends what is under way, and wipes the keys when it has ended. Every later call throws. */
  close(): void {
    this.#stopFollowing();
    for (const end of this.#ends) end.abort(new TypeError("this wallet is closed"));
    this.#work.close(() => {
      for (const mirror of this.#mirrors) mirror.close();
      this.#keys.destroy();
    });
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

  /**
   * Resolves when so many have it, or all have answered.
   *
   * @param dump undefined: the newest that this device holds
   */
  async #write(dump: DumpOf<D> | undefined, options: BackupOptions, quorum: number): Promise<MirroredReceipt> {
    const { signal } = options;
    const end = new AbortController();
    const onAbort = () => end.abort(signal?.reason);
    signal?.addEventListener("abort", onAbort);
    if (signal?.aborted) onAbort();
    this.#ends.add(end);
    try {
      return await this.#work.run(async () => {
        throwIfAborted(signal);
        const writes = await this.#begin(dump, options, end);
        if (!writes) return { servers: this.servers };
        await writes.reached(quorum);
        return { servers: writes.receipts() };
      });
    } finally {
      // What goes on after the quorum is nobody's any more to abort.
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** @returns undefined: there is nothing to write */
  async #begin(
    dump: DumpOf<D> | undefined,
    options: BackupOptions,
    end: AbortController,
  ): Promise<MirrorWrites | undefined> {
    // What this device holds is known once it has ended what is under way.
    if (!dump) await this.#last?.settled;
    return this.#turns.run(async () => {
      if (!dump && this.#isWriting) return this.#last;
      const content = dump ?? (await this.#held());
      if (!content) return undefined;
      this.#stopFollowing();
      const count = ++this.#begun;
      const isLast = () => this.#begun === count;
      const writes = await writeToAll(this.#mirrors, content, { ...options, signal: end.signal, isLast });
      this.#last = writes;
      this.#isWriting = true;
      // It keeps the keys until it has ended.
      void this.#work.run(() => writes.settled).then(() => this.#onSettled(writes, end));
      return writes;
    });
  }

  async #views(): Promise<MirrorView[]> {
    const views = await Promise.all(this.#mirrors.map((mirror) => mirror.view()));
    return views.filter((view) => view !== undefined);
  }

  async #held(): Promise<DumpOf<D> | undefined> {
    const newest = newestOf(await this.#views());
    return newest && ((await heldDump(newest)) as DumpOf<D>);
  }

  /** By what this device holds alone. */
  async #isOneBehind(): Promise<boolean> {
    const views = await this.#views();
    const checksums = views.map(({ base }) => base && bytesToHex(base.state.manifest.checksum));
    return newestOf(views) !== undefined && (views.length < this.#mirrors.length || new Set(checksums).size > 1);
  }

  async #drill(
    mirror: Mirror<D>,
    dump: DumpOf<D>,
    options: Pick<RestoreOptions, "signal">,
  ): Promise<Pick<MirroredReport["servers"][number], "report" | "error">> {
    try {
      await mirror.open();
      return { report: await mirror.wallet?.verify(dump, options), error: undefined };
    } catch (error) {
      if (!isOfOneServer(error) || error instanceof InvalidDumpError) throw error;
      return { report: undefined, error: error as CloudBackupError };
    }
  }

  #onSettled(writes: MirrorWrites, end: AbortController): void {
    this.#ends.delete(end);
    if (writes !== this.#last) return;
    this.#isWriting = false;
    if (end.signal.aborted) return;
    const isAway = writes.receipts().some(({ error }) => isRetryable(error));
    if (isAway) this.#followSoon();
    else this.#tries = 0;
  }

  /** Tries the servers again that were away, less and less often. */
  #followSoon(): void {
    const { clock, random } = this.#timing;
    const delayMs = retryDelayMs(++this.#tries, RETRY, random);
    // What comes of it, `servers` shows.
    const follow = () => void this.sync().catch(() => undefined);
    this.#timer = clock.setTimeout(follow, delayMs, "background");
  }

  #stopFollowing(): void {
    this.#timing.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** That of the first client. */
  get #timing(): Pick<ResolvedOptions, "clock" | "random"> {
    return (this.#mirrors[0] as Mirror<D>).options;
  }
}

/** Whether it says something of one server alone. */
function isOfOneServer(error: unknown): boolean {
  return error instanceof CloudBackupError && !(error instanceof SameRealmError);
}
