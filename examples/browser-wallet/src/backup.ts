import {
  type AutoBackup,
  type AutoStatus,
  type BackupReceipt,
  type Client,
  createClient,
  type MergedFrom,
  type OnProgress,
  type RestoredBackup,
  type VerifyReport,
  type WalletBackup,
} from "@cloudbackup/client";
import { indexedDbStorage } from "@cloudbackup/client/browser";
import { mnemonicToSeed } from "@cloudbackup/core/seed";
import type { Wallet } from "./wallet.ts";

const DATABASE = "cloudbackup-browser-wallet";

export interface Credentials {
  username: string;
  password: string;
}

/**
 * A wallet's place at one server. Keys are in memory alone, and of this server alone: `openWallet` derives them from the
 * seed, which is wiped at once. What the client keeps in IndexedDB is sealed under them.
 */
export class Backup {
  readonly #client: Client;
  readonly #words: string;
  #opened: WalletBackup | undefined;
  #auto: AutoBackup | undefined;

  constructor(url: string, words: string) {
    this.#client = createClient({
      url,
      storage: indexedDbStorage({ name: DATABASE }),
      app: "cloudbackup-browser-wallet/0.0",
    });
    this.#words = words;
  }

  /** Finds the wallet by its words alone. @returns whose it is */
  async find(): Promise<string> {
    return this.#withSeed(async (seed) => {
      const { username } = await this.#client.signInWithSeed(seed);
      this.#opened = await this.#client.openWallet(seed);
      return username;
    });
  }

  /** A new user, once the person has opened the link in the e-mail. */
  async register(user: Credentials & { email: string }, onMailed: () => void): Promise<void> {
    await this.#client.register(user);
    onMailed();
    await this.#client.waitForActivation();
    this.#opened = await this.#withSeed((seed) => this.#client.openWallet(seed));
  }

  async signIn(user: Credentials): Promise<void> {
    await this.#client.signIn(user);
    this.#opened = await this.#withSeed((seed) => this.#client.openWallet(seed));
  }

  restore(onProgress: OnProgress): Promise<RestoredBackup> {
    return this.#need().restore({ onProgress });
  }

  /** The first backup, whole. */
  begin(wallet: Wallet, onProgress: OnProgress): Promise<BackupReceipt> {
    return this.#need().backup(wallet.dump(), { onProgress });
  }

  /** Keeps the wallet backed up from now on, and takes over what other devices write. */
  follow(
    wallet: Wallet,
    see: { onStatus: (status: AutoStatus) => void; onMerged: (conflicts: MergedFrom["conflicts"]) => void },
  ): void {
    this.#auto?.close();
    const opened = this.#need();
    const auto = opened.autoBackup({
      read: () => wallet.dump(),
      apply: (merged, { conflicts }) => {
        wallet.load(merged);
        see.onMerged(conflicts);
      },
      onStatus: see.onStatus,
    });
    this.#auto = auto;
    wallet.onChange = (sections) => auto.changed(sections);
    // What goes wrong while it watches goes wrong at the next backup too, which says so.
    this.#followOthers(opened, auto).catch(() => undefined);
  }

  /** Merges as soon as another device has written, also where nothing changes here. */
  async #followOthers(opened: WalletBackup, auto: AutoBackup): Promise<void> {
    for await (const _ of opened.watch()) await auto.flush().catch(() => undefined);
  }

  /** Resolves when all that the wallet holds now is stored. */
  async durable(): Promise<void> {
    await this.#auto?.durable();
  }

  /** A restore drill: the server's copy, opened by the keys alone, beside what the wallet holds. */
  verify(wallet: Wallet): Promise<VerifyReport> {
    return this.#need().verify(wallet.dump());
  }

  /** Wipes the keys. Resolves when nothing writes any more. */
  async close(): Promise<void> {
    await this.#auto?.[Symbol.asyncDispose]();
    await this.#opened?.[Symbol.asyncDispose]();
  }

  #need(): WalletBackup {
    if (!this.#opened) throw new Error("Sign in first");
    return this.#opened;
  }

  async #withSeed<T>(use: (seed: Uint8Array) => Promise<T>): Promise<T> {
    const seed = await mnemonicToSeed(this.#words);
    try {
      return await use(seed);
    } finally {
      seed.fill(0);
    }
  }
}

/** Forgets all that this page's origin keeps of any wallet. */
export async function wipeStorage(): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const request = indexedDB.deleteDatabase(DATABASE);
    request.onsuccess = () => resolve();
    request.onerror = () => reject(request.error);
  });
}
