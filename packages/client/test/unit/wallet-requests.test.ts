import { beforeEach, describe, expect, it } from "vitest";
import type { Client } from "../../src/account.ts";
import { NotSignedInError, NotYoursError, UnreachableError, WalletGoneError } from "../../src/errors.ts";
import { memoryStorage, type Storage } from "../../src/storage.ts";
import { errorOf } from "../support/errors.ts";
import { until } from "../support/fake-clock.ts";
import {
  dump,
  type Intercept,
  noNetwork,
  OTHER_SEED,
  PASSWORD,
  type RealServer,
  renamed,
  SEED,
  startServer,
} from "../support/wallets.ts";

const SIGN_IN = "POST /v1/sessions/wallet";
const DAY_MS = 86_400_000;

let server: RealServer;
/** Does not keep sessions, as folders and browsers do not. */
let storage: Storage;
beforeEach(async () => {
  server = await startServer();
  storage = { ...memoryStorage(), confidential: false };
});

/** Another process, in which nobody has signed in. */
function restarted(kept = storage): Client {
  server.intercept = undefined;
  server.clear();
  return server.client({ storage: kept });
}

const signIns = () => server.asked.filter((request) => request === SIGN_IN).length;

/** A wallet that was backed up on this storage. */
async function backedUp(seed = SEED, kept = storage): Promise<Client> {
  const client = await server.signedIn("alice", { storage: kept });
  await (await client.openWallet(seed)).backup(dump);
  return client;
}

describe("after a restart, a wallet that this device has backed up", () => {
  it("goes on by its own signature, without a person", async () => {
    await backedUp();
    const wallet = await restarted().openWallet(SEED);
    expect(signIns()).toBe(0);
    expect(await wallet.backup(renamed("Later"))).toMatchObject({ revision: 2 });
    expect(await wallet.restore()).toMatchObject({ dump: renamed("Later") });
    expect(signIns()).toBe(1);
  });

  it("does so too where it was only restored here", async () => {
    await backedUp(SEED, memoryStorage());
    const client = await server.signedIn("alice", { storage });
    await (await (await client.openWallet(SEED)).restore()).accept();
    expect(await (await restarted().openWallet(SEED)).backup(renamed("Later"))).toMatchObject({ revision: 2 });
  });

  it("signs in once for all who ask at once", async () => {
    await backedUp();
    const wallet = await restarted().openWallet(SEED);
    await Promise.all([wallet.restore(), wallet.history(), wallet.verify(dump), wallet.backup(renamed("Later"))]);
    expect(signIns()).toBe(1);
  });

  it("signs in again when that session has ended", async () => {
    await backedUp();
    const wallet = await restarted().openWallet(SEED);
    await wallet.history();
    server.advance(2 * DAY_MS);
    await Promise.all([wallet.history(), wallet.restore()]);
    expect(signIns()).toBe(2);
  });

  it("keeps its session to itself: others sign in by theirs, and what needs a user needs one", async () => {
    await backedUp();
    await backedUp(OTHER_SEED);
    const client = restarted();
    const [one, other] = [await client.openWallet(SEED), await client.openWallet(OTHER_SEED)];
    for (const wallet of [one, other, one, other]) await wallet.history();
    expect(signIns()).toBe(2);
    await expect(client.wallets()).rejects.toThrow(NotSignedInError);
  });

  it("does not need the client's session to be its own", async () => {
    await backedUp();
    await backedUp(OTHER_SEED);
    const client = restarted();
    await client.signInWithSeed(OTHER_SEED);
    const wallet = await client.openWallet(SEED);
    await wallet.history();
    await wallet.history();
    expect(signIns()).toBe(2);
  });

  it("goes by the user's session once somebody signs in", async () => {
    await backedUp();
    await server.signedIn("bob");
    const client = restarted();
    const wallet = await client.openWallet(SEED);
    await wallet.history();
    await client.signIn({ username: "bob", password: PASSWORD });
    await expect(wallet.history()).rejects.toThrow(NotYoursError);
    await client.signIn({ username: "alice", password: PASSWORD });
    server.clear();
    await wallet.history();
    expect(signIns()).toBe(0);
  });

  it("does not keep who has left already", async () => {
    await backedUp();
    const controller = new AbortController();
    const get = (key: string) => {
      if (key.endsWith("/mark")) controller.abort("enough");
      return storage.get(key);
    };
    const wallet = await restarted({ ...storage, get }).openWallet(SEED);
    server.intercept = ({ path }) => (path === "/v1/sessions/wallet" ? new Promise(() => {}) : undefined);
    expect(await errorOf(wallet.history({ signal: controller.signal }))).toBe("enough");
  });

  it("writes no token into the storage", async () => {
    await backedUp();
    const client = restarted();
    let token = "";
    server.intercept = async ({ path, forward }) => {
      const response = await forward();
      if (path === "/v1/sessions/wallet") ({ token } = (await response.clone().json()) as { token: string });
      return response;
    };
    await (await client.openWallet(SEED)).backup(renamed("Later"));
    expect(token.length).toBeGreaterThan(30);
    const keys = await storage.keys("");
    const values = await Promise.all(
      keys.map(async (key) => Buffer.from((await storage.get(key)) ?? []).toString("latin1")),
    );
    expect(values.join("\n")).not.toContain(token);
  });

  it("says that it is gone where it is", async () => {
    await backedUp();
    const elsewhere = await (await server.signedIn("alice")).openWallet(SEED);
    await elsewhere.delete();
    const wallet = await restarted().openWallet(SEED);
    await expect(wallet.restore()).rejects.toThrow(WalletGoneError);
    await expect(wallet.backup(dump)).rejects.toThrow(WalletGoneError);
    // A person has to say whose it is to be.
    await expect(wallet.backup(dump, { replace: true })).rejects.toThrow(NotSignedInError);
  });

  it("says that the server cannot be reached where it cannot", async () => {
    await backedUp();
    const wallet = await restarted().openWallet(SEED);
    server.intercept = ({ path }) => (path === "/v1/sessions/wallet" ? noNetwork() : undefined);
    await expect(wallet.restore()).rejects.toThrow(UnreachableError);
    server.intercept = undefined;
    expect(await wallet.restore()).toMatchObject({ revision: 1 });
  });
});

