import { createHash } from "node:crypto";
import type { Account, Dump, Pairing } from "@cloudbackup/core";
import { createServer } from "@cloudbackup/server";
import { onTestFinished } from "vitest";
import { type Client, createClient } from "../../src/account.ts";
import type { ClientOptions, Fetch } from "../../src/options.ts";
import { createTestServer, type TestServer } from "../../src/testing.ts";
import { serveFetch } from "./http.ts";

export const SEED = Uint8Array.from({ length: 64 }, (_, i) => i);
export const OTHER_SEED = new Uint8Array(64).fill(9);
export const PASSWORD = "correct horse battery";

/** What of a request a test wants to see, and what it wants to happen to it. */
interface Seen {
  method: string;
  path: string;
  body: Uint8Array | undefined;
  init: RequestInit;
  /** Sends it, also when nobody waits for the answer any more. */
  forward: () => Promise<Response>;
}
/** Undefined: let it through. */
export type Intercept = (request: Seen) => Response | Promise<Response> | undefined;

export interface RealServer {
  url: string;
  /** Moves the server's clock. */
  advance(ms: number): void;
  /** `POST /v1/wallets/…/backups`, and so on, since `clear()`; the wallet's id is left out. */
  asked: string[];
  clear(): void;
  /** Goes before every request of the clients that `client` made. */
  intercept: Intercept | undefined;
  client(options?: Partial<ClientOptions>): Client;
  /** A client that is signed in; the user is registered at the first. */
  signedIn(username?: string, options?: Partial<ClientOptions>): Promise<Client>;
}

/** The server of this run until the test ends: the real one on a database in memory or, in a project of its own, the double. */
export async function startServer(): Promise<RealServer> {
  return serverOf(await (process.env.CLOUDBACKUP_TEST_SERVER === "memory" ? startDouble() : startReal()));
}

/** The real server on a folder, which may be changed while it stands still. */
export interface ServerOnDisk extends RealServer {
  /** Stops it, and starts it again at the same URL with what its folder has then. */
  restart(whileStopped: () => Promise<void>): Promise<void>;
}

export async function startServerOnDisk(dataDir: string): Promise<ServerOnDisk> {
  const started = await startReal({ dataDir });
  return Object.assign(serverOf(started), { restart: started.restart });
}

function serverOf({ url, advance, fetch }: Started): RealServer {
  const users = new Set<string>();

  const server: RealServer = {
    url,
    advance,
    asked: [],
    clear: () => {
      server.asked.length = 0;
    },
    intercept: undefined,
    client: (options = {}) =>
      createClient({ url, fetch: intercepted, retry: { attempts: 2, baseMs: 1, maxMs: 1 }, ...options }),
    async signedIn(username = "alice", options = {}) {
      const client = server.client(options);
      if (!users.has(username)) {
        users.add(username);
        await client.register({ username, password: PASSWORD, email: `${username}@example.org` });
      }
      await client.signIn({ username, password: PASSWORD });
      server.clear();
      return client;
    },
  };
  const intercepted: Fetch = async (target, init) => {
    const method = init.method ?? "GET";
    const path = target.slice(url.length).replace(/[0-9a-f]{64}/, "…");
    server.asked.push(`${method} ${path}`);
    const body = init.body instanceof Uint8Array ? init.body : undefined;
    const forward = () => fetch(target, { ...init, signal: null });
    return (await server.intercept?.({ method, path, body, init, forward })) ?? forward();
  };
  return server;
}

type Started = Pick<RealServer, "url" | "advance"> & { fetch: Fetch };

async function startReal(
  place: { dataDir: string; database?: string } = { dataDir: "unused", database: ":memory:" },
): Promise<Started & Pick<ServerOnDisk, "restart">> {
  let shift = 0;
  const create = () =>
    createServer({ ...place, activation: "none", logLevel: "silent", clock: () => Date.now() + shift });
  let app = await create();
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  onTestFinished(() => app.close());
  const advance = (ms: number) => {
    shift += ms;
  };
  const restart = async (whileStopped: () => Promise<void>) => {
    await app.close();
    await whileStopped();
    app = await create();
    await app.listen({ port: Number(new URL(url).port), host: "127.0.0.1" });
  };
  return { url, advance, fetch, restart };
}

/** Asked without a network by the clients that `client` makes, over a port by others. */
async function startDouble(): Promise<Started> {
  let double: TestServer | undefined;
  const { url } = await serveFetch((target, init) => (double as TestServer).fetch(target, init));
  double = createTestServer({ url });
  return { url, advance: double.advance, fetch: double.fetch };
}

/** No answer. */
export function noNetwork(): Promise<Response> {
  return Promise.reject(new TypeError("fetch failed"));
}

export function account(index: number, more: Partial<Account> = {}): Account {
  const path = `m/84'/0'/${index}'`;
  const chains = { external: { next: index }, internal: { next: 0 } };
  return {
    id: `mainnet/${path}`,
    kind: "standard",
    network: "mainnet",
    name: `No. ${index}`,
    path,
    script: "p2wpkh",
    ...chains,
    ...more,
  };
}

const pairing: Pairing = {
  id: "phone",
  network: "mainnet",
  account: "mainnet/m/84'/0'/0'",
  name: "My phone",
  publicKey: new Uint8Array(33).fill(2),
  chainCode: new Uint8Array(32).fill(7),
};

export const labels = Array.from({ length: 300 }, (_, i) => ({
  type: "tx",
  ref: i.toString(16).padStart(64, "0"),
  label: `No. ${i}`,
}));

export const dump: Dump = { accounts: [account(0), account(1), account(2)], pairings: [pairing], labels };

/** The same with one account's name changed. */
export function renamed(name: string, from: Dump = dump): Dump {
  return { ...from, accounts: from.accounts.map((each, i) => (i === 0 ? { ...each, name } : each)) };
}

/** Bytes that do not compress, the same in every run. */
export function noise(length: number, label = "noise"): Uint8Array {
  const parts: Buffer[] = [];
  for (let i = 0; i * 32 < length; i++) parts.push(createHash("sha256").update(`${label}${i}`).digest());
  return new Uint8Array(Buffer.concat(parts).subarray(0, length));
}
