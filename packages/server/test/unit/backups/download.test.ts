import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { setImmediate } from "node:timers/promises";
import { decodeWholeBundle, encodeBundle } from "@cloudbackup/core/wire";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createDownload } from "../../../src/backups/download.ts";
import { openSqliteStore } from "../../../src/store/sqlite.ts";
import type { BackupRow, Chunk, Store } from "../../../src/store/store.ts";
import { sha256 } from "../../support/wallet.ts";

let store: Store;
const wallet = new Uint8Array(32).fill(5);
const envelope = new Uint8Array(90).fill(1);
beforeEach(async () => {
  store = await openSqliteStore(":memory:", { randomBytes });
  const user = { id: "u", username: "alice", email: "", passwordHash: "", createdAt: 0, activatedAt: 0 };
  await store.users.create(user, null, 0);
  await store.wallets.register({ id: wallet, publicKey: wallet, userId: "u", now: 0 });
});
afterEach(() => store.close());

/** A small download is one buffer. */
const streamOf = (body: Readable | Buffer): Readable => (body instanceof Readable ? body : Readable.from([body]));

const chunk = (n: number, sealedBytes = 60): Chunk => {
  const id = new Uint8Array(32);
  new DataView(id.buffer).setUint32(0, n);
  return { id, sealed: new Uint8Array(sealedBytes).fill(n) };
};

async function commit(chunks: Chunk[], revision = 1): Promise<BackupRow> {
  const add = chunks.map(({ id }) => id);
  const outcome = await store.backups.commit({
    ...{ wallet, userId: "u", revision, after: null, base: 0, envelope, sha256: sha256(envelope) },
    ...{ add, drop: [], chunks, now: 0 },
  });
  expect(outcome.kind).toBe("stored");
  return (await store.backups.read(wallet, revision)) as BackupRow;
}

// Counts on both sides of each length of an array's head, sizes on both sides of each length of a byte string's.
test.each([
  [0, 60],
  [1, 255],
  [23, 256],
  [24, 60],
  [255, 60],
  [256, 60],
  [3, 65_535],
  [3, 65_536],
  [70_000, 58],
])("%i chunks of %i bytes are what the format's own encoder makes", async (count, sealedBytes) => {
  const chunks = Array.from({ length: count }, (_, n) => chunk(n, sealedBytes));
  const backup = await commit(chunks);
  const { body, byteLength } = await createDownload(store, wallet, backup, { headOnly: false });
  const bytes = await buffer(streamOf(body));
  const head = { realm: store.identity.realm, wallet, revision: 1, after: null, base: 0, envelope, drop: [] };
  const expected = encodeBundle({ head: { ...head, add: chunks.map(({ id }) => id) }, items: chunks });
  expect(bytes.equals(expected)).toBe(true);
  expect(byteLength).toBe(expected.length);
});

test("a download reads ahead of a slow reader by a batch or two, not by a wallet", async () => {
  const backup = await commit(Array.from({ length: 500 }, (_, n) => chunk(n, 10_000)));
  let read = 0;
  const counting: Store = {
    ...store,
    chunks: {
      ...store.chunks,
      ofRevision: async (...args) => {
        const chunks = await store.chunks.ofRevision(...args);
        read += chunks.length;
        return chunks;
      },
    },
  };
  const { body } = await createDownload(counting, wallet, backup, { headOnly: false });
  const iterator = streamOf(body)[Symbol.asyncIterator]();
  for (let part = 0; part < 4; part++) await iterator.next();
  expect(read).toBeGreaterThan(0);
  expect(read).toBeLessThanOrEqual(64);
  await iterator.return?.();
});

test("a download leaves room for others after each part, however fast its reader is", async () => {
  const backup = await commit(Array.from({ length: 160 }, (_, n) => chunk(n, 1000)));
  const { body } = await createDownload(store, wallet, backup, { headOnly: false });
  let isRead = false;
  const read = buffer(streamOf(body)).then(() => {
    isRead = true;
  });
  let turns = 0;
  for (; !isRead; turns++) await setImmediate();
  await read;
  // Three parts of the head, ten of sixteen chunks.
  expect(turns).toBeGreaterThanOrEqual(13);
});

test("a wallet that goes midway cuts the connection, so that nobody takes the rest for all", async () => {
  const backup = await commit(Array.from({ length: 500 }, (_, n) => chunk(n, 10_000)));
  const http = createHttpServer(async (_request, reply) => {
    const { body, byteLength } = await createDownload(store, wallet, backup, { headOnly: false });
    const stream = streamOf(body);
    reply.writeHead(200, { "content-length": byteLength });
    stream.on("error", () => reply.destroy());
    stream.once("data", () => void store.wallets.delete(wallet, "u", sha256(envelope)));
    stream.pipe(reply);
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const { port } = http.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}/`);
  await expect(answer.arrayBuffer()).rejects.toThrow();
  http.close();
});

test("a revision reads the same while later ones are written", async () => {
  // Too many bytes for one buffer.
  const chunks = [chunk(1, 67_000), chunk(2, 67_000)];
  const backup = await commit(chunks);
  const { body } = await createDownload(store, wallet, backup, { headOnly: false });
  const iterator = streamOf(body)[Symbol.asyncIterator]();
  const parts = [(await iterator.next()).value];
  const next = { wallet, userId: "u", revision: 2, after: sha256(envelope), base: 1, envelope: new Uint8Array(99) };
  const drop = [chunk(1).id];
  await store.backups.commit({ ...next, sha256: sha256(next.envelope), add: [], drop, chunks: [], now: 1 });
  for (;;) {
    const { done, value } = await iterator.next();
    if (done) break;
    parts.push(value);
  }
  const { items } = decodeWholeBundle(new Uint8Array(Buffer.concat(parts)));
  expect(items).toEqual(chunks);
});
