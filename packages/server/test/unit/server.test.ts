import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json, text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { eventually, PASSWORD, signUp, startServer, type TestServer, tokenOf } from "../support/server.ts";
import { bearer, challenge, chunksOf, registerWallet, sha256, TestWallet } from "../support/wallet.ts";

describe("cross-origin requests", () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startServer();
  });
  afterEach(() => server.close());

  test("are announced and allowed, without credentials", async () => {
    const answer = await server.app.inject({
      method: "OPTIONS",
      url: `/v1/wallets/${"0".repeat(64)}/backups`,
      headers: {
        origin: "https://wallet.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,if-none-match,cloudbackup-signature",
      },
    });
    expect(answer.statusCode).toBe(204);
    expect(answer.headers["access-control-allow-origin"]).toBe("*");
    expect(answer.headers).not.toHaveProperty("access-control-allow-credentials");
    const allowed = String(answer.headers["access-control-allow-headers"]).toLowerCase();
    for (const header of ["authorization", "content-type", "if-none-match", "cloudbackup-signature"]) {
      expect(allowed).toContain(header);
    }
    expect(answer.headers["access-control-allow-methods"]).toMatch(/POST.*DELETE/);
  });

  test("may ask with OPTIONS alone", async () => {
    const answer = await server.app.inject({ method: "OPTIONS", url: "/v1/server" });
    expect([answer.statusCode, answer.body]).toEqual([204, ""]);
  });

  test("see tags and when to come again", async () => {
    const answer = await server.app.inject({ url: "/v1/server", headers: { origin: "https://wallet.example" } });
    expect(answer.headers["access-control-allow-origin"]).toBe("*");
    expect(answer.headers["access-control-expose-headers"]).toBe("ETag, Retry-After, Location");
  });

  test("are for the protocol, not for the pages", async () => {
    const answer = await server.app.inject({ url: "/activate", headers: { origin: "https://evil.example" } });
    expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
  });
});

describe("a server that listens", () => {
  let server: TestServer;
  let port: number;
  beforeEach(async () => {
    server = await startServer();
    await server.app.listen({ host: "127.0.0.1", port: 0 });
    port = (server.app.server.address() as AddressInfo).port;
  });
  afterEach(() => server.close());

  test("finishes what is under way when it closes, and takes no more", async () => {
    const user = await signUp(server);
    const wallet = new TestWallet(server.realm);
    await registerWallet(server.app, user, wallet);
    const bundle = wallet.bundle();
    const { headers, url } = wallet.commitRequest(user.token, bundle, 1, `http://127.0.0.1:${port}`);
    const arrived = new Promise((resolve) => server.app.server.once("request", resolve));
    const commit = httpRequest({
      port,
      host: "127.0.0.1",
      method: "POST",
      path: url as string,
      headers: headers as Record<string, string>,
    });
    commit.setHeader("content-length", bundle.length);
    commit.write(bundle.subarray(0, 10));
    await arrived;
    const closed = server.app.close();
    await eventually(() => (server.app.server.listening ? undefined : true));
    commit.end(bundle.subarray(10));
    const [answer] = (await once(commit, "response")) as [IncomingMessage];
    expect(answer.statusCode).toBe(201);
    expect(await json(answer)).toMatchObject({ revision: 1 });
    await closed;
    await expect(fetch(`http://127.0.0.1:${port}/livez`)).rejects.toThrow();
  });

  test("says that it is closing, in the shape of every failure, to who asks for more", async () => {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    const arrived = new Promise((resolve) => server.app.server.once("request", resolve));
    const head =
      "POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n";
    socket.write(`${head}{`);
    await arrived;
    const closed = server.app.close();
    await eventually(() => (server.app.server.listening ? undefined : true));
    socket.write("}GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const answers = await text(socket);
    await closed;
    expect(answers).toContain('"code":"invalid-request"');
    expect(answers.slice(answers.lastIndexOf("HTTP/1.1"))).toMatch(/503 .*"code":"unavailable"/s);
  });

  test("cuts the download of a wallet that is deleted meanwhile", async () => {
    const user = await signUp(server);
    const wallet = new TestWallet(server.realm);
    await registerWallet(server.app, user, wallet);
    const numbers = Array.from({ length: 600 }, (_, n) => n);
    // More than the buffers between two sockets hold.
    for (let at = 0; at < numbers.length; at += 100) {
      const items = chunksOf(numbers.slice(at, at + 100), 60_000);
      expect((await server.app.inject(wallet.chunksRequest(user.token, items))).statusCode).toBe(204);
    }
    const envelope = new Uint8Array(60);
    const bundle = wallet.bundle({ envelope, add: chunksOf(numbers).map(({ id }) => id) });
    expect((await server.app.inject(wallet.commitRequest(user.token, bundle, 1))).statusCode).toBe(201);

    const download = httpRequest({
      port,
      host: "127.0.0.1",
      path: `${wallet.path}/backups/latest`,
      headers: bearer(user.token),
    });
    download.end();
    const [answer] = (await once(download, "response")) as [IncomingMessage];
    expect(answer.statusCode).toBe(200);
    expect((await server.app.inject(wallet.deleteRequest(user.token, sha256(envelope)))).statusCode).toBe(204);
    const read = async () => {
      for await (const _part of answer);
    };
    await expect(read()).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(answer.complete).toBe(false);
  });
});

test("what was committed is there after a restart", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "cloudbackup-server-"));
  const config = { dataDir, database: join(dataDir, "test.sqlite") };
  const before = await startServer(config);
  const user = await signUp(before);
  const wallet = new TestWallet(before.realm);
  await registerWallet(before.app, user, wallet);
  await before.app.inject(wallet.commitRequest(user.token, wallet.bundle({}, chunksOf([1])), 1));
  await before.close();

  const after = await startServer(config);
  const answer = await after.app.inject({ url: wallet.path, headers: bearer(user.token) });
  expect(answer.json()).toMatchObject({ revision: 1, bytes: 200 });
  await after.close();
  await rm(dataDir, { recursive: true });
});

test("the database holds no token and no password", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "cloudbackup-server-"));
  const server = await startServer({ dataDir, database: join(dataDir, "test.sqlite") });
  const user = await signUp(server);
  const wallet = new TestWallet(server.realm);
  await registerWallet(server.app, user, wallet);
  const proof = wallet.proof(await challenge(server.app), null);
  const bySeed = (await server.app.inject({ method: "POST", url: "/v1/sessions/wallet", payload: proof })).json();
  const bob = { username: "bob", password: PASSWORD, email: "bob@example.org" };
  await server.app.inject({ method: "POST", url: "/v1/users", payload: bob });
  const pending = tokenOf(await eventually(() => server.mails[1]));

  const names = (await readdir(dataDir)).filter((name) => name.startsWith("test.sqlite"));
  const files = Buffer.concat(await Promise.all(names.map((name) => readFile(join(dataDir, name)))));
  const holds = (bytes: Buffer | string) => files.includes(bytes);
  for (const token of [user.token, bySeed.token, pending]) {
    expect(holds(token)).toBe(false);
    expect(holds(Buffer.from(token, "base64url"))).toBe(false);
    expect(holds(sha256(Buffer.from(token, "base64url")))).toBe(true);
  }
  expect(holds(PASSWORD)).toBe(false);
  expect(holds("$argon2id$v=19$m=19456,t=2,p=1$")).toBe(true);
  await server.close();
  await rm(dataDir, { recursive: true });
});
