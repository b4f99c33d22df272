import type { Database } from "better-sqlite3";
import { bufferOf, hexOf } from "../bytes.ts";
import { VALUE } from "./bound.ts";
import type { SqliteParts } from "./sqlite.ts";
import type { Chunk, ChunkStore } from "./store.ts";

/** The wallet's short key, from its id. */
const KEY = "(SELECT key FROM wallets WHERE id = ?)";

/** Each row of `u` that is in use at a revision, bound twice. To find them, all uses that a wallet ever had are looked at. */
const IN_USE = "u.from_revision <= ? AND (u.until_revision IS NULL OR u.until_revision > ?)";

/** The same of the current revision, for which there is an index; binds nothing. */
const IN_USE_NOW = "u.until_revision IS NULL";

/** Bytes of `[id, sealed]` in CBOR: array head 1, id 2 + 32, head of a byte string by its length (RFC 8949 §3), bytes. */
const ITEM_BYTES =
  "35 + CASE WHEN c.size < 24 THEN 1 WHEN c.size < 256 THEN 2 WHEN c.size < 65536 THEN 3 ELSE 5 END + c.size";

/** Below every id, or before all of them. */
const NOTHING = Buffer.alloc(0);

export function sqliteChunks(parts: SqliteParts): ChunkStore {
  const { db, writes } = parts;
  const owned = db.prepare<[Buffer, string], { key: number }>("SELECT key FROM wallets WHERE id = ? AND user_id = ?");
  const touch = db.prepare<[number, Buffer, Buffer], { size: number }>(
    `UPDATE chunks SET touched_at = ? WHERE wallet = ${KEY} AND id = ? RETURNING size`,
  );
  const readOne = db.prepare<[Buffer, Buffer], Chunk>(
    `SELECT c.id, d.sealed FROM chunks c JOIN chunk_data d ON d.chunk = c.key WHERE c.wallet = ${KEY} AND c.id = ${VALUE}`,
  );
  const currentRevision = db
    .prepare<[Buffer], number>("SELECT revision FROM wallets WHERE id = ? AND sha256 IS NOT NULL")
    .pluck();
  const then = usesWhere(db, IN_USE);
  const now = usesWhere(db, IN_USE_NOW);
  type Read<T> = (uses: typeof now, wallet: Buffer, bound: number[]) => T;
  /** Reads the uses at a revision. In one transaction: another process could commit in between. */
  const usesAt = db.transaction(<T>(wallet: Buffer, revision: number, read: Read<T>): T => {
    const isCurrent = currentRevision.get(wallet) === revision;
    return isCurrent ? read(now, wallet, []) : read(then, wallet, [revision, revision]);
  }) as <T>(wallet: Buffer, revision: number, read: Read<T>) => T;
  const store = chunkWriter(parts);

  return {
    put: (wallet, userId, items, now) =>
      writes.run(() => {
        const row = owned.get(bufferOf(wallet), userId);
        if (!row) return false;
        for (const item of items) store(row.key, item, now);
        return true;
      }),

    touch: (wallet, asked, now) =>
      writes.run(() => {
        const found = new Map<string, number>();
        for (const id of asked) {
          const row = touch.get(now, bufferOf(wallet), bufferOf(id));
          if (row) found.set(hexOf(id), row.size);
        }
        return found;
      }),

    read: async (wallet, asked) =>
      asked.flatMap((id) => {
        const chunk = readOne.get(bufferOf(wallet), bufferOf(id));
        return chunk ? [chunk] : [];
      }),

    sizeOfRevision: async (id, revision) => {
      const size = usesAt(bufferOf(id), revision, ({ size }, wallet, bound) => size.get(wallet, ...bound));
      return size ?? { count: 0, itemBytes: 0 };
    },
    idsOfRevision: async (id, revision, after, limit) => {
      const above = after ? bufferOf(after) : NOTHING;
      return usesAt(bufferOf(id), revision, ({ ids }, wallet, bound) => ids.all(wallet, above, ...bound, limit));
    },
    ofRevision: async (id, revision, after, limit) => {
      const above = after ? bufferOf(after) : NOTHING;
      return usesAt(bufferOf(id), revision, ({ chunks }, wallet, bound) => chunks.all(wallet, above, ...bound, limit));
    },
  };
}

/** What a download reads of the uses for which a condition on `u` holds. */
function usesWhere(db: Database, inUse: string) {
  return {
    size: db.prepare<[Buffer, ...number[]], { count: number; itemBytes: number }>(
      `SELECT count(*) AS count, coalesce(sum(${ITEM_BYTES}), 0) AS itemBytes
       FROM chunk_uses u JOIN chunks c ON c.wallet = u.wallet AND c.id = u.id WHERE u.wallet = ${KEY} AND ${inUse}`,
    ),
    ids: db
      .prepare<[Buffer, Buffer, ...number[]], Buffer>(
        `SELECT u.id FROM chunk_uses u WHERE u.wallet = ${KEY} AND u.id > ? AND ${inUse} ORDER BY u.id LIMIT ${VALUE}`,
      )
      .pluck(),
    chunks: db.prepare<[Buffer, Buffer, ...number[]], Chunk>(
      `SELECT u.id, d.sealed FROM chunk_uses u JOIN chunks c ON c.wallet = u.wallet AND c.id = u.id
       JOIN chunk_data d ON d.chunk = c.key
       WHERE u.wallet = ${KEY} AND u.id > ? AND ${inUse} ORDER BY u.id LIMIT ${VALUE}`,
    ),
  };
}

/** Keeps one chunk, for use inside a job of the write queue. One in use may change its size: the wallet's sum follows. */
export function chunkWriter({ db }: SqliteParts): (walletKey: number, chunk: Chunk, now: number) => void {
  const existing = db.prepare<[number, Buffer], { key: number; size: number }>(
    "SELECT key, size FROM chunks WHERE wallet = ? AND id = ?",
  );
  const insert = db.prepare<[number, Buffer, number, number]>(
    "INSERT INTO chunks (wallet, id, size, touched_at) VALUES (?, ?, ?, ?)",
  );
  const insertData = db.prepare<[number | bigint, Buffer]>("INSERT INTO chunk_data (chunk, sealed) VALUES (?, ?)");
  const update = db.prepare<[number, number, number]>("UPDATE chunks SET size = ?, touched_at = ? WHERE key = ?");
  const updateData = db.prepare<[Buffer, number]>("UPDATE chunk_data SET sealed = ? WHERE chunk = ?");
  const grow = db.prepare<[number, number, number, Buffer]>(
    `UPDATE wallets SET chunk_bytes = chunk_bytes + ? WHERE key = ? AND EXISTS
     (SELECT 1 FROM chunk_uses WHERE wallet = ? AND id = ? AND until_revision IS NULL)`,
  );

  return (walletKey, { id, sealed }, now) => {
    const before = existing.get(walletKey, bufferOf(id));
    if (!before) {
      const { lastInsertRowid } = insert.run(walletKey, bufferOf(id), sealed.length, now);
      insertData.run(lastInsertRowid, bufferOf(sealed));
      return;
    }
    update.run(sealed.length, now, before.key);
    updateData.run(bufferOf(sealed), before.key);
    if (before.size !== sealed.length) grow.run(sealed.length - before.size, walletKey, walletKey, bufferOf(id));
  };
}
