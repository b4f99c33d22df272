import { decodeWholeBundle } from "@cloudbackup/core/wire";
import { afterEach, beforeEach, expect, test } from "vitest";
import { eventually, PASSWORD, signIn, startServer, type TestServer, tokenOf } from "../support/server.ts";
import { bearer, chunksOf, registerWallet, sha256, TestWallet } from "../support/wallet.ts";

let server: TestServer;
beforeEach(async () => {
  server = await startServer();
});
afterEach(() => server.close());

test("a person registers, a wallet backs up, updates, reads back and leaves", async () => {
  const { app, mails } = server;
  const post = (url: string, payload: object) => app.inject({ method: "POST", url, payload });

  const user = { username: "alice", password: PASSWORD, email: "alice@example.org" };
  expect((await post("/v1/users", user)).statusCode).toBe(202);
  const mail = await eventually(() => mails[0]);
  expect(mail.to).toBe("alice@example.org");
  const early = await post("/v1/sessions", { username: "alice", password: PASSWORD });
  expect([early.statusCode, early.json().code]).toEqual([403, "not-activated"]);
  expect((await post("/v1/users/activate", { token: tokenOf(mail) })).statusCode).toBe(204);
  expect((await post("/v1/users/activate", { token: tokenOf(mail) })).json().code).toBe("token-spent");
  const token = await signIn(server, "alice");
  const get = (url: string, headers = {}) =>
    app.inject({ method: "GET", url, headers: { ...bearer(token), ...headers } });
  expect((await get("/v1/user")).json()).toMatchObject({ username: "alice", email: "alice@example.org" });

  const wallet = new TestWallet(server.realm);
  const registered = await registerWallet(app, { username: "alice", token }, wallet);
  expect(registered.statusCode).toBe(201);
  expect((await registerWallet(app, { username: "alice", token }, wallet)).statusCode).toBe(200);
  expect((await get(wallet.path)).json()).toMatchObject({ wallet: wallet.hex, revision: 0, sha256: null, bytes: 0 });
  expect((await get(`${wallet.path}/backups/latest`)).json().code).toBe("no-backup");

  const first = { revision: 1, envelope: new Uint8Array(200).fill(1) };
  const hash1 = sha256(first.envelope);
  const stored = await app.inject(wallet.commitRequest(token, wallet.bundle(first, chunksOf([1, 2, 3])), 1));
  expect(stored.statusCode).toBe(201);
  expect(stored.headers.etag).toBe(`"${hash1.toString("hex")}"`);
  const receipt = stored.json();
  expect(receipt).toEqual({ revision: 1, sha256: hash1.toString("hex"), storedAt: "2026-01-02T03:04:05.678Z" });

  server.advance(60_000);
  const second = { revision: 2, base: 1, after: hash1, envelope: new Uint8Array(200).fill(2) };
  const drop = chunksOf([2]).map((chunk) => chunk.id);
  const update = wallet.bundle({ ...second, drop }, chunksOf([4]));
  expect((await app.inject(wallet.commitRequest(token, update, 2))).statusCode).toBe(201);

  const latest = await get(`${wallet.path}/backups/latest`);
  expect(latest.headers["content-type"]).toBe("application/cbor-seq");
  expect(Number(latest.headers["content-length"])).toBe(latest.rawPayload.length);
  const bundle = decodeWholeBundle(latest.rawPayload);
  expect(bundle.head.envelope).toEqual(second.envelope);
  expect(bundle.items).toEqual(chunksOf([1, 3, 4]));
  const again = await get(`${wallet.path}/backups/latest`, { "if-none-match": latest.headers.etag as string });
  expect([again.statusCode, again.body]).toEqual([304, ""]);
  const older = decodeWholeBundle((await get(`${wallet.path}/backups/1`)).rawPayload);
  expect(older.items).toEqual(chunksOf([1, 2, 3]));

  const hash2 = sha256(second.envelope);
  const history = (await get(`${wallet.path}/backups`)).json();
  expect(history).toEqual([
    { revision: 2, sha256: hash2.toString("hex"), bytes: 500, storedAt: "2026-01-02T03:05:05.678Z" },
    { ...receipt, bytes: 500 },
  ]);
  expect((await get(`${wallet.path}/chain?from=1`)).json()).toEqual([
    [1, hash1.toString("hex")],
    [2, hash2.toString("hex")],
  ]);

  expect((await app.inject(wallet.deleteRequest(token, hash2))).statusCode).toBe(204);
  expect((await get(wallet.path)).json().code).toBe("no-wallet");
  expect((await get("/v1/wallets")).json()).toEqual([]);
});
