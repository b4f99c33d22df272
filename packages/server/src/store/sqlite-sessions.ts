import { bufferOf } from "../bytes.ts";
import type { SqliteParts } from "./sqlite.ts";
import type { SessionRow, SessionStore } from "./store.ts";

const COLUMNS = "id, user_id AS userId, kind, wallet, created_at AS createdAt, expires_at AS expiresAt";

export function sqliteSessions({ db, writes }: SqliteParts): SessionStore {
  const insert = db.prepare<[string, Buffer, string, string, Buffer | null, number, number]>(
    `INSERT INTO sessions (id, token_hash, user_id, kind, wallet, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const forgetExpired = db.prepare<[number]>("DELETE FROM sessions WHERE expires_at <= ?");
  const byToken = db.prepare<[Buffer, number], SessionRow>(
    `SELECT ${COLUMNS} FROM sessions WHERE token_hash = ? AND expires_at > ?`,
  );
  const ofUser = db.prepare<[string, number], SessionRow>(
    `SELECT ${COLUMNS} FROM sessions WHERE user_id = ? AND expires_at > ? ORDER BY created_at, id`,
  );
  const remove = db.prepare<[string, string]>("DELETE FROM sessions WHERE user_id = ? AND id = ?");
  const forgetChallenges = db.prepare<[number]>("DELETE FROM spent_challenges WHERE expires_at <= ?");
  const spend = db.prepare<[Buffer, number]>(
    "INSERT INTO spent_challenges (challenge, expires_at) VALUES (?, ?) ON CONFLICT (challenge) DO NOTHING",
  );

  return {
    create: (session, tokenHash, now) =>
      writes.run(() => {
        forgetExpired.run(now);
        const { id, userId, kind, wallet, createdAt, expiresAt } = session;
        insert.run(id, bufferOf(tokenHash), userId, kind, wallet && bufferOf(wallet), createdAt, expiresAt);
      }),

    byToken: async (tokenHash, now) => byToken.get(bufferOf(tokenHash), now) ?? null,
    ofUser: async (userId, now) => ofUser.all(userId, now),
    delete: (userId, id) => writes.run(() => remove.run(userId, id).changes > 0),

    spendChallenge: (challenge, expiresAt, now) =>
      writes.run(() => {
        forgetChallenges.run(now);
        return spend.run(bufferOf(challenge), expiresAt).changes > 0;
      }),
  };
}
