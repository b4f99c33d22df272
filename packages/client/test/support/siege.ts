import { type Dump, serializeDump } from "@cloudbackup/core";
import { bytesToHex } from "@noble/hashes/utils.js";
import { type Client, createClient } from "../../src/account.ts";
import type { ClientOptions, Fetch } from "../../src/options.ts";
import { memoryStorage, type Storage } from "../../src/storage.ts";
import { createTestServer, type TestServer } from "../../src/testing.ts";
import type { WalletBackup } from "../../src/wallet-backup.ts";
import { type Answer, type HttpServer, relayTo, serve } from "./http.ts";
import { dump, noise, OTHER_SEED, PASSWORD, renamed, SEED } from "./wallets.ts";

const login = { username: "alice", password: PASSWORD };

/** What is backed up: several chunks, so that there is something to withhold and to exchange. */
const large = { ...dump, "acme.photos": [noise(100_000)] };
/** What each revision holds, from 1. */
export const HISTORY = ["One", "Two", "Three", "Four"].map((name) => renamed(name, large));
export const LATEST = renamed("Four", large);
/** What a device backs up next: with chunks that the server lacks. */
export const NEXT = renamed("Five", { ...large, "acme.photos": [noise(100_000, "five")] });

/** A wallet of four revisions, the devices that know it, and a server over HTTP that can turn hostile. */
export interface Siege {
  server: TestServer;
  http: HttpServer;
  /** Lets something else answer in place of the server; undefined: it is honest again. */
  answerBy(fetch: Fetch | undefined): void;
  /** Lets something else answer the requests for the latest backup, by bytes. */
  answerLatestBy(answer: Answer | undefined): void;
  /** A client of a device that is signed in, with what that device has kept. */
  client(device: "new" | "seen" | "behind", options?: Partial<ClientOptions>): Promise<Besieged>;
}

export interface Besieged {
  client: Client;
  storage: Storage;
  wallet(): Promise<WalletBackup>;
}

/** @param stopAfter as `onTestFinished` or `afterAll` */
export async function besiege(stopAfter: (stop: () => Promise<void>) => void): Promise<Siege> {
  const answering: { with: Fetch | undefined; latest: Answer | undefined } = { with: undefined, latest: undefined };
  const relay = relayTo((target, init) => (answering.with ?? server.fetch)(target, init));
  const http = await serve((request, reply) => {
    const answer = request.url?.endsWith("/backups/latest") ? answering.latest : undefined;
    (answer ?? relay)(request, reply);
  }, stopAfter);
  const { url } = http;
  const server = createTestServer({ url });
  const connect = (storage: Storage, options: Partial<ClientOptions> = {}): Client =>
    createClient({ url, storage, retry: { attempts: 2, baseMs: 1, maxMs: 1 }, timeoutMs: 1_500, ...options });

  const kept = { new: memoryStorage(), seen: memoryStorage(), behind: memoryStorage() };
  const clients = { seen: connect(kept.seen), behind: connect(kept.behind) };
  await clients.seen.register({ ...login, email: "alice@example.org" });
  for (const client of Object.values(clients)) await client.signIn(login);
  await (await clients.seen.openWallet(OTHER_SEED)).backup({ ...dump, "acme.photos": [noise(60_000, "other")] });
  const wallet = await clients.seen.openWallet(SEED);
  for (const [i, each] of HISTORY.entries()) {
    await wallet.backup(each);
    if (i === 0) await (await (await clients.behind.openWallet(SEED)).restore()).accept();
  }

  return {
    server,
    http,
    answerBy: (fetch) => {
      answering.with = fetch;
    },
    answerLatestBy: (answer) => {
      answering.latest = answer;
    },
    async client(device, options) {
      const storage = await copyOf(kept[device]);
      const client = connect(storage, options);
      if (device === "new") await client.signIn(login);
      return { client, storage, wallet: () => client.openWallet(SEED) };
    },
  };
}

async function copyOf(storage: Storage): Promise<Storage> {
  const copy = memoryStorage();
  for (const key of await storage.keys("")) await copy.set(key, (await storage.get(key)) as Uint8Array);
  return copy;
}

/** What two dumps must have in common to be the same; quick to compare. */
export function contentOf(dump: Dump): string {
  return bytesToHex(serializeDump(dump).checksum);
}

/** What a device believes: the marks, and what it holds. */
export async function beliefOf(storage: Storage): Promise<Map<string, Uint8Array | undefined>> {
  const keys = (await storage.keys("cloudbackup/wallets/")).filter((key) => /\/(mark|state)$/.test(key));
  return new Map(await Promise.all(keys.map(async (key) => [key, await storage.get(key)] as const)));
}
