import { bufferOf, hexOf } from "../bytes.ts";
import { VALUE } from "./bound.ts";
import type { SqliteParts } from "./sqlite.ts";
import { chunkWriter } from "./sqlite-chunks.ts";
import { sameHash } from "./sqlite-wallets.ts";
import type { BackupRow, BackupStore, Commit, CommitOutcome, HistoryRow, Receipt } from "./store.ts";

interface Current {
  key: number;
  userId: string | null;
  revision: number;
  sha256: Buffer | null;
  chunkBytes: number;
}

const KEY = "(SELECT key FROM wallets WHERE id = ?)";
const RECEIPT = "revision, sha256, stored_at AS storedAt";

export function sqliteBackups(parts: SqliteParts): BackupStore {
  const { db, writes } = parts;
  const commit = committer(parts);
  const one = db.prepare<[Buffer, number], BackupRow>(
    `SELECT ${RECEIPT}, envelope FROM backups WHERE wallet = ${KEY} AND revision = ? AND envelope IS NOT NULL`,
  );
  const latest = db.prepare<[Buffer], BackupRow>(
    `SELECT ${RECEIPT}, envelope FROM backups WHERE (wallet, revision) = (SELECT key, revision FROM wallets WHERE id = ?)
     AND envelope IS NOT NULL`,
  );
  const history = db.prepare<[Buffer, number, number], HistoryRow>(
    `SELECT ${RECEIPT}, bytes FROM backups WHERE wallet = ${KEY} AND revision < ? AND envelope IS NOT NULL
     ORDER BY revision DESC LIMIT ${VALUE}`,
  );
  const chain = db.prepare<[Buffer, number, number], { revision: number; sha256: Buffer }>(
    `SELECT revision, sha256 FROM backups WHERE wallet = ${KEY} AND revision >= ? ORDER BY revision LIMIT ${VALUE}`,
  );

  return {
    commit: (upload) => writes.run(() => commit(upload)),
    read: async (wallet, revision) =>
      (revision === "latest" ? latest.get(bufferOf(wallet)) : one.get(bufferOf(wallet), revision)) ?? null,
    history: async (wallet, before, limit) => history.all(bufferOf(wallet), before, limit),
    chain: async (wallet, from, limit) => chain.all(bufferOf(wallet), from, limit),
  };
}

/** The job of a commit. It looks at everything before it writes anything, so that a refusal leaves nothing behind. */
function committer(parts: SqliteParts): (commit: Commit) => CommitOutcome {
  const { db } = parts;
  const currentOf = db.prepare<[Buffer], Current>(
    "SELECT key, user_id AS userId, revision, sha256, chunk_bytes AS chunkBytes FROM wallets WHERE id = ?",
  );
  const receiptOf = db.prepare<[number, number], Receipt>(
    `SELECT ${RECEIPT} FROM backups WHERE wallet = ? AND revision = ?`,
  );
  const hasChunk = db.prepare<[number, Buffer], { size: number }>(
    "SELECT size FROM chunks WHERE wallet = ? AND id = ?",
  );
  const uses = chunkUses(parts);
  const storeChunk = chunkWriter(parts);
  const insert = db.prepare<[number, number, Buffer, number, number, Buffer]>(
    "INSERT INTO backups (wallet, revision, sha256, bytes, stored_at, envelope) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const advance = db.prepare<[number, Buffer, number, number, number]>(
    "UPDATE wallets SET revision = ?, sha256 = ?, envelope_bytes = ?, updated_at = ? WHERE key = ?",
  );
  const addChunkBytes = db.prepare<[number, number]>("UPDATE wallets SET chunk_bytes = chunk_bytes + ? WHERE key = ?");

  return (commit) => {
    const current = currentOf.get(bufferOf(commit.wallet));
    if (!current || current.userId !== commit.userId) return { kind: "gone" };
    const { key } = current;

    const before = receiptOf.get(key, commit.revision);
    if (before && sameHash(before.sha256, commit.sha256)) return { kind: "repeated", receipt: before };
    if (!follows(commit, current)) return { kind: "conflict", revision: current.revision, sha256: current.sha256 };

    const sent = new Set(commit.chunks.map((chunk) => hexOf(chunk.id)));
    const missing = commit.add.filter((id) => !sent.has(hexOf(id)) && !hasChunk.get(key, bufferOf(id)));
    if (missing.length > 0) return { kind: "chunks-missing", ids: missing };
    const unused = commit.drop.filter((id) => !uses.has(key, id));
    if (unused.length > 0) return { kind: "chunks-not-in-use", ids: unused };

    // Chunks first, while those in use still are: then the sums below see sizes as they will stay.
    for (const chunk of commit.chunks) storeChunk(key, chunk, commit.now);
    const dropped = commit.base === 0 ? uses.allBut(key, commit.add) : commit.drop;
    const closed = uses.close(key, dropped, commit.revision);
    const opened = uses.open(key, commit.add, commit.revision);
    addChunkBytes.run(opened - closed, key);

    const { chunkBytes } = currentOf.get(bufferOf(commit.wallet)) as Current;
    const { revision, now, envelope } = commit;
    const sha256 = bufferOf(commit.sha256);
    insert.run(key, revision, sha256, envelope.length + chunkBytes, now, bufferOf(envelope));
    advance.run(revision, sha256, envelope.length, now, key);
    return { kind: "stored", receipt: { revision, sha256, storedAt: now } };
  };
}

