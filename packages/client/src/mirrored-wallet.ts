import {
  type AnySectionDefinition,
  type BackupKeys,
  CloudBackupError,
  type DumpOf,
  type MergeConflict,
} from "@cloudbackup/core";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Client } from "./account.ts";
import { AutoBackup, type AutoBackupOptions } from "./auto-backup.ts";
import { assertInteger, assertKnown } from "./checks.ts";
import { InvalidDumpError, QuorumError, SameRealmError, WentBackError } from "./errors.ts";
import { Mirror } from "./mirror.ts";
import { acceptAll, mirrorAutoWallet } from "./mirror-auto.ts";
import { addUpProgress, type MirrorReceipt } from "./mirror-backup.ts";
import { readFromAll } from "./mirror-restore.ts";
import type { MirrorStanding } from "./mirror-standing.ts";
import { MirrorWriter } from "./mirror-writer.ts";
import type { RestoredBackup, RestoreOptions } from "./restore.ts";
import type { VerifyReport } from "./verify.ts";
import type { WalletBackup } from "./wallet-backup.ts";
import { Work } from "./work.ts";
import type { BackupOptions } from "./write-backup.ts";

/** A backup that enough servers acknowledged. */
export interface MirroredReceipt {
  /** What each answered, in the order of the clients; neither receipt nor error: it is still under way. */
  readonly servers: readonly MirrorReceipt[];
}

/** What several servers gave together. It is this device's only once it is accepted. */
export interface MirroredRestore<D extends readonly AnySectionDefinition[] = []>
  extends Omit<RestoredBackup<D>, "revision"> {
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
export interface MirrorInfo<D extends readonly AnySectionDefinition[] = []> extends MirrorReceipt {
  /** The wallet there; undefined where the server has never answered. Must not be closed. */
  readonly wallet: WalletBackup<D> | undefined;
}

const BACKUP_OPTIONS = ["signal", "onProgress", "replace", "remove", "allowShrink"];

/**
 * One wallet at several servers. `Mirrors.openWallet` makes it.
 *
 * Servers that were away follow by themselves while it is open, and one that lost the wallet gets it again.
 */
export class MirroredWallet<D extends readonly AnySectionDefinition[] = []> {
  readonly #mirrors: readonly Mirror<D>[];
  readonly #keys: BackupKeys;
  readonly #quorum: number;
  readonly #work = new Work("this wallet");
  readonly #writer: MirrorWriter;
  #auto: AutoBackup | undefined;
  readonly #onTakeover = new Set<() => void>();

  /** @internal use `Mirrors.openWallet` */
  constructor(clients: readonly Client<D>[], keys: BackupKeys, quorum: number) {
    this.#keys = keys;
    this.#quorum = quorum;
    const mirrors: Mirror<D>[] = clients.map(
      (client) =>
        new Mirror(client, keys, ({ shared }) => {
          const realms = mirrors.flatMap(({ realm }) => realm ?? []);
          if (new Set(realms).size < realms.length) throw new SameRealmError("Two of the clients lead to one server");
          shared.onTakeover.add(this.#tellTakeover);
        }),
    );
    this.#mirrors = mirrors;
    this.#writer = new MirrorWriter(mirrors, this.#work, this.#tellTakeover);
  }

  /** @internal */
  async open(): Promise<void> {
    const opened = await Promise.allSettled(this.#mirrors.map((mirror) => mirror.open()));
    const fatal = opened.find((each) => each.status === "rejected" && !isOfOneServer(each.reason));
    if (fatal?.status === "rejected") {
      this.close();
      throw fatal.reason;
    }
    await this.#writer.followAtStart();
  }

  /** The servers, in the order of the clients, with what each answered to the last backup. */
  get servers(): readonly MirrorInfo<D>[] {
    const receipts = this.#writer.receipts();
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
    const servers = (await this.#writer.write(dump, options, { quorum: this.#quorum })) ?? this.servers;
    if (servers.filter(({ receipt }) => receipt).length < this.#quorum) throw new QuorumError(servers, this.#quorum);
    return { servers };
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
    return {
      servers: (await this.#writer.write(undefined, options, { quorum: this.#mirrors.length })) ?? this.servers,
    };
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
        accept: () => this.#work.run(() => acceptAll(all.reads)),
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

  /**
   * Keeps the wallet backed up at all servers by itself, from now until it is closed. Stored is what the quorum has;
   * `durable({ servers })` waits for more. What another device wrote to any of them is merged.
   *
   * @param options as `WalletBackup.autoBackup` takes them
   * @throws TypeError where one does so already, and for wrong options
   * @example
   * ```ts
   * import { createClient, createMirrors } from "@cloudbackup/client";
   *
   * const other = createClient({ url: "https://other.example" });
   * await other.signIn({ username: "hodler21", password: "correct horse battery staple" });
   * await using both = await createMirrors([client, other], { quorum: 1 }).openWallet(seed);
   * await (await both.restore()).accept();
   *
   * const auto = both.autoBackup({ read: () => store.dump(), apply: (merged) => store.load(merged) });
   * await auto.durable({ servers: 2 });
   * console.log(both.servers.map(({ receipt }) => receipt?.revision)); // → [ 1, 1 ]
   * ```
   */
  autoBackup(options: AutoBackupOptions<DumpOf<D>>): AutoBackup {
    if (this.#auto) throw new TypeError("this wallet has an automatic backup already: close it first");
    const wallet = mirrorAutoWallet({
      mirrors: this.#mirrors,
      quorum: this.#quorum,
      work: this.#work,
      write: (dump, backupOptions, how) => this.#writer.write(dump, backupOptions, how),
      receipts: () => this.servers,
      onTakeover: this.#onTakeover,
      onClose: () => {
        this.#auto = undefined;
      },
    });
    this.#auto = new AutoBackup(options as unknown as AutoBackupOptions, wallet);
    return this.#auto;
  }

  /** Ends what is under way, and wipes the keys when it has ended. Every later call throws. */
  close(): void {
    this.#auto?.close();
    this.#writer.close();
    this.#work.close(() => {
      for (const mirror of this.#mirrors) {
        mirror.parts?.shared.onTakeover.delete(this.#tellTakeover);
        mirror.close();
      }
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

  /** Another content is there to be taken over, or was. */
  readonly #tellTakeover = (): void => {
    for (const tell of this.#onTakeover) tell();
  };
}

/** Whether it says something of one server alone. */
function isOfOneServer(error: unknown): boolean {
  return error instanceof CloudBackupError && !(error instanceof SameRealmError);
}
