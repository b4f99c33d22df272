import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { eventually, PASSWORD, signIn, signUp, startServer, type TestServer } from "../../support/server.ts";
import { bearer, challenge, registerWallet, TestWallet } from "../../support/wallet.ts";

const DAY = 24 * 60 * 60 * 1000;

let server: TestServer;
beforeEach(async () => {
  server = await startServer();
});
afterEach(() => server.close());

const post = (url: string, payload?: object, headers = {}) =>
  server.app.inject({ method: "POST", url, headers, ...(payload ? { payload } : {}) });
const get = (url: string, token: string) => server.app.inject({ method: "GET", url, headers: bearer(token) });
const remove = (url: string, token: string) => server.app.inject({ method: "DELETE", url, headers: bearer(token) });

describe("by password", () => {
  test("a session opens what is the user's for 30 days", async () => {
    await signUp(server);
    const answer = await post("/v1/sessions", { username: "alice", password: PASSWORD });
    expect(answer.statusCode).toBe(201);
    const { token, expiresAt } = answer.json();
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(expiresAt).toBe(new Date(server.now() + 30 * DAY).toISOString());
    server.advance(30 * DAY - 1);
    expect((await get("/v1/user", token)).statusCode).toBe(200);
    server.advance(1);
    expect((await get("/v1/user", token)).json()).toMatchObject({ status: 401, code: "not-signed-in" });
  });

  test("a wrong password and an unknown user are the same answer", async () => {
    await signUp(server);
    const wrong = await post("/v1/sessions", { username: "alice", password: "something else" });
    const unknown = await post("/v1/sessions", { username: "nobody", password: "something else" });
    expect(wrong.json()).toMatchObject({ status: 401, code: "bad-credentials" });
    expect({ ...unknown.json(), requestId: "" }).toEqual({ ...wrong.json(), requestId: "" });
  });

  test("only the right password learns that the user is not activated", async () => {
    await post("/v1/users", { username: "alice", password: PASSWORD, email: "alice@example.org" });
    const wrong = await post("/v1/sessions", { username: "alice", password: "something else" });
    expect(wrong.json().code).toBe("bad-credentials");
    const right = await post("/v1/sessions", { username: "alice", password: PASSWORD });
    expect(right.json()).toMatchObject({ status: 403, code: "not-activated" });
  });

  test("keyboards that compose characters differently write the same password", async () => {
    const user = { username: "alice", password: "Schlu\u0308ssel", email: "alice@example.org" };
    await server.close();
    server = await startServer({ activation: "none" });
    await post("/v1/users", user);
    await signIn(server, "alice", "Schl\u00fcssel");
  });
});

describe("a token", () => {
  test.each([undefined, "", "Bearer", "Bearer x", `Bearer ${"A".repeat(43)}`, `Basic ${"A".repeat(43)}`])(
    "as in %j opens nothing",
    async (authorization) => {
      const headers = authorization === undefined ? {} : { authorization };
      const answer = await server.app.inject({ method: "GET", url: "/v1/user", headers });
      expect(answer.json()).toMatchObject({ status: 401, code: "not-signed-in" });
      expect(answer.headers["www-authenticate"]).toBe("Bearer");
    },
  );
});

describe("a user's sessions", () => {
  test("are listed, and ended one by one", async () => {
    const { token: first } = await signUp(server);
    server.advance(1000);
    const second = await signIn(server, "alice");
    const list = (await get("/v1/sessions", second)).json();
    expect(list).toMatchObject([
      { kind: "password", current: false, createdAt: "2026-01-02T03:04:05.678Z" },
      { kind: "password", current: true, createdAt: "2026-01-02T03:04:06.678Z" },
    ]);
    expect((await remove(`/v1/sessions/${list[0].id}`, second)).statusCode).toBe(204);
    expect((await get("/v1/user", first)).statusCode).toBe(401);
    expect((await remove(`/v1/sessions/${list[0].id}`, second)).json()).toMatchObject({ code: "no-session" });
    expect((await remove("/v1/sessions/current", second)).statusCode).toBe(204);
    expect((await get("/v1/user", second)).statusCode).toBe(401);
  });

  test("are not another's to end", async () => {
    const alice = await signUp(server);
    const bob = await signUp(server, "bob");
    const [{ id }] = (await get("/v1/sessions", alice.token)).json();
    expect((await remove(`/v1/sessions/${id}`, bob.token)).json()).toMatchObject({ status: 404, code: "no-session" });
    expect((await get("/v1/user", alice.token)).statusCode).toBe(200);
  });
});

