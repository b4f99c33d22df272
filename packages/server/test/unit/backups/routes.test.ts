import { type ChunkItem, decodeBundleHead, decodeChunkItems, decodeIds, encodeIds } from "@cloudbackup/core/wire";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { signUp, startServer, type TestServer } from "../../support/server.ts";
import { bearer, chunksOf, registerWallet, sha256, TestWallet } from "../../support/wallet.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const envelope = (n: number) => new Uint8Array(80).fill(n);
const ids = (...numbers: number[]) => chunksOf(numbers).map(({ id }) => id);

let server: TestServer;
let token: string;
let wallet: TestWallet;
beforeEach(async () => {
  server = await startServer();
  const user = await signUp(server);
  token = user.token;
  wallet = new TestWallet(server.realm);
  await registerWallet(server.app, user, wallet);
});
afterEach(() => server.close());

const get = (path: string, headers = {}) =>
  server.app.inject({ method: "GET", url: wallet.path + path, headers: { ...bearer(token), ...headers } });
const commit = (revision: number, head: Parameters<TestWallet["bundle"]>[0] = {}, items: ChunkItem[] = []) => {
  const after = revision === 1 ? null : sha256(envelope(revision - 1));
  const whole = { revision, after, base: revision - 1, envelope: envelope(revision), ...head };
  return server.app.inject(wallet.commitRequest(token, wallet.bundle(whole, items), revision));
};
const askChunks = (path: string, asked: readonly Uint8Array[]) =>
  server.app.inject({
    method: "POST",
    url: `${wallet.path}/chunks/${path}`,
    headers: { ...bearer(token), "content-type": "application/cbor" },
    payload: Buffer.from(encodeIds(asked)),
  });