/** Whether an upload replaces what is there (format.md §6). A deleted wallet has no hash, but a revision to exceed. */
function follows({ after, base, revision }: Commit, current: Current): boolean {
  if (!sameHash(after, current.sha256)) return false;
  if (base === 0) return revision > current.revision;
  return current.sha256 !== null && base === current.revision && revision === current.revision + 1;
}

/** The intervals in which chunks are in use. Sums are of sealed bytes. */
function chunkUses({ db }: SqliteParts) {
  const isOpen = db.prepare<[number, Buffer], unknown>(
    "SELECT 1 FROM chunk_uses WHERE wallet = ? AND id = ? AND until_revision IS NULL",
  );
  const openIds = db.prepare<[number], { id: Buffer }>(
    "SELECT id FROM chunk_uses WHERE wallet = ? AND until_revision IS NULL",
  );
  const close = db.prepare<[number, number, Buffer]>(
    "UPDATE chunk_uses SET until_revision = ? WHERE wallet = ? AND id = ? AND until_revision IS NULL",
  );
  const open = db.prepare<[number, Buffer, number]>(
    "INSERT INTO chunk_uses (wallet, id, from_revision) VALUES (?, ?, ?)",
  );
  const sizeOf = db.prepare<[number, Buffer], number>("SELECT size FROM chunks WHERE wallet = ? AND id = ?").pluck();
  const size = (key: number, id: Uint8Array): number => sizeOf.get(key, bufferOf(id)) ?? 0;
  const has = (key: number, id: Uint8Array): boolean => isOpen.get(key, bufferOf(id)) !== undefined;

  return {
    has,
    /** What is in use and not among `kept`. */
    allBut(key: number, kept: readonly Uint8Array[]): Uint8Array[] {
      const keep = new Set(kept.map(hexOf));
      return openIds.all(key).flatMap(({ id }) => (keep.has(hexOf(id)) ? [] : [id]));
    },
    close(key: number, ids: readonly Uint8Array[], revision: number): number {
      let bytes = 0;
      for (const id of ids) {
        close.run(revision, key, bufferOf(id));
        bytes += size(key, id);
      }
      return bytes;
    },
    /** One that is in use already stays so. */
    open(key: number, ids: readonly Uint8Array[], revision: number): number {
      let bytes = 0;
      for (const id of ids) {
        if (has(key, id)) continue;
        open.run(key, bufferOf(id), revision);
        bytes += size(key, id);
      }
      return bytes;
    },
  };
}
