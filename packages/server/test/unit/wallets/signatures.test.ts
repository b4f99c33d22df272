import { randomBytes } from "node:crypto";
import { commitFields, SIGNATURE_TAGS } from "@cloudbackup/core/wire";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { signUp, startServer, type TestServer } from "../../support/server.ts";
import { challenge, registerWallet, sha256, TestWallet } from "../../support/wallet.ts";

let server: TestServer;
afterEach(() => server.close());

/** A commit, signed for `origin`, that arrives with these headers. */
async function commit(origin: string, headers: Record<string, string> = {}) {
  const user = await signUp(server);
  const wallet = new TestWallet(server.realm);
  const payload = wallet.proof(await challenge(server.app), "alice", origin);
  const authorization = `Bearer ${user.token}`;
  const registered = await server.app.inject({
    method: "POST",
    url: "/v1/wallets",
    headers: { authorization, ...headers },
    payload,
  });
  if (registered.statusCode !== 201) return registered.json();
  const request = wallet.commitRequest(user.token, wallet.bundle(), 1, origin);
  const answer = await server.app.inject({ ...request, headers: { ...request.headers, ...headers } });
  return answer.json();
}

describe("a server that knows its address", () => {
  beforeEach(async () => {
    server = await startServer({ origins: ["https://backup.example", "https://other.example"] });
  });

  test("accepts what was signed for it, behind whatever proxy", async () => {
    expect(await commit("https://other.example", { host: "10.0.0.7:8787" })).toMatchObject({ revision: 1 });
  });

  test("refuses what was signed for another server, though a relay claims to be that", async () => {
    const relayed = await commit("https://evil.example", { host: "evil.example" });
    expect(relayed).toMatchObject({ code: "wrong-origin", status: 403 });
    expect(relayed.detail).toBe(
      "The signature is for https://evil.example; this server accepts https://backup.example, https://other.example",
    );
    expect(relayed).not.toHaveProperty("revision");
  });

  test("says so by the headers of a proxy too, and believes neither", async () => {
    const headers = { host: "inner:80", "x-forwarded-host": "public.example", "x-forwarded-proto": "https" };
    expect(await commit("https://public.example", headers)).toMatchObject({ code: "wrong-origin" });
  });

  test("does not accept loopback", async () => {
    expect(await commit("http://localhost:8787", { host: "localhost:8787" })).toMatchObject({ code: "wrong-origin" });
  });

  test("calls a signature for an address that nobody names a bad one", async () => {
    expect(await commit("https://evil.example", { host: "backup.example" })).toMatchObject({ code: "bad-signature" });
  });
});

describe("a server on loopback", () => {
  beforeEach(async () => {
    server = await startServer();
  });

  test.each(["http://localhost:4000", "http://127.0.0.1:4000", "http://[::1]:4000"])("accepts %s", async (origin) => {
    expect(await commit(origin, { host: new URL(origin).host })).toMatchObject({ revision: 1 });
  });

  test("lists what it accepts", async () => {
    const { origins } = (await server.app.inject("/v1/server")).json();
    expect(origins).toEqual(["http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*"]);
  });

  test("refuses the address of its network", async () => {
    expect(await commit("http://192.168.1.5:4000", { host: "192.168.1.5:4000" })).toMatchObject({
      code: "wrong-origin",
    });
  });
});

describe("a commit's signature", () => {
  let wallet: TestWallet;
  let token: string;
  const secret = randomBytes(32);
  beforeEach(async () => {
    server = await startServer();
    const user = await signUp(server);
    token = user.token;
    wallet = new TestWallet(server.realm, secret);
    await registerWallet(server.app, user, wallet);
  });

  const send = async (bundle: Uint8Array, change: (headers: Record<string, string>) => void, revision = 1) => {
    const request = wallet.commitRequest(token, bundle, revision);
    const headers = { ...(request.headers as Record<string, string>) };
    change(headers);
    return (await server.app.inject({ ...request, headers })).json();
  };

  test.each<[string, (headers: Record<string, string>) => void]>([
    ["is missing", (headers) => delete headers["cloudbackup-signature"]],
    ["is empty", (headers) => Object.assign(headers, { "cloudbackup-signature": "" })],
    ["is no base64url", (headers) => Object.assign(headers, { "cloudbackup-signature": "!".repeat(86) })],
    ["is too short", (headers) => Object.assign(headers, { "cloudbackup-signature": "AAAA" })],
    [
      "is padded",
      (headers) => Object.assign(headers, { "cloudbackup-signature": `${headers["cloudbackup-signature"]}==` }),
    ],
    [
      "is another's",
      (headers) => Object.assign(headers, { "cloudbackup-signature": randomBytes(64).toString("base64url") }),
    ],
  ])("that %s is refused", async (_name, change) => {
    expect(await send(wallet.bundle(), change)).toMatchObject({ code: "bad-signature", status: 401 });
  });

  test("is for this body, this revision and this purpose", async () => {
    const bundle = wallet.bundle();
    const sign = (signature: string) => (headers: Record<string, string>) =>
      Object.assign(headers, { "cloudbackup-signature": signature });
    const other = wallet.commitRequest(token, wallet.bundle(), 1).headers as Record<string, string>;
    const refused = { code: "bad-signature" };
    expect(await send(bundle, sign(other["cloudbackup-signature"] as string))).toMatchObject(refused);
    expect(await send(bundle, () => {}, 2)).toMatchObject(refused);
    const fields = commitFields(1, sha256(bundle));
    expect(await send(bundle, sign(wallet.sign(SIGNATURE_TAGS.chunks, fields)))).toMatchObject(refused);
    expect(await send(bundle, sign(wallet.sign(SIGNATURE_TAGS.commit, fields)))).toMatchObject({ revision: 1 });
  });

  test("is for this realm", async () => {
    const elsewhere = new TestWallet(randomBytes(16), secret);
    const bundle = wallet.bundle();
    const signature = elsewhere.sign(SIGNATURE_TAGS.commit, commitFields(1, sha256(bundle)));
    const change = (headers: Record<string, string>) => Object.assign(headers, { "cloudbackup-signature": signature });
    expect(await send(bundle, change)).toMatchObject({ code: "bad-signature" });
  });
});
