import { tmpdir } from "node:os";
import { encodeIds } from "@cloudbackup/core/wire";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import { hexOf } from "../bytes.ts";
import type { Context } from "../context.ts";
import { ProblemError } from "../errors.ts";
import { timeText } from "../schemas.ts";
import { assertStillOwned, requireWallet, walletOf } from "../wallets/access.ts";
import { walletParams } from "../wallets/schemas.ts";
import { acceptOnly, bodyOf } from "./binary-body.ts";
import { createBodyReader, MAX_SMALL_BYTES } from "./bodies.ts";
import { parseIds, putChunks, touchChunks } from "./chunks.ts";
import { commitBundle } from "./commit.ts";
import { createChunkDownload, createDownload, entityTag, MAX_WHOLE_BYTES, matchesEntityTag } from "./download.ts";
import { batchesOf, jsonArrayStream } from "./json-stream.ts";
import { chainQuery, downloadQuery, revisionParams } from "./schemas.ts";
import { createTurns } from "./turns.ts";

const SEQUENCE = "application/cbor-seq";
const ITEM = "application/cbor";
const JSON_TYPE = "application/json; charset=utf-8";
const ROWS_PER_BATCH = 500;

export const backupRoutes: FastifyPluginAsyncTypebox<Context> = async (app, context) => {
  const options = { schema: { params: walletParams }, onRequest: requireWallet(context) };
  const { store, config } = context;
  const readBody = createBodyReader({
    folder: config.database === ":memory:" ? tmpdir() : config.dataDir,
    randomBytes: config.randomBytes,
  });
  const uploadInTurn = createTurns(64);
  const downloadInTurn = createTurns(1);
  /** Small bodies name few ids, and share transactions. */
  const handling = async <T>(request: FastifyRequest, work: (bytes: Uint8Array) => Promise<T>): Promise<T> => {
    const body = bodyOf(request);
    const handle = async () => work(await body.bytes());
    try {
      return await (body.byteLength > MAX_SMALL_BYTES ? uploadInTurn(handle) : handle());
    } finally {
      await body.release();
    }
  };

  app.get(
    "/wallets/:wallet/backups/:revision",
    { ...options, schema: { params: revisionParams, querystring: downloadQuery } },
    async (request, reply) => {
      const { id, bytes } = walletOf(request);
      const { revision } = request.params;
      const headOnly = request.query.chunks === "none";
      // What follows, up to the stream, sees one state of the database. To count what a large wallet holds takes a while;
      // who waits for that looks again whose the wallet is.
      const isSmall = revision === "latest" && bytes <= MAX_WHOLE_BYTES;
      if (!isSmall) await downloadInTurn(() => assertStillOwned(context, request));
      const backup = await store.backups.read(id, revision === "latest" ? "latest" : Number(revision));
      if (!backup) throw new ProblemError("no-backup");
      const tag = entityTag(backup.sha256, headOnly);
      // Kept by nobody but the client, which asks before it believes what it kept.
      reply.headers({ etag: tag, "cache-control": "private, no-cache" });
      if (matchesEntityTag(request.headers["if-none-match"], tag)) return reply.code(304).send();
      const { body, byteLength } = await createDownload(store, id, backup, { headOnly });
      return reply.type(SEQUENCE).header("content-length", byteLength).send(body);
    },
  );

  app.get("/wallets/:wallet/backups", options, async (request, reply) => {
    const { id } = walletOf(request);
    const read = (before: number) => store.backups.history(id, before, ROWS_PER_BATCH);
    const batches = batchesOf(Number.MAX_SAFE_INTEGER, ROWS_PER_BATCH, read, (row) => row.revision);
    const rows = jsonArrayStream(batches, ({ revision, sha256, bytes, storedAt }) => ({
      revision,
      sha256: hexOf(sha256),
      bytes,
      storedAt: timeText(storedAt),
    }));
    return reply.type(JSON_TYPE).send(rows);
  });

  app.get(
    "/wallets/:wallet/chain",
    { ...options, schema: { params: walletParams, querystring: chainQuery } },
    async (request, reply) => {
      const { id } = walletOf(request);
      const read = (from: number) => store.backups.chain(id, from, ROWS_PER_BATCH);
      const batches = batchesOf(Number(request.query.from ?? 0), ROWS_PER_BATCH, read, (row) => row.revision + 1);
      const rows = jsonArrayStream(batches, ({ revision, sha256 }) => [revision, hexOf(sha256)]);
      return reply.type(JSON_TYPE).send(rows);
    },
  );

  await app.register(async (sequences) => {
    acceptOnly(sequences, SEQUENCE, readBody);

    sequences.post("/wallets/:wallet/backups", options, async (request, reply) => {
      const { receipt, isNew } = await handling(request, (body) => commitBundle(context, request, body));
      const { revision, sha256, storedAt } = receipt;
      reply.code(isNew ? 201 : 200).header("etag", entityTag(sha256, false));
      const { id } = walletOf(request);
      if (isNew) reply.header("location", `/v1/wallets/${hexOf(id)}/backups/${revision}`);
      return { revision, sha256: hexOf(sha256), storedAt: timeText(storedAt) };
    });

    sequences.post("/wallets/:wallet/chunks", options, async (request, reply) => {
      await handling(request, (body) => putChunks(context, request, body));
      return reply.code(204).send();
    });
  });

  await app.register(async (items) => {
    acceptOnly(items, ITEM, readBody);

    items.post("/wallets/:wallet/chunks/missing", options, async (request, reply) => {
      const ids = await handling(request, async (body) => parseIds(body));
      await assertStillOwned(context, request);
      const found = await touchChunks(context, walletOf(request).id, ids);
      const missing = ids.filter((id) => !found.has(hexOf(id)));
      return reply.type(ITEM).send(Buffer.from(encodeIds(missing)));
    });

    items.post("/wallets/:wallet/chunks/read", options, async (request, reply) => {
      const { id } = walletOf(request);
      const ids = await handling(request, async (body) => parseIds(body));
      await assertStillOwned(context, request);
      const sizes = await touchChunks(context, id, ids);
      const { body, byteLength } = await createChunkDownload(store, id, sizes);
      return reply.type(SEQUENCE).header("content-length", byteLength).send(body);
    });
  });
};
