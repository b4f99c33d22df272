import { Readable } from "node:stream";
import { encodeIds } from "@cloudbackup/core/wire";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { signUp, startServer, type TestServer } from "../../support/server.ts";
import { bearer, challenge, chunksOf, registerWallet, sha256, TestWallet } from "../../support/wallet.ts";

let server: TestServer;
let alice: { username: string; token: string };
let bob: { username: string; token: string };
let wallet: TestWallet;
beforeEach(async () => {
  server = await startServer();
  [alice, bob] = [await signUp(server), await signUp(server, "bob")];
  wallet = new TestWallet(server.realm);
  expect((await registerWallet(server.app, alice, wallet)).statusCode).toBe(201);
});
afterEach(() => server.close());

const get = (url: string, token = alice.token) => server.app.inject({ method: "GET", url, headers: bearer(token) });

describe("registration", () => {
  test("says where the wallet is, once and again", async () => {
    const another = new TestWallet(server.realm);
    const answer = await registerWallet(server.app, alice, another);
    expect([answer.statusCode, answer.headers.location]).toEqual([201, another.path]);
    expect(answer.json()).toMatchObject({ wallet: another.hex, revision: 0, sha256: null, bytes: 0 });
    const again = await registerWallet(server.app, alice, another);
    expect([again.statusCode, again.json()]).toEqual([200, answer.json()]);
  });

  test("of another user's wallet is refused, though the seed is right", async () => {
    const answer = await registerWallet(server.app, bob, wallet);
    expect(answer.json()).toMatchObject({ status: 409, code: "wallet-registered" });
  });

  test("is signed for the user who asks", async () => {
    const another = new TestWallet(server.realm);
    const payload = another.proof(await challenge(server.app), "alice");
    const relayed = { method: "POST", url: "/v1/wallets", headers: bearer(bob.token), payload } as const;
    expect((await server.app.inject(relayed)).json().code).toBe("bad-signature");
  });

  test("needs the key of the id, and a session", async () => {
    const another = new TestWallet(server.realm);
    const payload = { ...another.proof(await challenge(server.app), "alice"), wallet: wallet.hex };
    const request = { method: "POST", url: "/v1/wallets", payload } as const;
    const mismatch = await server.app.inject({ ...request, headers: bearer(alice.token) });
    expect(mismatch.json()).toMatchObject({ status: 422, code: "wallet-key-mismatch" });
    expect((await server.app.inject(request)).json().code).toBe("not-signed-in");
  });
});

test("a user's wallets are listed, nobody else's", async () => {
  expect((await get("/v1/wallets")).json()).toMatchObject([{ wallet: wallet.hex }]);
  expect((await get("/v1/wallets", bob.token)).json()).toEqual([]);
});

describe("deletion", () => {
  test("is signed over the current envelope", async () => {
    const bundle = wallet.bundle({ envelope: new Uint8Array(60) });
    await server.app.inject(wallet.commitRequest(alice.token, bundle, 1));
    const stale = await server.app.inject(wallet.deleteRequest(alice.token, null));
    expect(stale.json().code).toBe("bad-signature");
    const unsigned = { method: "DELETE", url: wallet.path, headers: bearer(alice.token) } as const;
    expect((await server.app.inject(unsigned)).json().code).toBe("bad-signature");
    const current = wallet.deleteRequest(alice.token, sha256(new Uint8Array(60)));
    expect((await server.app.inject(current)).statusCode).toBe(204);
    expect((await server.app.inject(current)).json().code).toBe("no-wallet");
  });

  test("leaves the revision number, so that old commits cannot be replayed", async () => {
    const first = wallet.commitRequest(alice.token, wallet.bundle({ envelope: new Uint8Array(60) }), 1);
    await server.app.inject(first);
    await server.app.inject(wallet.deleteRequest(alice.token, sha256(new Uint8Array(60))));
    expect((await registerWallet(server.app, bob, wallet)).statusCode).toBe(201);
    expect((await get(wallet.path, bob.token)).json()).toMatchObject({ revision: 1, sha256: null, bytes: 0 });
    const replayed = await server.app.inject({ ...first, headers: { ...first.headers, ...bearer(bob.token) } });
    expect(replayed.json()).toMatchObject({ code: "revision-conflict", currentRevision: 1, currentSha256: null });
    const next = wallet.commitRequest(bob.token, wallet.bundle({ revision: 2 }), 2);
    expect((await server.app.inject(next)).statusCode).toBe(201);
  });

  test("ends the sessions by its seed", async () => {
    const proof = wallet.proof(await challenge(server.app), null);
    const { token } = (await server.app.inject({ method: "POST", url: "/v1/sessions/wallet", payload: proof })).json();
    await server.app.inject(wallet.deleteRequest(token, null));
    expect((await get("/v1/user", token)).json().code).toBe("not-signed-in");
  });
});

test.each(["missing", "read"])(
  "chunks/%s tells nothing of a wallet that became another's before the body ends",
  async (path) => {
    const body = Buffer.from(encodeIds(chunksOf([1]).map(({ id }) => id)));
    let onAsked = () => {};
    const asked = new Promise<void>((resolve) => {
      onAsked = resolve;
    });
    const payload = new Readable({ read: () => onAsked() });
    const held = server.app.inject({
      method: "POST",
      url: `${wallet.path}/chunks/${path}`,
      headers: { ...bearer(alice.token), "content-type": "application/cbor" },
      payload,
    });
    await asked;
    expect((await server.app.inject(wallet.deleteRequest(alice.token, null))).statusCode).toBe(204);
    expect((await registerWallet(server.app, bob, wallet)).statusCode).toBe(201);
    expect((await server.app.inject(wallet.chunksRequest(bob.token, chunksOf([1])))).statusCode).toBe(204);
    payload.push(body);
    payload.push(null);
    expect((await held).json()).toMatchObject({ status: 404, code: "no-wallet" });
  },
);
