import type { Account, Dump, Label, MergeConflict, MergeResolver } from "@cloudbackup/core";
import type { AutoBackup } from "../../src/auto-backup.ts";
import { ForkError, WalletGoneError, WentBackError } from "../../src/errors.ts";
import { memoryStorage, type Storage } from "../../src/storage.ts";
import type { WalletBackup } from "../../src/wallet-backup.ts";
import { FakeClock, settle, until } from "./fake-clock.ts";
import type { History, Told } from "./history.ts";
import { noNetwork, type RealServer } from "./wallets.ts";

/** What a device waits for all to be stored, by its clock: some tries. */
const PATIENCE_MS = 10_000;
const STEP_MS = 100;

/** How a device's wallet takes things over. */
export interface Habits {
  /** Reads and takes over in more than one step, and says so where it has changed meanwhile. */
  isSlow?: boolean;
  resolve?: MergeResolver;
}

/** A process of a wallet. Once it is dead, nothing that it began comes to an end. */
class Process {
  /** How many operations of its storage and its network it still begins. */
  left = Number.POSITIVE_INFINITY;

  get isDead(): boolean {
    return this.left <= 0;
  }

  begin<T>(work: () => Promise<T>): Promise<T> {
    return this.left-- > 0 ? work() : new Promise<T>(() => undefined);
  }

  /** A storage as this process sees it. */
  storage(disk: Storage): Storage {
    return {
      get: (key) => this.begin(() => disk.get(key)),
      set: (key, bytes) => this.begin(() => disk.set(key, bytes)),
      delete: (key) => this.begin(() => disk.delete(key)),
      keys: (prefix) => this.begin(() => disk.keys(prefix)),
    };
  }
}

/** One of several devices with the same wallet: a store that survives everything, and processes that do not. */
export class Device {
  readonly name: string;
  readonly #server: RealServer;
  readonly #seed: Uint8Array;
  readonly #history: History;
  readonly #habits: Habits;
  readonly #disk = memoryStorage();
  #process = new Process();
  #clock = new FakeClock();
  #wallet: WalletBackup | undefined;
  #auto: AutoBackup | undefined;
  /** What the wallet holds, on its disk. */
  content: Dump = { accounts: [], pairings: [] };
  #version = 0;
  isOnline = true;
  #losesReply = false;

  constructor(name: string, server: RealServer, seed: Uint8Array, history: History, habits: Habits) {
    this.name = name;
    this.#server = server;
    this.#seed = seed;
    this.#history = history;
    this.#habits = habits;
  }

  get auto(): AutoBackup {
    return this.#auto as AutoBackup;
  }

