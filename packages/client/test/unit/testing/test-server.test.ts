import { describe, expect, it } from "vitest";
import { createClient } from "../../../src/account.ts";
import {
  ForkError,
  NotActivatedError,
  NotSignedInError,
  RateLimitedError,
  RestoreFirstError,
  UnavailableError,
  UnreachableError,
  WalletGoneError,
  WentBackError,
  WrongOriginError,
} from "../../../src/errors.ts";
import { createTestServer, type TestServerOptions } from "../../../src/testing.ts";
import { errorOf } from "../../support/errors.ts";
import { dump, PASSWORD, renamed, SEED } from "../../support/wallets.ts";

const login = { username: "alice", password: PASSWORD };
const user = { ...login, email: "alice@example.org" };

async function start(options: TestServerOptions = {}) {
  const server = createTestServer(options);
  const newClient = () => createClient({ url: server.url, fetch: server.fetch, retry: { attempts: 1 } });
  const client = newClient();
  await client.register(user);
  if (options.activation !== "mail") await client.signIn(login);
  return { server, client, newClient };
}

async function started(options: TestServerOptions = {}) {
  const { server, client, newClient } = await start(options);
  const wallet = await client.openWallet(SEED);
  return { server, client, newClient, wallet };
}

describe("the server in memory", () => {
  it("refuses what it does not know, and what is wrong", () => {
    expect(() => createTestServer({ uri: "x" } as object)).toThrow(/no option "uri"/);
    expect(() => createTestServer({ realm: "00".repeat(16) })).toThrow(RangeError);
    expect(() => createTestServer({ realm: "x" })).toThrow(RangeError);
    const server = createTestServer();
    expect(() => server.revisions("00")).toThrow(RangeError);
    expect(() => server.goBack("00", 0)).toThrow(RangeError);
    expect(() => server.forget("00")).toThrow(RangeError);
    expect(() => server.failNext("unavailable", { times: 0 })).toThrow(RangeError);
  });

  it("is where its URL says, below a path too, and nowhere else", async () => {
    const { server, wallet } = await started({ url: "https://example.test/backup/", realm: "ab".repeat(16) });
    expect(server.url).toBe("https://example.test/backup");
    expect(server.realm).toBe("ab".repeat(16));
    expect(await wallet.backup(dump)).toMatchObject({ revision: 1 });
    for (const url of ["https://example.test/v1/server", "https://other.test/backup/v1/server"]) {
      await expect(server.fetch(url, {})).rejects.toThrow(TypeError);
    }
  });

  it("tells what it was asked, and what it holds", async () => {
    const { server, wallet } = await started();
    const receipt = await wallet.backup(dump);
    expect(server.requests).toContainEqual({ method: "POST", path: `/v1/wallets/${wallet.id}/backups` });
    expect(server.wallets()).toEqual([wallet.id]);
    const { revision, sha256, storedAt } = receipt;
    expect(server.revisions(wallet.id)).toEqual([{ revision, sha256, storedAt, bytes: expect.any(Number) }]);
    expect(server.revisions(wallet.id)).toEqual(await wallet.history());
  });

  it("takes no signature for an address that it does not know", async () => {
    const { wallet } = await started({ origins: ["https://backup.example"] });
    await expect(wallet.backup(dump)).rejects.toThrow(WrongOriginError);
  });

  it("waits for a link, where users must follow one", async () => {
    const { server, client } = await start({ activation: "mail" });
    expect(server.activationToken("bob")).toBeUndefined();
    await expect(client.signIn(login)).rejects.toThrow(NotActivatedError);
    await client.activate({ token: server.activationToken("alice") ?? "" });
    expect(server.activationToken("alice")).toBeUndefined();
    await client.signIn(login);
  });

  it("has a clock, by which sessions expire", async () => {
    const { server, client } = await start();
    server.advance(30 * 24 * 60 * 60 * 1000);
    await expect(client.wallets()).rejects.toThrow(NotSignedInError);
    const other = await start({ passwordSessionMs: 5_000, now: () => 0 });
    other.server.advance(5_000);
    await expect(other.client.wallets()).rejects.toThrow(NotSignedInError);
  });

  it("takes nobody where registration is closed", async () => {
    const server = createTestServer({ registration: "closed" });
    const client = createClient({ url: server.url, fetch: server.fetch });
    expect(await errorOf(client.register(user))).toMatchObject({ problem: "registration-closed" });
    expect((await client.serverInfo()).registration).toBe("closed");
  });
});