describe("by seed", () => {
  let wallet: TestWallet;
  beforeEach(async () => {
    wallet = new TestWallet(server.realm);
    await registerWallet(server.app, await signUp(server), wallet);
  });
  const signInBySeed = async (change: object = {}, who = wallet) =>
    post("/v1/sessions/wallet", { ...who.proof(await challenge(server.app), null), ...change });

  test("a session is for that wallet, and says whose it is", async () => {
    const answer = await signInBySeed();
    expect(answer.statusCode).toBe(201);
    const { token, expiresAt, username } = answer.json();
    expect(username).toBe("alice");
    expect(expiresAt).toBe(new Date(server.now() + DAY).toISOString());
    expect((await get("/v1/user", token)).json()).toEqual({ username: "alice" });
    expect((await get(wallet.path, token)).statusCode).toBe(200);
    expect((await server.app.inject(wallet.commitRequest(token, wallet.bundle(), 1))).statusCode).toBe(201);
    expect((await registerWallet(server.app, { username: "alice", token }, wallet)).statusCode).toBe(200);
    const sessions = (await get("/v1/sessions", await signIn(server, "alice"))).json();
    expect(sessions.map(({ kind }: { kind: string }) => kind).sort()).toEqual(["password", "password", "wallet"]);
    expect((await remove("/v1/sessions/current", token)).statusCode).toBe(204);
  });

  test("a session is for nothing else", async () => {
    const { token } = (await signInBySeed()).json();
    const another = new TestWallet(server.realm);
    await registerWallet(server.app, { username: "alice", token: await signIn(server, "alice") }, another);
    const answers = await Promise.all([
      get("/v1/wallets", token),
      get("/v1/sessions", token),
      remove("/v1/sessions/whichever", token),
      get(another.path, token),
      get(new TestWallet(server.realm).path, token),
      registerWallet(server.app, { username: "alice", token }, new TestWallet(server.realm)),
    ]);
    for (const answer of answers) expect(answer.json()).toMatchObject({ status: 403, code: "session-too-narrow" });
  });

  test("a wallet that is not there is a 404 for the holder of its seed alone", async () => {
    const unknown = new TestWallet(server.realm);
    expect((await signInBySeed({}, unknown)).json()).toMatchObject({ status: 404, code: "no-wallet" });
    const forged = { signature: randomBytes(64).toString("base64url") };
    expect((await signInBySeed(forged, unknown)).json()).toMatchObject({ status: 401, code: "bad-signature" });
    expect((await signInBySeed(forged)).json()).toMatchObject({ status: 401, code: "bad-signature" });
    const { publicKey } = unknown.proof("00".repeat(32), null);
    expect((await signInBySeed({ publicKey })).json()).toMatchObject({ status: 422, code: "wallet-key-mismatch" });
  });

  test("a challenge is good once, for two minutes, at the server that gave it", async () => {
    const used = await challenge(server.app);
    const spent = { status: 401, code: "challenge-spent" };
    expect((await post("/v1/sessions/wallet", wallet.proof(used, null))).statusCode).toBe(201);
    expect((await post("/v1/sessions/wallet", wallet.proof(used, null))).json()).toMatchObject(spent);
    const late = await challenge(server.app);
    server.advance(2 * 60 * 1000);
    expect((await post("/v1/sessions/wallet", wallet.proof(late, null))).json()).toMatchObject(spent);
    const foreign = randomBytes(32).toString("hex");
    expect((await post("/v1/sessions/wallet", wallet.proof(foreign, null))).json()).toMatchObject(spent);
  });

  test("a challenge is not spent by who cannot sign it", async () => {
    const shared = await challenge(server.app);
    const forged = { ...wallet.proof(shared, null), signature: randomBytes(64).toString("base64url") };
    expect((await post("/v1/sessions/wallet", forged)).json().code).toBe("bad-signature");
    expect((await post("/v1/sessions/wallet", wallet.proof(shared, null))).statusCode).toBe(201);
  });

  test("of two requests with one challenge, one wins", async () => {
    const shared = wallet.proof(await challenge(server.app), null);
    const answers = await Promise.all([1, 2, 3].map(() => post("/v1/sessions/wallet", shared)));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([201, 401, 401]);
  });

  test("what was signed to register does not sign in", async () => {
    const proof = wallet.proof(await challenge(server.app), "alice");
    expect((await post("/v1/sessions/wallet", proof)).json().code).toBe("bad-signature");
  });
});

test("no token, no password and no challenge's secret is logged", async () => {
  await server.close();
  server = await startServer({ logLevel: "trace" });
  const { token } = await signUp(server);
  await get("/v1/user?secret=in-a-query", token);
  await eventually(() => server.logs.find((line) => line.includes("/v1/user")));
  const log = server.logs.join("");
  for (const secret of [token, PASSWORD, "in-a-query", "alice@example.org"]) expect(log).not.toContain(secret);
});
