import {
  type AnySectionDefinition,
  type BackupKeys,
  deriveBackupKeys,
  type KeySource,
  NO_REALM,
} from "@cloudbackup/core";
import { Client, optionsOf } from "./account.ts";
import { assertInteger, assertKnown } from "./checks.ts";
import { withKeySource } from "./key-source.ts";
import { MirroredWallet } from "./mirrored-wallet.ts";

/** How several servers work together. */
export interface MirrorsOptions {
  /** How many servers must have a backup before it is done; by default more than half of them. */
  quorum?: number | undefined;
}

/**
 * Several servers that each hold every wallet. Each client is signed in by itself; they may share one `storage`.
 *
 * @param clients of servers that have nothing to do with each other, two at least
 * @param options where the defaults do not fit
 * @throws TypeError, RangeError for what is wrong or unknown
 * @example
 * ```ts
 * import { createClient, createMirrors } from "@cloudbackup/client";
 *
 * const other = createClient({ url: "https://other.example" });
 * await other.signIn({ username: "hodler21", password: "correct horse battery staple" });
 *
 * const mirrors = createMirrors([client, other], { quorum: 1 });
 * await using both = await mirrors.openWallet(seed);
 * const restored = await both.restore();
 * console.log(restored.servers.map(({ state }) => state)); // → [ 'ok', 'missing' ]
 * await restored.accept();
 *
 * await both.backup(restored.dump); // done when one has it,
 * const { servers } = await both.sync(); // and now the other has it, too
 * console.log(servers.map(({ receipt }) => receipt?.revision)); // → [ 1, 1 ]
 * ```
 */
export function createMirrors<D extends readonly AnySectionDefinition[]>(
  clients: readonly Client<D>[],
  options: MirrorsOptions = {},
): Mirrors<D> {
  assertKnown(options, ["quorum"], "createMirrors");
  if (!Array.isArray(clients) || clients.some((client) => !(client instanceof Client))) {
    throw new TypeError("clients must be a list of what createClient gave");
  }
  if (clients.length < 2) throw new RangeError("clients must be two at least");
  const urls = new Set(clients.map((client) => optionsOf(client).url.href));
  if (urls.size < clients.length) throw new RangeError("clients must be of different servers: two have one url");
  assertInteger(options.quorum, "quorum", 1, clients.length);
  return new Mirrors([...clients], options.quorum ?? Math.floor(clients.length / 2) + 1);
}

/** Several servers, and the way to the wallets there. `createMirrors` makes it. */
export class Mirrors<D extends readonly AnySectionDefinition[] = []> {
  readonly #clients: readonly Client<D>[];
  readonly #quorum: number;

  /** @internal use `createMirrors` */
  constructor(clients: readonly Client<D>[], quorum: number) {
    this.#clients = clients;
    this.#quorum = quorum;
  }

  /**
   * Derives a wallet's keys for each server. Registers nothing; asks servers for their realm where this device has not seen
   * it. One that does not answer is asked again by whatever needs it. Call `close()` when done.
   *
   * @param source is copied: seed, `{ xprv }`, `{ exported }`, or keys of any realm
   * @throws SameRealmError: two clients lead to one server; TypeError, RangeError for what is no seed, no root xprv, no export
   */
  async openWallet(source: KeySource | BackupKeys): Promise<MirroredWallet<D>> {
    const keys = withKeySource(source, (seed) => deriveBackupKeys(seed, NO_REALM));
    const wallet = new MirroredWallet<D>(this.#clients, keys, this.#quorum);
    await wallet.open();
    return wallet;
  }
}