describe("what a test does to it:", () => {
  it("it goes offline, and comes back", async () => {
    const { server, wallet } = await started();
    await wallet.backup(dump);
    server.offline = true;
    const asked = server.requests.length;
    await expect(wallet.restore()).rejects.toThrow(UnreachableError);
    expect(server.requests).toHaveLength(asked);
    server.offline = false;
    expect((await wallet.restore()).dump).toEqual(dump);
  });

  it("it answers a problem to the requests that were chosen, as often as was said", async () => {
    const { server, wallet } = await started();
    await wallet.backup(dump);
    server.failNext("rate-limited", { retryAfterSeconds: 7, only: ({ path }) => path.endsWith("/latest") });
    server.failNext("unavailable", { times: 2 });
    const failed = await errorOf(wallet.history());
    expect(failed).toBeInstanceOf(UnavailableError);
    const limited = await errorOf(wallet.restore());
    expect(limited).toBeInstanceOf(RateLimitedError);
    expect(limited).toMatchObject({ retryAfterMs: 7_000 });
    await expect(wallet.restore()).rejects.toThrow(UnavailableError);
    expect(await wallet.restore()).toMatchObject({ revision: 1 });
  });

  it("it does what it was asked, and nobody hears of it", async () => {
    const { server, wallet } = await started();
    await wallet.backup(dump);
    server.loseNextReply({ only: ({ method, path }) => method === "POST" && path.endsWith("/backups") });
    await expect(wallet.backup(renamed("Lost"))).rejects.toThrow(UnreachableError);
    expect(server.revisions(wallet.id).map(({ revision }) => revision)).toEqual([2, 1]);
    expect(await wallet.backup(renamed("Lost"))).toMatchObject({ revision: 2, changed: false });
  });

  it("it goes back to an old copy of its disk, of one wallet", async () => {
    const { server, wallet } = await started();
    await wallet.backup(dump);
    await wallet.backup(renamed("Newer"));
    server.goBack(wallet.id, 1);
    expect(server.revisions(wallet.id)).toHaveLength(1);
    await expect(wallet.restore()).rejects.toThrow(WentBackError);
    server.goBack(wallet.id, 0);
    await expect(wallet.restore()).rejects.toThrow(WentBackError);
    expect(() => server.goBack(wallet.id, 1)).toThrow(RangeError);
  });

  it("it loses a wallet", async () => {
    const { server, wallet } = await started();
    await wallet.backup(dump);
    server.forget(wallet.id);
    expect(server.wallets()).toEqual([]);
    await expect(wallet.restore()).rejects.toThrow(WalletGoneError);
  });

  it("it goes back to a moment, and on from there aside", async () => {
    const { server, newClient, wallet } = await started();
    await wallet.backup(dump);
    const then = server.snapshot();
    await wallet.backup(renamed("Here"));
    server.restore(then);
    const client = newClient();
    await client.signIn(login);
    const other = await client.openWallet(SEED);
    await expect(other.backup(renamed("There"))).rejects.toThrow(RestoreFirstError);
    await (await other.restore()).accept();
    await other.backup(renamed("There"));
    await expect(wallet.restore()).rejects.toThrow(ForkError);
    // The snapshot is as it was.
    server.restore(then);
    expect(server.revisions(wallet.id)).toHaveLength(1);
  });

  it("it listens to a signal", async () => {
    const server = createTestServer();
    const gone = server.fetch(`${server.url}/v1/server`, { signal: AbortSignal.abort("enough") });
    expect(await errorOf(gone)).toBe("enough");
    expect(server.requests).toEqual([]);
  });

  it("it takes bodies as fetch does", async () => {
    const server = createTestServer();
    const json = JSON.stringify(user);
    const statuses: number[] = [];
    for (const body of [new Blob([json]), json, new TextEncoder().encode(json)]) {
      const headers = { "content-type": "application/json" };
      statuses.push((await server.fetch(`${server.url}/v1/users`, { method: "POST", headers, body })).status);
    }
    expect(statuses).toEqual([202, 409, 409]);
  });
});