describe("nothing signs in by itself", () => {
  it("for a wallet that was not here before", async () => {
    await backedUp(SEED, memoryStorage());
    const wallet = await restarted().openWallet(SEED);
    for (const call of [() => wallet.restore(), () => wallet.backup(dump), () => wallet.history()]) {
      await expect(call()).rejects.toThrow(NotSignedInError);
    }
    expect(signIns()).toBe(0);
  });

  it("once somebody has signed out, be it of a session that began by itself", async () => {
    const client = await backedUp();
    const wallet = await client.openWallet(SEED);
    await client.signOut();
    await expect(wallet.history()).rejects.toThrow(NotSignedInError);
    const next = restarted();
    const opened = await next.openWallet(SEED);
    await opened.history();
    await next.signOut();
    server.clear();
    await expect(opened.history()).rejects.toThrow(NotSignedInError);
    await expect((await next.openWallet(SEED)).history()).rejects.toThrow(NotSignedInError);
    expect(signIns()).toBe(0);
    await next.signIn({ username: "alice", password: PASSWORD });
    await opened.history();
  });

  it("where somebody signs out meanwhile", async () => {
    await backedUp();
    const client = restarted();
    await client.signInWithSeed(SEED);
    const wallet = await client.openWallet(SEED);
    server.advance(2 * DAY_MS);
    server.intercept = async ({ path, forward }) => {
      if (path === "/v1/sessions/wallet") await client.signOut().catch(() => undefined);
      return forward();
    };
    await wallet.history();
    server.intercept = undefined;
    await expect(wallet.history()).rejects.toThrow(NotSignedInError);
  });

  it("where the storage keeps sessions and holds none: somebody has signed out", async () => {
    const confidential = memoryStorage();
    const client = await backedUp(SEED, confidential);
    await (await restarted(confidential).openWallet(SEED)).history();
    await client.signOut();
    await expect((await restarted(confidential).openWallet(SEED)).history()).rejects.toThrow(NotSignedInError);
    expect(signIns()).toBe(0);
  });
});

