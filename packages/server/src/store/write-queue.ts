import type { Database } from "better-sqlite3";
import { StoreUnavailableError } from "../errors.ts";

/** The event loop is not held longer than this many jobs take, */
const MAX_JOBS_PER_TRANSACTION = 256;
/** nor, but for the one job that is under way then, longer than this. */
const MAX_TRANSACTION_MS = 50;
/** A transaction does not wait longer than this for jobs that are on their way. */
const MAX_GATHERING_MS = 20;

interface Waiting {
  job: () => unknown;
  resolve: (value: never) => void;
  reject: (error: unknown) => void;
}

export interface WriteQueueOptions {
  /** Milliseconds that only go forward. */
  clock?: () => number;
  maxJobsPerTransaction?: number;
}

/**
 * Group commit: jobs that wait together run in one transaction, each in a savepoint of its own, and share one COMMIT, which
 * is one fsync. No job is answered before that. A job that throws is rolled back alone; a COMMIT that fails fails all.
 *
 * It fills itself under load: a transaction waits for jobs that are announced, for as long as the COMMIT before took at
 * most, and never longer than 20 ms. So nobody's wait is doubled, a disk that is slow is asked less often, and who is alone does
 * not wait at all.
 */
export class WriteQueue {
  readonly #db: Database;
  readonly #clock: () => number;
  readonly #maxJobs: number;
  readonly #sql: ReturnType<typeof transactionSql>;
  #waiting: Waiting[] = [];
  #announced = 0;
  #commitMs = 0;
  #scheduled = false;
  /** Since when a transaction waits for what is announced, for how long at most, and what ends that if nothing else does. */
  #gathering: { since: number; patienceMs: number; timer: NodeJS.Timeout } | null = null;
  #closed = false;

  constructor(db: Database, options: WriteQueueOptions = {}) {
    this.#db = db;
    this.#clock = options.clock ?? (() => performance.now());
    this.#maxJobs = options.maxJobsPerTransaction ?? MAX_JOBS_PER_TRANSACTION;
    this.#sql = transactionSql(db);
  }

  /** Runs `job`, which is synchronous, and resolves with what it returned once that is durable. */
  run<T>(job: () => T): Promise<T> {
    if (this.#closed) return Promise.reject(new StoreUnavailableError("The database is closed"));
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject });
      this.#schedule();
    });
  }

  /** Says that a job is on its way. To be called once: what says that it is there now, or will not come. */
  announce(): () => void {
    this.#announced++;
    return () => {
      this.#announced--;
      if (this.#gathering && !this.#shallGather()) this.#schedule();
    };
  }

  /** Runs what waits, now; takes nothing more. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#gathering?.timer);
    while (this.#waiting.length > 0) this.#flush();
  }

  /** After the requests that the event loop is about to hand over, so that they join this transaction. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#waiting.length === 0 || this.#shallGather()) return;
      clearTimeout(this.#gathering?.timer);
      this.#gathering = null;
      this.#flush();
      if (this.#waiting.length > 0) this.#schedule();
    });
  }

  #shallGather(): boolean {
    if (this.#announced === 0 || this.#waiting.length >= this.#maxJobs) return false;
    this.#gathering ??= this.#gather();
    return this.#clock() - this.#gathering.since < this.#gathering.patienceMs;
  }

  #gather() {
    const gathering = {
      since: this.#clock(),
      patienceMs: Math.min(this.#commitMs, MAX_GATHERING_MS),
      timer: setTimeout(
        () => {
          gathering.patienceMs = 0;
          this.#schedule();
        },
        Math.min(this.#commitMs, MAX_GATHERING_MS),
      ),
    };
    return gathering;
  }

  #flush(): void {
    const batch = this.#waiting.splice(0, this.#maxJobs);
    const settle: (() => void)[] = [];
    try {
      this.#sql.begin.run();
      const end = this.#clock() + MAX_TRANSACTION_MS;
      for (const waiting of batch) {
        settle.push(this.#runOne(waiting));
        if (this.#clock() >= end) break;
      }
      this.#waiting.unshift(...batch.splice(settle.length));
      const start = this.#clock();
      this.#sql.commit.run();
      this.#commitMs = this.#clock() - start;
    } catch (error) {
      const failure = storeError(error);
      // SQLite has rolled back already where the disk is full or fails.
      if (this.#db.open && this.#db.inTransaction) this.#sql.rollback.run();
      for (const { reject } of batch) reject(failure);
      return;
    }
    for (const done of settle) done();
  }

  /** @throws what ends the whole transaction, not what the job throws */
  #runOne({ job, resolve, reject }: Waiting): () => void {
    this.#sql.savepoint.run();
    try {
      const value = job();
      this.#sql.release.run();
      return () => resolve(value as never);
    } catch (error) {
      if (!this.#db.inTransaction) throw error;
      this.#sql.rollbackTo.run();
      this.#sql.release.run();
      return () => reject(storeError(error));
    }
  }
}

/** Prepared once: each commit runs four of them. */
function transactionSql(db: Database) {
  return {
    begin: db.prepare("BEGIN IMMEDIATE"),
    commit: db.prepare("COMMIT"),
    rollback: db.prepare("ROLLBACK"),
    savepoint: db.prepare("SAVEPOINT job"),
    release: db.prepare("RELEASE job"),
    rollbackTo: db.prepare("ROLLBACK TO job"),
  };
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