describe("a commit", () => {
  test("has a receipt, an address and a tag", async () => {
    const answer = await commit(1);
    expect(answer.statusCode).toBe(201);
    expect(answer.headers.etag).toBe(`"${hex(sha256(envelope(1)))}"`);
    expect(answer.headers.location).toBe(`${wallet.path}/backups/1`);
    expect(answer.json()).toEqual({
      revision: 1,
      sha256: hex(sha256(envelope(1))),
      storedAt: "2026-01-02T03:04:05.678Z",
    });
  });

  test("that is repeated has the same receipt, also later", async () => {
    const first = wallet.commitRequest(token, wallet.bundle({ envelope: envelope(1) }), 1);
    const stored = await server.app.inject(first);
    server.advance(1000);
    const repeated = await server.app.inject(first);
    expect([repeated.statusCode, repeated.json()]).toEqual([200, stored.json()]);
    expect(repeated.headers.etag).toBe(stored.headers.etag);
    await commit(2);
    const late = await server.app.inject(first);
    expect([late.statusCode, late.json()]).toEqual([200, stored.json()]);
    expect((await get("")).json().revision).toBe(2);
  });

  // Node itself refuses these; what hands requests on without it need not.
  test.each(["2o3", "", "-1", "1.5"])("announces its length as a number, not as %j", async (announced) => {
    const request = wallet.commitRequest(token, wallet.bundle({ envelope: envelope(1) }), 1);
    const headers = { ...request.headers, "content-length": announced };
    const answer = await server.app.inject({ ...request, headers });
    expect(answer.json()).toMatchObject({ status: 400, code: "malformed-request" });
  });

  test.each<[string, object]>([
    ["another envelope before", { after: sha256(envelope(9)) }],
    ["nothing before", { after: null }],
    ["the base's revision again, with other content", { revision: 2, base: 0, after: sha256(envelope(2)) }],
    ["a revision too far", { revision: 4, base: 2 }],
    ["a base that is not the current one", { base: 1 }],
  ])("conflicts where it has %s", async (_name, head) => {
    await commit(1);
    await commit(2);
    const bundle = wallet.bundle({ revision: 3, base: 2, after: sha256(envelope(2)), envelope: envelope(3), ...head });
    const { revision } = decodeBundleHead(bundle);
    const answer = await server.app.inject(wallet.commitRequest(token, bundle, revision));
    expect(answer.json()).toMatchObject({
      status: 409,
      code: "revision-conflict",
      currentRevision: 2,
      currentSha256: hex(sha256(envelope(2))),
    });
  });

  test("conflicts with nothing where there is nothing", async () => {
    const answer = await commit(1, { after: sha256(envelope(9)) });
    expect(answer.json()).toMatchObject({ code: "revision-conflict", currentRevision: 0, currentSha256: null });
  });

  test("names the chunks that it lacks and those that it drops in vain", async () => {
    const lacking = await commit(1, { add: ids(1, 2) }, chunksOf([1]));
    expect(lacking.json()).toMatchObject({ status: 422, code: "chunks-missing", ids: ids(2).map(hex) });
    await commit(1, {}, chunksOf([1]));
    const strange = await commit(2, { drop: ids(7) });
    expect(strange.json()).toMatchObject({ status: 422, code: "chunks-not-in-use", ids: ids(7).map(hex) });
  });

  test("for another wallet or realm is refused, though it is signed", async () => {
    const wrongWallet = await commit(1, { wallet: new Uint8Array(32) });
    expect(wrongWallet.json()).toMatchObject({ status: 422, code: "malformed-bundle" });
    const wrongRealm = await commit(1, { realm: new Uint8Array(16) });
    expect(wrongRealm.json()).toMatchObject({ status: 422, code: "malformed-bundle" });
  });

  test("of another format, or none, is refused", async () => {
    const bundle = Buffer.from(wallet.bundle());
    const at = bundle.indexOf("format") + "format".length;
    bundle[at] = 2;
    const newer = await server.app.inject(wallet.commitRequest(token, bundle, 1));
    expect(newer.json()).toMatchObject({ status: 422, code: "unsupported-format" });
    for (const nonsense of [Buffer.alloc(0), Buffer.from("hello"), bundle.subarray(0, 50)]) {
      const answer = await server.app.inject(wallet.commitRequest(token, nonsense, 1));
      expect(answer.json().status).toBeGreaterThanOrEqual(400);
      expect(["malformed-bundle", "unsupported-media-type"]).toContain(answer.json().code);
    }
  });

  test("over 8 MiB is refused", async () => {
    const request = wallet.commitRequest(token, new Uint8Array(8 * 1024 * 1024 + 1), 1);
    expect((await server.app.inject(request)).json()).toMatchObject({ status: 413, code: "too-large" });
  });

  test("as JSON is refused", async () => {
    const request = wallet.commitRequest(token, wallet.bundle(), 1);
    const headers = { ...request.headers, "content-type": "application/json" };
    const answer = await server.app.inject({ ...request, headers });
    expect(answer.json()).toMatchObject({ status: 415, code: "unsupported-media-type" });
  });

  test("and many others at once are answered once each", async () => {
    const racing = Array.from({ length: 8 }, (_, n) => commit(1, { envelope: envelope(100 + n) }));
    const codes = (await Promise.all(racing)).map(({ statusCode }) => statusCode);
    expect(codes.sort()).toEqual([201, ...Array(7).fill(409)]);
  });
});

describe("a download", () => {
  test("is not sent again to who has it, whole or not", async () => {
    await commit(1, {}, chunksOf([1]));
    const whole = await get("/backups/latest");
    const head = await get("/backups/latest?chunks=none");
    expect(whole.headers.etag).not.toBe(head.headers.etag);
    const tags = `W/"x", ${whole.headers.etag}`;
    expect((await get("/backups/latest", { "if-none-match": tags })).statusCode).toBe(304);
    expect((await get("/backups/latest?chunks=none", { "if-none-match": tags })).statusCode).toBe(200);
    const same = await get("/backups/1?chunks=none", { "if-none-match": String(head.headers.etag) });
    expect([same.statusCode, same.headers.etag]).toEqual([304, head.headers.etag]);
    expect((await get("/backups/1", { "if-none-match": "*" })).statusCode).toBe(304);
    await commit(2);
    expect((await get("/backups/latest", { "if-none-match": tags })).statusCode).toBe(200);
  });

  test("without chunks is the first item alone", async () => {
    await commit(1, {}, chunksOf([1, 2]));
    const answer = await get("/backups/latest?chunks=none");
    expect(answer.headers["content-length"]).toBe(String(answer.rawPayload.length));
    const head = decodeBundleHead(answer.rawPayload);
    expect(head.add.map(hex)).toEqual(ids(1, 2).map(hex));
    const whole = (await get("/backups/latest")).rawPayload;
    expect(whole.subarray(0, answer.rawPayload.length).equals(answer.rawPayload)).toBe(true);
  });

  test("of a revision that is not there says so", async () => {
    await commit(1);
    for (const path of ["/backups/2", "/backups/9007199254740991"]) {
      expect((await get(path)).json()).toMatchObject({ status: 404, code: "no-backup" });
    }
    for (const path of ["/backups/0", "/backups/x", "/backups/01", "/backups/1?chunks=some", "/chain?from=-1"]) {
      expect((await get(path)).json()).toMatchObject({ status: 422, code: "invalid-request" });
    }
  });
});

