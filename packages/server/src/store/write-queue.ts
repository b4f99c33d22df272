import type { Database } from "better-sqlite3";
import { StoreUnavailableError } from "../errors.ts";

/** The event loop is not held longer than this many jobs take, */
const MAX_JOBS_PER_TRANSACTION = 256;
/** nor, but for the one job that is under way then, longer than this. */
const MAX_TRANSACTION_MS = 50;

interface Waiting {
  job: () => unknown;
  resolve: (value: never) => void;
  reject: (error: unknown) => void;
}

/**
 * Group commit: jobs that wait together run in one transaction, each in a savepoint of its own, and share one COMMIT, which
 * is one fsync. No job is answered before that. A job that throws is rolled back alone; a COMMIT that fails fails all.
 */
export class WriteQueue {
  readonly #db: Database;
  readonly #clock: () => number;
  #waiting: Waiting[] = [];
  #scheduled = false;
  #closed = false;

  /** @param clock milliseconds that only go forward */
  constructor(db: Database, clock: () => number = () => performance.now()) {
    this.#db = db;
    this.#clock = clock;
  }

  /** Runs `job`, which is synchronous, and resolves with what it returned once that is durable. */
  run<T>(job: () => T): Promise<T> {
    if (this.#closed) return Promise.reject(new StoreUnavailableError("The database is closed"));
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject });
      this.#schedule();
    });
  }

  /** Runs what waits, now; takes nothing more. */
  close(): void {
    this.#closed = true;
    while (this.#waiting.length > 0) this.#flush();
  }

  /** After the requests that the event loop is about to hand over, so that they join this transaction. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#waiting.length > 0) this.#flush();
      if (this.#waiting.length > 0) this.#schedule();
    });
  }

  #flush(): void {
    const batch = this.#waiting.splice(0, MAX_JOBS_PER_TRANSACTION);
    const settle: (() => void)[] = [];
    try {
      this.#db.exec("BEGIN IMMEDIATE");
      const end = this.#clock() + MAX_TRANSACTION_MS;
      for (const waiting of batch) {
        settle.push(this.#runOne(waiting));
        if (this.#clock() >= end) break;
      }
      this.#waiting.unshift(...batch.splice(settle.length));
      this.#db.exec("COMMIT");
    } catch (error) {
      const failure = storeError(error);
      // SQLite has rolled back already where the disk is full or fails.
      if (this.#db.open && this.#db.inTransaction) this.#db.exec("ROLLBACK");
      for (const { reject } of batch) reject(failure);
      return;
    }
    for (const done of settle) done();
  }

  /** @throws what ends the whole transaction, not what the job throws */
  #runOne({ job, resolve, reject }: Waiting): () => void {
    this.#db.exec("SAVEPOINT job");
    try {
      const value = job();
      this.#db.exec("RELEASE job");
      return () => resolve(value as never);
    } catch (error) {
      if (!this.#db.inTransaction) throw error;
      this.#db.exec("ROLLBACK TO job");
      this.#db.exec("RELEASE job");
      return () => reject(storeError(error));
    }
  }
}

/** Primary result codes (sqlite.org/rescode.html) that say "not now" rather than "not like this". */
const UNAVAILABLE = /^SQLITE_(BUSY|LOCKED|FULL|IOERR|READONLY|CANTOPEN|CORRUPT|NOTADB|NOMEM|PROTOCOL)/;

/** The error that the store's contract speaks of. */
export function storeError(error: unknown): unknown {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === "string" && UNAVAILABLE.test(code)) {
    return new StoreUnavailableError(`The database cannot be used: ${code}`, { cause: error });
  }
  // What the driver throws, a TypeError, once the database is closed.
  if (error instanceof TypeError && error.message === "The database connection is not open") {
    return new StoreUnavailableError("The database is closed", { cause: error });
  }
  return error;
}
