import { type Client, createClient, type Dump, type WalletBackup } from "@cloudbackup/client";
import { type BackupKeys, createBackup, deriveBackupKeys, NO_REALM } from "@cloudbackup/core";
import { mnemonicToSeed } from "@cloudbackup/core/seed";
import { createServer } from "@cloudbackup/server";

/*
 * What examples use without making it. An example that needs more makes it, or imports it.
 */
declare global {
  /** A published mnemonic. */
  var words: string;
  /** Its seed. */
  var seed: Uint8Array;
  /** What the wallet knows: one account. */
  var dump: Dump;
  /** Those of the seed, where no server is involved. */
  var keys: BackupKeys;
  /** The dump's first backup under these keys. */
  var bundle: Uint8Array;
  /** The wallet's own database. */
  var store: Store;
  /** A client of https://backup.example, at which hodler21 is signed in. */
  var client: Client;
  /** The seed's wallet there, of which the server holds one backup: that of the dump. */
  var wallet: WalletBackup;
}

interface Store {
  dump(): Dump;
  load(dump: Dump): void;
  on(event: "change", listener: () => void): void;
  /** Shows something to the person. */
  show(...what: unknown[]): void;
}

type Offline = Pick<typeof globalThis, "words" | "seed" | "dump" | "keys" | "bundle" | "store">;
type Online = Pick<typeof globalThis, "client" | "wallet">;

/** What an example runs in. Undo closes what was opened, and takes the names away again. */
export interface Surroundings extends AsyncDisposable {
  /** Where https://backup.example is; undefined where nobody asked for it. */
  url: string | undefined;
  /** Where https://other.example is: another server, with the same user and no wallets. */
  otherUrl: string | undefined;
}

export async function surround(servers: 0 | 1 | 2): Promise<Surroundings> {
  const offline = await makeOffline();
  const nowhere = { url: undefined, close: async () => {} };
  const { url, close, ...online } = servers > 0 ? await makeOnline(offline) : nowhere;
  const other = servers > 1 ? await startServer() : nowhere;
  const names = { ...offline, ...online };
  Object.assign(globalThis, names);
  return {
    url,
    otherUrl: other.url,
    async [Symbol.asyncDispose]() {
      for (const name of Object.keys(names)) Reflect.deleteProperty(globalThis, name);
      await close();
      await other.close();
    },
  };
}

async function makeOffline(): Promise<Offline> {
  const words = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
  const seed = await mnemonicToSeed(words);
  const dump: Dump = {
    accounts: [
      {
        id: "mainnet/m/84'/0'/0'",
        kind: "standard",
        network: "mainnet",
        name: "Spending",
        path: "m/84'/0'/0'",
        script: "p2wpkh",
        external: { next: 7 },
        internal: { next: 3 },
      },
    ],
    pairings: [],
  };
  const keys = deriveBackupKeys(seed, NO_REALM);
  const random = (length: number) => new Uint8Array(length).fill(7);
  const { bundle } = createBackup({ dump, keys, random, device: random(16), now: 0 });
  const store: Store = { dump: () => dump, load() {}, on() {}, show() {} };
  return { words, seed, dump, keys, bundle, store };
}

async function makeOnline({ seed, dump }: Offline): Promise<Online & { url: string; close: () => Promise<void> }> {
  const { url, client, close } = await startServer();
  const wallet = await client.openWallet(seed);
  await wallet.backup(dump);
  return {
    client,
    wallet,
    url,
    close: async () => {
      wallet.close();
      await close();
    },
  };
}

async function startServer(): Promise<{ url: string; client: Client; close: () => Promise<void> }> {
  const config = { dataDir: "unused", database: ":memory:", activation: "none", logLevel: "silent" } as const;
  const server = await createServer(config);
  const url = await server.listen({ host: "127.0.0.1", port: 0 });
  const client = createClient({ url });
  const login = { username: "hodler21", password: "correct horse battery staple" };
  await client.register({ ...login, email: "hodler21@example.org" });
  await client.signIn(login);
  return { url, client, close: () => server.close() };
}
