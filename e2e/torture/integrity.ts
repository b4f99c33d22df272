import { DatabaseSync } from "node:sqlite";
import { Finding } from "./api.ts";

/** Each must find nothing. They know the server's schema (packages/server/src/store/migrations). */
const NEVER: Record<string, string> = {
  "a chunk in use that is not stored": `
    SELECT u.wallet, hex(u.id) FROM chunk_uses u
    LEFT JOIN chunks c ON c.wallet = u.wallet AND c.id = u.id WHERE c.key IS NULL`,
  "a chunk without its bytes, or with others than it says": `
    SELECT c.key FROM chunks c LEFT JOIN chunk_data d ON d.chunk = c.key
    WHERE d.chunk IS NULL OR length(d.sealed) <> c.size`,
  "a use of a chunk from, or until, a revision that is not there": `
    SELECT u.wallet, hex(u.id) FROM chunk_uses u
    WHERE NOT EXISTS (SELECT 1 FROM backups b WHERE b.wallet = u.wallet AND b.revision = u.from_revision)
    OR (u.until_revision IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM backups b WHERE b.wallet = u.wallet AND b.revision = u.until_revision))`,
  "a wallet whose current backup is not its last": `
    SELECT w.key FROM wallets w WHERE w.sha256 IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM backups b WHERE b.wallet = w.key AND b.revision = w.revision AND b.sha256 = w.sha256
      AND length(b.envelope) = w.envelope_bytes
      AND b.revision = (SELECT max(revision) FROM backups WHERE wallet = w.key))`,
  "a wallet without a backup that has some": `
    SELECT w.key FROM wallets w WHERE w.sha256 IS NULL AND EXISTS (SELECT 1 FROM backups b WHERE b.wallet = w.key)`,
  "a wallet whose sum of bytes is not that of its chunks": `
    SELECT w.key FROM wallets w WHERE w.chunk_bytes <> (
      SELECT coalesce(sum(c.size), 0) FROM chunk_uses u
      JOIN chunks c ON c.wallet = u.wallet AND c.id = u.id WHERE u.wallet = w.key AND u.until_revision IS NULL)`,
};

/**
 * Looks whether a database is whole, with an SQLite of its own. A server must have it open: who opens it alone would recover
 * it from its log in the server's place.
 *
 * @throws Finding
 */
export function assertDatabaseWhole(file: string): void {
  const db = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
  try {
    const integrity = db.prepare("PRAGMA integrity_check").all();
    if (integrity[0]?.integrity_check !== "ok") throw new Finding(`integrity_check says ${JSON.stringify(integrity)}`);
    const foreign = db.prepare("PRAGMA foreign_key_check").all();
    if (foreign.length > 0) throw new Finding(`foreign_key_check says ${JSON.stringify(foreign)}`);
    for (const [what, query] of Object.entries(NEVER)) {
      const rows = db.prepare(query).all();
      if (rows.length > 0) throw new Finding(`The database has ${what}: ${JSON.stringify(rows.slice(0, 5))}`);
    }
  } finally {
    db.close();
  }
}
