import { openManifest } from "@cloudbackup/core";
import { onTestFinished } from "vitest";
import type { Client } from "../../src/account.ts";
import type { MirroredWallet } from "../../src/mirrored-wallet.ts";
import { createMirrors, type MirrorsOptions } from "../../src/mirrors.ts";
import { memoryStorage, type Storage } from "../../src/storage.ts";
import { partsOf } from "../../src/wallet-parts.ts";
import { FakeClock, until } from "./fake-clock.ts";
import { type RealServer, SEED } from "./wallets.ts";

/** Several servers, at each of which the user `user0`, `user1` … has the wallet. */
export class Mirrored<Servers extends readonly RealServer[]> {
  readonly servers: Servers;
  readonly clock = new FakeClock();

  constructor(servers: Servers) {
    this.servers = servers;
  }

  /** A device, by default one that knows nothing. It is signed in at servers that are away, too. */
  async device(storage: Storage = memoryStorage(), options: MirrorsOptions = {}): Promise<MirroredWallet> {
    // The clock is moved while requests are under way: that shall not be a server's silence.
    const patient = { storage, clock: this.clock, timeoutMs: 2 ** 31 - 1, retry: { attempts: 1 } };
    const clients: Client[] = [];
    for (const [i, server] of this.servers.entries()) {
      const { intercept } = server;
      server.intercept = undefined;
      clients.push(await server.signedIn(`user${i}`, patient));
      server.intercept = intercept;
    }
    const wallet = await createMirrors(clients, options).openWallet(SEED);
    onTestFinished(() => wallet.close());
    return wallet;
  }

  /** What each server holds, or the name of the error. */
  contents(): Promise<unknown[]> {
    return Promise.all(
      this.servers.map(async (server, i) => {
        await using wallet = await (await server.signedIn(`user${i}`)).openWallet(SEED);
        return await wallet.restore().then(
          (restored) => restored.dump,
          (error: Error) => error.constructor.name,
        );
      }),
    );
  }

  /** Of what a server holds. */
  async manifestAt(which: number) {
    await using wallet = await this.#walletAt(which);
    const { keys, requests } = partsOf(wallet);
    return openManifest(await requests.downloadHead("latest", 1_000_000), keys).manifest;
  }

  /** Deletes the wallet there, behind everybody's back. */
  async lose(which: number): Promise<void> {
    await using wallet = await this.#walletAt(which);
    await wallet.delete();
  }

  async realmOf(which: number): Promise<string> {
    return (await this.#at(which).client().serverInfo()).realm;
  }

  async #walletAt(which: number) {
    return (await this.#at(which).signedIn(`user${which}`)).openWallet(SEED);
  }

  #at(which: number): RealServer {
    return this.servers[which] as RealServer;
  }
}

/** Revisions that were acknowledged. */
export function receiptsOf({ servers }: { servers: readonly { receipt?: { revision: number } | undefined }[] }) {
  return servers.map(({ receipt }) => receipt?.revision);
}

export function statesOf({ servers }: { servers: readonly { state: string }[] }): string[] {
  return servers.map(({ state }) => state);
}

/** Waits until every server has answered. */
export async function settled(wallet: MirroredWallet): Promise<void> {
  await until(() => wallet.servers.every(({ receipt, error }) => receipt !== undefined || error !== undefined));
}

export async function takeOver(wallet: MirroredWallet) {
  const restored = await wallet.restore();
  await restored.accept();
  return restored;
}