describe("a session that has expired", () => {
  it("is renewed once for all who ask at once", async () => {
    const wallet = await (await backedUp()).openWallet(SEED);
    server.advance(31 * DAY_MS);
    server.clear();
    await Promise.all([wallet.restore(), wallet.history(), wallet.verify(dump)]);
    expect(signIns()).toBe(1);
    await wallet.history();
    expect(signIns()).toBe(1);
  });

  it("is renewed for the others though who asked first does not wait", async () => {
    const wallet = await (await backedUp()).openWallet(SEED);
    server.advance(31 * DAY_MS);
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let isHeld = false;
    const hold: Intercept = ({ path, forward }) => {
      if (path !== "/v1/sessions/wallet") return undefined;
      isHeld = true;
      return released.then(forward);
    };
    server.intercept = hold;
    server.clear();
    const controller = new AbortController();
    const first = errorOf(wallet.history({ signal: controller.signal }));
    await until(() => isHeld);
    const second = wallet.history();
    controller.abort("enough");
    expect(await first).toBe("enough");
    release();
    expect(await second).toHaveLength(1);
    expect(signIns()).toBe(1);
  });
});

describe("lists of revisions", () => {
  const sha256 = "ab".repeat(32);
  const entry = (revision: number) => ({ revision, sha256, bytes: 1, storedAt: "2026-01-02T03:04:05Z" });

  /** Answers what is asked at `at` with JSON. */
  const answering = (at: string, json: unknown) => {
    server.intercept = ({ path }) => (path === at ? Response.json(json) : undefined);
  };

  it.each([
    ["out of order", [1, 2]],
    ["there twice", [2, 2, 1]],
  ])("of a history are not believed where they are %s", async (_, revisions) => {
    const wallet = await (await backedUp()).openWallet(SEED);
    answering("/v1/wallets/…/backups", revisions.map(entry));
    expect(await errorOf(wallet.history())).toMatchObject({ code: "ERR_CB_BAD_RESPONSE", retryable: false });
    answering("/v1/wallets/…/backups", [9, 3, 1].map(entry));
    expect((await wallet.history()).map(({ revision }) => revision)).toEqual([9, 3, 1]);
  });

  it.each([
    ["out of order", [2, 1]],
    ["there twice", [1, 1, 2]],
    ["below what was asked for", [0, 1, 2]],
  ])("of a chain are not believed where they are %s", async (_, revisions) => {
    const wallet = await (await backedUp()).openWallet(SEED);
    const other = await server.signedIn("alice");
    await (await other.openWallet(SEED)).backup(renamed("Two"), { replace: true });
    answering(
      "/v1/wallets/…/chain?from=1",
      revisions.map((revision) => [revision, sha256]),
    );
    expect(await errorOf(wallet.restore())).toMatchObject({ code: "ERR_CB_BAD_RESPONSE", retryable: false });
  });
});

it("a server that was set up anew is not told who signs in", async () => {
  const wallet = await (await backedUp()).openWallet(SEED);
  server.intercept = async ({ path, forward }) => {
    if (path !== "/v1/server") {
      const headers = { "content-type": "application/problem+json" };
      return new Response(JSON.stringify({ code: "not-signed-in" }), { status: 401, headers });
    }
    return Response.json({ ...(await (await forward()).json()), realm: "ff".repeat(16) });
  };
  server.clear();
  expect(await errorOf(wallet.restore())).toMatchObject({ code: "ERR_CB_ANOTHER_REALM", found: "ff".repeat(16) });
  expect(server.asked).toEqual(["GET /v1/wallets/…/backups/latest", "GET /v1/server"]);
});
