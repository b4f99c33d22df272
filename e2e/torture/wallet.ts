import { type BackupKeys, type Dump, deriveBackupKeys } from "@cloudbackup/core";
import { decodeBundle, encodeBundle } from "@cloudbackup/core/wire";
import { type Answer, type Api, Finding, jsonOf, NoReplyError } from "./api.ts";
import type { Dice } from "./dice.ts";
import { changedDump, hexOf, type Parent, type Sealed, seal } from "./sealed.ts";
import { commit, deleteWallet, register, sendChunks, signInBySeed } from "./signed.ts";
import type { User } from "./user.ts";

export interface Receipt {
  revision: number;
  sha256: string;
  storedAt: string;
}

/** What was asked for and not answered: it is there wholly, or wholly not. */
export type Pending = { kind: "registration" } | { kind: "commit"; sealed: Sealed } | { kind: "deletion" };

/** How often a wallet does what. */
const WORK = { update: 60, chunksFirst: 15, replacement: 10, repetition: 8, signIn: 4, deletion: 3 };

/** A wallet that writes as long as it is answered, and notes what it was promised. */
export class Wallet {
  readonly keys: BackupKeys;
  readonly user: User;
  readonly #dice: Dice;
  readonly #onCommit: () => void;

  isRegistered = false;
  pending: Pending | null = null;
  /** Acknowledged since the wallet was registered, oldest first. */
  readonly acknowledged: Sealed[] = [];
  /** Hex ids of chunks that were acknowledged, and that no backup uses yet. */
  readonly uploaded = new Set<string>();
  /** Of a session by seed, while there is one. */
  seedToken: string | null = null;
  #lastRevision = 0;
  #dump: Dump = { accounts: [], pairings: [] };

  /** @param onCommit is called at each acknowledged one */
  constructor(user: User, realm: Uint8Array, dice: Dice, onCommit: () => void = () => {}) {
    this.user = user;
    this.#onCommit = onCommit;
    this.#dice = dice;
    this.keys = deriveBackupKeys(dice.bytes(32), realm);
  }

  get token(): string {
    return this.seedToken ?? this.user.token;
  }

  get latest(): Sealed | undefined {
    return this.acknowledged.at(-1);
  }

  /** Writes until there is no answer. @throws Finding */
  async work(api: Api): Promise<void> {
    try {
      for (;;) await this.#doSomething(api);
    } catch (error) {
      if (!(error instanceof NoReplyError)) throw error;
    }
  }

  async #doSomething(api: Api): Promise<void> {
    if (!this.isRegistered) return this.register(api);
    switch (this.#dice.pick(WORK)) {
      case "update":
        return this.#write(api, { whole: false, chunksFirst: false });
      case "chunksFirst":
        return this.#write(api, { whole: false, chunksFirst: true });
      case "replacement":
        return this.#write(api, { whole: true, chunksFirst: false });
      case "repetition":
        return this.#repeat(api);
      case "signIn":
        this.seedToken = await signInBySeed(api, this.keys);
        return;
      case "deletion":
        return this.delete(api);
    }
  }

  async register(api: Api): Promise<void> {
    this.pending = { kind: "registration" };
    await register(api, this.keys, this.user);
    this.confirmRegistration();
  }

  confirmRegistration(): void {
    this.isRegistered = true;
    this.pending = null;
  }

  async #write(api: Api, { whole, chunksFirst }: { whole: boolean; chunksFirst: boolean }): Promise<void> {
    const { latest } = this;
    const parent: Parent = latest ? { state: latest.state } : { revision: this.#lastRevision };
    const dump = changedDump(this.#dump, this.#dice);
    const sealed = seal(this.keys, dump, parent, this.#dice, whole);
    this.#dump = dump;
    if (chunksFirst) sealed.bundle = await this.#sendItems(api, sealed.bundle);
    this.pending = { kind: "commit", sealed };
    this.confirmCommit(await commit(api, this.keys, this.token, sealed, [201]));
  }

  /** Each chunk in a request of its own, as a client does with a large backup. @returns the bundle without them */
  async #sendItems(api: Api, bundle: Uint8Array): Promise<Uint8Array> {
    const { head, items } = decodeBundle(bundle);
    for (const item of items) {
      await sendChunks(api, this.keys, this.token, [item]);
      this.uploaded.add(hexOf(item.id));
    }
    return encodeBundle({ head, items: [] });
  }

  /** Takes an answer for the promise that it is. @throws Finding */
  confirmCommit(answer: Answer): void {
    if (this.pending?.kind !== "commit") throw new Error("there is no commit to confirm");
    const { sealed } = this.pending;
    // The status is a promise, whatever of the body arrived.
    this.pending = null;
    this.acknowledged.push(sealed);
    this.uploaded.clear();
    this.#lastRevision = sealed.revision;
    this.#onCommit();
    this.#verifyReceipt(sealed, answer);
  }

  async #repeat(api: Api): Promise<void> {
    const { latest } = this;
    if (!latest) return;
    this.#verifyReceipt(latest, await commit(api, this.keys, this.token, latest, [200]));
  }

  /** The same for the same commit, whenever it is asked for. */
  #verifyReceipt(sealed: Sealed, answer: Answer): void {
    const receipt = jsonOf<Receipt>(answer);
    sealed.storedAt ??= receipt.storedAt;
    const { revision, sha256, storedAt } = sealed;
    if (receipt.revision === revision && receipt.sha256 === sha256 && receipt.storedAt === storedAt) return;
    const said = JSON.stringify(receipt);
    throw new Finding(`Revision ${revision} (${sha256}, ${storedAt}) of ${this.keys.walletId} has the receipt ${said}`);
  }

  async delete(api: Api): Promise<void> {
    this.pending = { kind: "deletion" };
    await deleteWallet(api, this.keys, this.token, this.latest?.sha256 ?? null);
    this.confirmDeletion();
  }

  /** Its revision number stays: the next backup must exceed it. */
  confirmDeletion(): void {
    this.isRegistered = false;
    this.pending = null;
    this.acknowledged.length = 0;
    this.uploaded.clear();
    this.seedToken = null;
  }
}
