import { timingSafeEqual } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import Sqlite, { type Database } from "better-sqlite3";
import { Kysely, SqliteDialect, sql } from "kysely";
import { bufferOf } from "../bytes.ts";
import { StartError, StoreUnavailableError } from "../errors.ts";
import { migrate } from "./migrations/index.ts";
import { sqliteBackups } from "./sqlite-backups.ts";
import { sqliteChunks } from "./sqlite-chunks.ts";
import { sqliteSessions } from "./sqlite-sessions.ts";
import { sqliteUsers } from "./sqlite-users.ts";
import { sqliteWallets } from "./sqlite-wallets.ts";
import type { Store, StoreIdentity } from "./store.ts";
import { storeError, WriteQueue, type WriteQueueOptions } from "./write-queue.ts";

/** How long a write waits for another process, a copying tool for example, to let go of the database. */
const BUSY_TIMEOUT_MS = 5_000;
/** The log is moved into the database at 16 MiB. SQLite's default, 4 MiB, is what four backups of 1 MB fill. */
const CHECKPOINT_PAGES = 4096;
const REALM_BYTES = 16;
const SECRET_BYTES = 32;

/** What the rooms of the store share. */
export interface SqliteParts {
  db: Database;
  writes: WriteQueue;
}

/**
 * Opens the database of one server process, and makes it where there is none.
 *
 * @param path of the file, or ":memory:"
 * @param options.randomBytes for what a new database is made with
 * @param options.realm of a new database, random if not given; a database that has another one is refused
 * @throws StartError where the file cannot be used or is a newer version's
 */
export async function openSqliteStore(
  path: string,
  options: { randomBytes: (length: number) => Uint8Array; realm?: Uint8Array } & WriteQueueOptions,
): Promise<Store> {
  const db = openFile(path);
  try {
    configure(db);
    // Kysely is not destroyed after the migration: that would close the database, which is not its own.
    const kysely = new Kysely<unknown>({ dialect: new SqliteDialect({ database: db }) });
    // Kysely takes SQLite's schema changes for none that a transaction could hold: one that stops midway would leave half.
    // The lock also makes a second process that starts at the same time wait.
    db.exec("BEGIN IMMEDIATE");
    await migrate(kysely, { bytes: sql`blob`, key: "integer" });
    const identity = loadIdentity(db, options);
    db.exec("COMMIT");
    return sqliteStore(db, identity, new WriteQueue(db, options));
  } catch (error) {
    db.close();
    if (error instanceof StartError) throw error;
    const reason = storeError(error);
    if (!(reason instanceof StoreUnavailableError)) throw error;
    throw new StartError("ERR_CB_DATA_DIR", `The database ${path} cannot be used: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function openFile(path: string): Database {
  try {
    // Made for its owner alone, as the files beside it will be, whoever may look into the folder.
    if (path !== ":memory:") closeSync(openSync(path, "a", 0o600));
    return new Sqlite(path, { timeout: BUSY_TIMEOUT_MS });
  } catch (error) {
    throw new StartError("ERR_CB_DATA_DIR", `The database ${path} cannot be opened: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** How every connection works. */
export function configure(db: Database): void {
  // In WAL mode the driver's default would be NORMAL, which can lose acknowledged commits when the power goes.
  db.pragma("journal_mode = WAL");
  db.pragma("synchronous = FULL");
  db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  db.pragma("foreign_keys = ON");
  db.pragma("trusted_schema = OFF");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function loadIdentity(
  db: Database,
  options: { randomBytes: (length: number) => Uint8Array; realm?: Uint8Array },
): StoreIdentity {
  const { realm = options.randomBytes(REALM_BYTES) } = options;
  if (realm.length !== REALM_BYTES) throw new RangeError(`realm must have ${REALM_BYTES} bytes`);
  db.prepare("INSERT INTO server (id, realm, secret) VALUES (1, ?, ?) ON CONFLICT DO NOTHING").run(
    bufferOf(realm),
    bufferOf(options.randomBytes(SECRET_BYTES)),
  );
  const identity = db.prepare<[], { realm: Buffer; secret: Buffer }>("SELECT realm, secret FROM server").get();
  if (!identity) throw new Error("the server's row is not there right after it was written");
  if (options.realm && !timingSafeEqual(identity.realm, options.realm)) {
    throw new StartError("ERR_CB_DATA_DIR", "The database has another realm than the one asked for");
  }
  return identity;
}

function sqliteStore(db: Database, identity: StoreIdentity, writes: WriteQueue): Store {
  const parts: SqliteParts = { db, writes };
  return {
    identity,
    users: withStoreErrors(sqliteUsers(parts)),
    sessions: withStoreErrors(sqliteSessions(parts)),
    wallets: withStoreErrors(sqliteWallets(parts)),
    backups: withStoreErrors(sqliteBackups(parts)),
    chunks: withStoreErrors(sqliteChunks(parts)),
    announceWrite: () => writes.announce(),
    async check() {
      // A write lock, not a mere read: a read-only or full disk still reads.
      await writes.run(() => db.prepare("UPDATE server SET id = id").run());
    },
    async close() {
      if (!db.open) return;
      writes.close();
      try {
        // Leaves one whole file behind, for who copies it.
        db.pragma("wal_checkpoint(TRUNCATE)");
      } catch (error) {
        // A full disk, say. What was committed stays in the log beside the file, where the next start finds it.
        if (!(storeError(error) instanceof StoreUnavailableError)) throw error;
      } finally {
        db.close();
      }
    },
  };
}

type Methods = Record<string, (...args: never[]) => Promise<unknown>>;

/** The same methods with the errors of the store's contract: reads do not pass the write queue, which has them. */
function withStoreErrors<Room extends { [K in keyof Room]: Methods[string] }>(room: Room): Room {
  const methods = Object.entries<Methods[string]>(room).map(([name, method]) => {
    const wrapped = async (...args: never[]) => {
      try {
        return await method(...args);
      } catch (error) {
        throw storeError(error);
      }
    };
    return [name, wrapped];
  });
  return Object.fromEntries(methods) as Room;
}