  /** A new process, on what the disk holds. */
  async start(restores = false): Promise<void> {
    const process = new Process();
    this.#process = process;
    this.#clock = new FakeClock();
    this.#losesReply = false;
    const client = this.#server.client({
      storage: process.storage(this.#disk),
      clock: this.#clock,
      retry: { attempts: 1 },
      fetch: (url, init) => process.begin(() => this.#ask(process, url, init)),
    });
    if (restores) await client.signInWithSeed(this.#seed);
    const wallet = await client.openWallet(this.#seed);
    if (restores) {
      const restored = await wallet.restore();
      this.content = restored.dump;
      await restored.accept();
    }
    this.#wallet = wallet;
    const { isSlow, resolve } = this.#habits;
    let readVersion = 0;
    this.#auto = wallet.autoBackup({
      read: () => {
        readVersion = this.#version;
        const { content } = this;
        return isSlow ? settle().then(() => content) : content;
      },
      apply: async (merged, { conflicts }) => {
        if (this.#version !== readVersion) return false;
        this.#takeOver(process, merged, conflicts);
        if (isSlow) await settle();
        return true;
      },
      resolve,
    });
    await settle();
  }

  /** The process dies here, or after so many operations of its storage and its network more. */
  die(after = 0): void {
    this.#process.left = after;
  }

  loseReply(): void {
    this.#losesReply = true;
  }

  /** A person does something, and the wallet tells of it. */
  change(what: (content: Dump) => { content: Dump; told: Omit<Told, "device"> } | undefined): void {
    const changed = what(this.content);
    if (!changed) return;
    this.content = changed.content;
    this.#version++;
    this.#history.tell({ ...changed.told, device: this.name });
    this.auto.changed();
  }

  /**
   * Waits until all is stored, or nothing more can come of it now.
   *
   * @returns whether it is stored
   */
  async durable(meanwhile: () => Promise<void> = async () => undefined): Promise<boolean> {
    const told = this.#history.toldBy(this.name);
    let outcome: { error?: unknown } | undefined;
    const { auto } = this;
    auto.durable().then(
      () => {
        outcome = {};
      },
      (error) => {
        outcome = { error };
      },
    );
    await meanwhile();
    const isOver = () => outcome !== undefined || this.#process.isDead;
    const end = this.#clock.now() + PATIENCE_MS;
    // Time goes on, for the next try and for an apply that returned false.
    await until(async () => {
      if (!isOver()) await this.#clock.advance(STEP_MS);
      return isOver() || (this.#clock.now() > end && auto.status.state !== "saving");
    });
    if (!outcome) return false;
    if (outcome.error === undefined) {
      this.#history.acknowledge(told);
      return true;
    }
    await this.#mend(outcome.error);
    return false;
  }

  /** Time for what comes by itself. */
  async wait(ms: number): Promise<void> {
    await this.#clock.advance(ms);
    await until(() => this.#process.isDead || this.auto.status.state !== "saving");
  }

  get isDead(): boolean {
    return this.#process.isDead;
  }

  /** What a person chooses where the server has lost something. */
  async #mend(error: unknown): Promise<void> {
    const isLoss = [WentBackError, ForkError, WalletGoneError].some((kind) => error instanceof kind);
    if (!isLoss) throw error;
    const process = this.#process;
    const mended = this.#wallet?.reconcile({
      read: () => this.content,
      apply: (merged, { conflicts }) => this.#takeOver(process, merged, conflicts),
    });
    let isOver = false;
    mended
      ?.catch(() => undefined)
      .finally(() => {
        isOver = true;
      });
    await until(() => isOver || process.isDead);
  }

  #takeOver(process: Process, merged: Dump, conflicts: readonly MergeConflict[]): void {
    if (process.isDead) return;
    this.content = merged;
    this.#version++;
    this.#history.report(conflicts);
  }

  async #ask(process: Process, url: string, init: RequestInit): Promise<Response> {
    if (!this.isOnline) return noNetwork();
    const response = await fetch(url, { ...init, signal: null });
    if (this.#losesReply && init.method === "POST" && url.endsWith("/backups")) {
      this.#losesReply = false;
      await response.arrayBuffer();
      return noNetwork();
    }
    return process.isDead ? new Promise(() => undefined) : response;
  }

  /** Ends the process in good order. */
  close(): void {
    this.#wallet?.close();
  }
}

export type Changed = ReturnType<Parameters<Device["change"]>[0]>;

export function renameAccount(index: number, name: string): (content: Dump) => Changed {
  return withAccount(index, (account) => ({ ...account, name }), "name", name);
}

export function useAddresses(index: number, count: number): (content: Dump) => Changed {
  return (content) => {
    const next = (content.accounts[index]?.external?.next ?? 0) + count;
    const use = (account: Account): Account => ({ ...account, external: { ...account.external, next } });
    return withAccount(index, use, "external", next)(content);
  };
}

export function addAccount(account: Account): (content: Dump) => Changed {
  return (content) => ({
    content: { ...content, accounts: [...content.accounts, account] },
    told: { section: "accounts", id: account.id, key: "name", value: account.name },
  });
}

export function writeLabel(ref: string, text: string): (content: Dump) => Changed {
  return (content) => {
    const label: Label = { type: "tx", ref, label: text };
    const labels = [...(content.labels ?? []).filter((other) => other.ref !== ref), label];
    return { content: { ...content, labels }, told: { section: "labels", id: ref, key: "label", value: text } };
  };
}

export function removeLabel(ref: string): (content: Dump) => Changed {
  return (content) => {
    const labels = (content.labels ?? []).filter((other) => other.ref !== ref);
    if (labels.length === content.labels?.length) return undefined;
    return { content: { ...content, labels }, told: { section: "labels", id: ref, key: undefined, value: undefined } };
  };
}

function withAccount(
  index: number,
  change: (account: Account) => Account,
  key: string,
  value: string | number,
): (content: Dump) => Changed {
  return (content) => {
    const account = content.accounts[index];
    if (!account) return undefined;
    const accounts = content.accounts.map((other) => (other === account ? change(account) : other));
    return { content: { ...content, accounts }, told: { section: "accounts", id: account.id, key, value } };
  };
}
