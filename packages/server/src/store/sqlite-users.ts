import { bufferOf } from "../bytes.ts";
import type { SqliteParts } from "./sqlite.ts";
import type { UserRow, UserStore } from "./store.ts";

const COLUMNS = `id, username, email, password_hash AS passwordHash, created_at AS createdAt, activated_at AS activatedAt`;

export function sqliteUsers({ db, writes }: SqliteParts): UserStore {
  const byUsername = db.prepare<[string], UserRow>(`SELECT ${COLUMNS} FROM users WHERE username = ?`);
  const byId = db.prepare<[string], UserRow>(`SELECT ${COLUMNS} FROM users WHERE id = ?`);
  const forgetUnactivated = db.prepare<[string, number]>(
    "DELETE FROM users WHERE username = ? AND activated_at IS NULL AND created_at < ?",
  );
  const insert = db.prepare<[string, string, string, string, number, number | null]>(
    `INSERT INTO users (id, username, email, password_hash, created_at, activated_at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (username) DO NOTHING`,
  );
  const insertToken = db.prepare<[Buffer, string, number]>(
    "INSERT INTO activations (token_hash, user_id, expires_at) VALUES (?, ?, ?)",
  );
  const forgetTokens = db.prepare<[number]>("DELETE FROM activations WHERE expires_at <= ?");
  const tokenUser = db.prepare<[Buffer, number], { userId: string }>(
    "SELECT user_id AS userId FROM activations WHERE token_hash = ? AND expires_at > ?",
  );
  const deleteTokens = db.prepare<[string]>("DELETE FROM activations WHERE user_id = ?");
  const setActivated = db.prepare<[number, string]>(
    "UPDATE users SET activated_at = ? WHERE id = ? AND activated_at IS NULL",
  );

  return {
    create: (user, token, unactivatedBefore) =>
      writes.run(() => {
        forgetUnactivated.run(user.username, unactivatedBefore);
        const { id, username, email, passwordHash, createdAt, activatedAt } = user;
        const { changes } = insert.run(id, username, email, passwordHash, createdAt, activatedAt);
        if (changes === 0) return "taken";
        if (token) insertToken.run(bufferOf(token.hash), id, token.expiresAt);
        return "created";
      }),

    byUsername: async (username) => byUsername.get(username) ?? null,
    byId: async (id) => byId.get(id) ?? null,

    addActivation: (userId, token, now) =>
      writes.run(() => {
        forgetTokens.run(now);
        const user = byId.get(userId);
        if (user && user.activatedAt === null) insertToken.run(bufferOf(token.hash), userId, token.expiresAt);
      }),

    activate: (tokenHash, now) =>
      writes.run(() => {
        const token = tokenUser.get(bufferOf(tokenHash), now);
        if (!token) return false;
        setActivated.run(now, token.userId);
        deleteTokens.run(token.userId);
        return true;
      }),
  };
}
