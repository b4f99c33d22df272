import type { AnySectionDefinition, BackupKeys, MirrorMark } from "@cloudbackup/core";
import { bytesToHex } from "@noble/hashes/utils.js";
import { type Client, optionsOf } from "./account.ts";
import type { KnownState } from "./local-state.ts";
import type { ResolvedOptions } from "./options.ts";
import { loadMark, type Mark } from "./trust.ts";
import type { WalletBackup } from "./wallet-backup.ts";
import { partsOf, standingOf, type WalletParts } from "./wallet-parts.ts";

type Definitions = readonly AnySectionDefinition[];

/** What this device knows of a wallet at one server, without asking it. */
export interface MirrorView {
  readonly parts: WalletParts;
  /** What this device holds of it; null: nothing. */
  readonly base: KnownState | null;
  readonly mark: Mark | null;
}

/** A view that has something. */
export type HeldView = MirrorView & { readonly base: KnownState };

/** One of several servers. Its realm, and with it the wallet there, may be known only once it has answered. */
export class Mirror<D extends Definitions> {
  readonly options: ResolvedOptions;
  readonly url: string;
  readonly #client: Client<D>;
  readonly #keys: BackupKeys;
  readonly #onOpen: (parts: WalletParts) => void;
  #wallet: WalletBackup<D> | undefined;
  #opening: Promise<void> | undefined;
  #isClosed = false;

  /**
   * @param keys of the wallet, in any realm; stay the caller's
   * @param onOpen is called when it is open; what it throws is what opening throws
   */
  constructor(client: Client<D>, keys: BackupKeys, onOpen: (parts: WalletParts) => void) {
    this.options = optionsOf(client);
    this.url = this.options.url.href;
    this.#client = client;
    this.#keys = keys;
    this.#onOpen = onOpen;
  }

  /** Undefined until it is open. */
  get wallet(): WalletBackup<D> | undefined {
    return this.#wallet;
  }

  /** Undefined until it is open. */
  get parts(): WalletParts | undefined {
    return this.#wallet && partsOf(this.#wallet);
  }

  /** 32 hex characters; undefined until it is open. */
  get realm(): string | undefined {
    return this.parts && bytesToHex(this.parts.keys.realm);
  }

  /** Asks the server for its realm where this device has not seen it. @throws what `Client.openWallet` does */
  async open(): Promise<WalletParts> {
    if (!this.#wallet) {
      this.#opening ??= this.#openOnce().finally(() => {
        this.#opening = undefined;
      });
      await this.#opening;
    }
    return partsOf(this.#wallet as object);
  }

  /** Undefined where it is not open. */
  async view(): Promise<MirrorView | undefined> {
    const { parts } = this;
    return parts && { parts, base: await parts.local.base(), mark: await loadMark(parts.entries, parts.keys) };
  }

  close(): void {
    this.#isClosed = true;
    this.#wallet?.close();
  }

  async #openOnce(): Promise<void> {
    this.#wallet = await this.#client.openWallet(this.#keys);
    try {
      if (this.#isClosed) throw new TypeError("this wallet is closed");
      this.#onOpen(partsOf(this.#wallet));
    } catch (error) {
      this.#wallet.close();
      this.#wallet = undefined;
      throw error;
    }
  }
}

/**
 * What a server had last acknowledged of what this device holds, for the manifests of the others: what they name is in them.
 */
export function mirrorMarkOf({ parts, base }: MirrorView): MirrorMark[] {
  if (!base) return [];
  return [{ realm: parts.keys.realm, revision: base.state.manifest.revision, sha256: base.state.sha256 }];
}

/** The newest backup that this device holds: of the greatest generation, the first server's where several have it. */
export function newestOf(views: readonly MirrorView[]): HeldView | undefined {
  let newest: HeldView | undefined;
  for (const { base, ...view } of views) {
    if (base && (!newest || base.state.manifest.gen > newest.base.state.manifest.gen)) newest = { ...view, base };
  }
  return newest;
}

/** What the content of a wallet stands on at all servers together. */
export async function standingAtAll(mirrors: readonly Mirror<Definitions>[]): Promise<string> {
  const views = await viewsOf(mirrors);
  return views.map(({ parts, base }) => standingOf(parts.shared, base && bytesToHex(base.state.sha256))).join();
}

/** Of those that are open. */
export async function viewsOf(mirrors: readonly Mirror<Definitions>[]): Promise<MirrorView[]> {
  const views = await Promise.all(mirrors.map((mirror) => mirror.view()));
  return views.filter((view) => view !== undefined);
}
