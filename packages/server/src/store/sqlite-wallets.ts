import { bufferOf } from "../bytes.ts";
import type { SqliteParts } from "./sqlite.ts";
import type { WalletRow, WalletStore } from "./store.ts";

const COLUMNS = `id, public_key AS publicKey, user_id AS userId, revision, sha256, envelope_bytes + chunk_bytes AS bytes,
  created_at AS createdAt, updated_at AS updatedAt`;

/** Everything that hangs on a wallet's key, children first. The data of chunks goes with them. */
const TABLES_OF_WALLET = ["chunk_uses", "chunks", "backups"] as const;

export function sqliteWallets({ db, writes }: SqliteParts): WalletStore {
  const byId = db.prepare<[Buffer], WalletRow>(`SELECT ${COLUMNS} FROM wallets WHERE id = ? AND user_id IS NOT NULL`);
  const ofUser = db.prepare<[string], WalletRow>(`SELECT ${COLUMNS} FROM wallets WHERE user_id = ? ORDER BY id`);
  // A row without user is a deleted wallet: it is taken over, its revision number included.
  const insert = db.prepare<[Buffer, Buffer, string, number, number]>(
    `INSERT INTO wallets (id, public_key, user_id, revision, sha256, envelope_bytes, chunk_bytes, created_at, updated_at)
     VALUES (?, ?, ?, 0, NULL, 0, 0, ?, ?)
     ON CONFLICT (id) DO UPDATE SET user_id = excluded.user_id, created_at = excluded.created_at,
       updated_at = excluded.updated_at WHERE wallets.user_id IS NULL`,
  );
  const keyOf = db.prepare<[Buffer], { key: number }>("SELECT key FROM wallets WHERE id = ?");
  const release = db.prepare<[number]>(
    "UPDATE wallets SET user_id = NULL, sha256 = NULL, envelope_bytes = 0, chunk_bytes = 0 WHERE key = ?",
  );
  const endSessions = db.prepare<[Buffer]>("DELETE FROM sessions WHERE wallet = ?");
  const erase = TABLES_OF_WALLET.map((table) => db.prepare<[number]>(`DELETE FROM ${table} WHERE wallet = ?`));

  return {
    register: ({ id, publicKey, userId, now }) =>
      writes.run(() => {
        const before = byId.get(bufferOf(id));
        if (before) return before.userId === userId ? "already" : "another-users";
        insert.run(bufferOf(id), bufferOf(publicKey), userId, now, now);
        return "registered";
      }),

    byId: async (id) => byId.get(bufferOf(id)) ?? null,
    ofUser: async (userId) => ofUser.all(userId),

    delete: (id, userId, sha256) =>
      writes.run(() => {
        const wallet = byId.get(bufferOf(id));
        const row = keyOf.get(bufferOf(id));
        if (wallet?.userId !== userId || !row) return "gone";
        if (!sameHash(wallet.sha256, sha256)) return "changed";
        for (const statement of erase) statement.run(row.key);
        endSessions.run(bufferOf(id));
        release.run(row.key);
        return "deleted";
      }),
  };
}

/** Whether two hashes of public envelopes, null for none, are the same. */
export function sameHash(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null) return a === b;
  return bufferOf(a).equals(b);
}