describe("history and chain", () => {
  test("are empty before the first backup", async () => {
    const answers = [await get("/backups"), await get("/chain?from=1")];
    for (const answer of answers) {
      expect(answer.headers["content-type"]).toMatch(/^application\/json/);
      expect(answer.json()).toEqual([]);
    }
  });

  test("say what was stored", async () => {
    for (const revision of [1, 2, 3]) await commit(revision, {}, chunksOf([revision]));
    const history = (await get("/backups")).json();
    expect(history.map(({ revision, bytes }: Record<string, number>) => [revision, bytes])).toEqual([
      [3, 380],
      [2, 280],
      [1, 180],
    ]);
    expect((await get("/chain?from=2")).json()).toEqual([2, 3].map((n) => [n, hex(sha256(envelope(n)))]));
    expect((await get("/chain")).json()).toHaveLength(3);
  });
});

describe("chunks", () => {
  test("are sent first, asked about, and named by a commit", async () => {
    expect((await server.app.inject(wallet.chunksRequest(token, chunksOf([1, 2])))).statusCode).toBe(204);
    const missing = await askChunks("missing", ids(1, 3, 2, 3));
    expect(missing.headers["content-type"]).toBe("application/cbor");
    expect(decodeIds(missing.rawPayload).map(hex)).toEqual(ids(3).map(hex));
    expect((await commit(1, { add: ids(1, 2, 3) }, chunksOf([3]))).statusCode).toBe(201);
    expect(decodeIds((await askChunks("missing", ids(1, 2, 3))).rawPayload)).toEqual([]);
  });

  test("are read by id, those that are there, ascending", async () => {
    await server.app.inject(wallet.chunksRequest(token, chunksOf([1, 2, 3, 4], 66_000)));
    const answer = await askChunks("read", [...ids(9, 4, 1, 2), ...ids(1)]);
    expect(answer.headers["content-type"]).toBe("application/cbor-seq");
    expect(answer.headers["content-length"]).toBe(String(answer.rawPayload.length));
    expect(decodeChunkItems(answer.rawPayload)).toEqual(chunksOf([1, 2, 4], 66_000));
    expect((await askChunks("read", [])).rawPayload).toHaveLength(0);
  });

  test("are signed", async () => {
    const request = wallet.chunksRequest(token, chunksOf([1]));
    const other = wallet.chunksRequest(token, chunksOf([2]));
    expect((await server.app.inject({ ...request, payload: other.payload as Buffer })).json().code).toBe(
      "bad-signature",
    );
  });

  test("are what the format says, and not too many", async () => {
    const small = chunksOf([1], 10);
    expect((await server.app.inject(wallet.chunksRequest(token, small))).json().code).toBe("malformed-bundle");
    const many = Array.from({ length: 65_537 }, (_, n) => {
      const id = Buffer.alloc(32);
      id.writeUInt32BE(n);
      return id;
    });
    expect((await askChunks("missing", many)).json()).toMatchObject({ status: 413, code: "too-large" });
    const headers = { ...bearer(token), "content-type": "application/cbor" };
    const url = `${wallet.path}/chunks/read`;
    const nonsense = await server.app.inject({ method: "POST", url, headers, payload: Buffer.from("nonsense") });
    expect(nonsense.json()).toMatchObject({ status: 422, code: "malformed-bundle" });
    const nothing = await server.app.inject({ method: "POST", url, headers: bearer(token) });
    expect(nothing.json()).toMatchObject({ status: 415, code: "unsupported-media-type" });
  });
});
