/*
 * What the server remembers, in words. SQLite keeps it for one process; the interface is asynchronous so that a database
 * across a network fits. The suite in test/contract/ runs on every implementation.
 *
 * For all of it:
 *
 * - A method is one step: it happens whole or not at all, and others see it before or after, never in between.
 * - A write is durable when its promise resolves.
 * - A rejection is a StoreUnavailableError (try later) or a mistake of ours. What a caller must tell apart is a value.
 * - Times are Unix milliseconds, given by the caller. Ids, hashes and sealed data are bytes that the store does not read.
 * - Tokens and passwords never come here, only their hashes.
 */

export interface Store {
  /** What the database was made with and keeps wherever it moves. */
  readonly identity: StoreIdentity;
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly wallets: WalletStore;
  readonly backups: BackupStore;
  readonly chunks: ChunkStore;
  /**
   * Says that a write is on its way, so that a store which makes several durable together can wait for it a little. Never
   * needed, never a promise. To be called once: what says that the write is there now, or will not come.
   */
  announceWrite(): () => void;
  /** Resolves if reads and writes work now. @throws StoreUnavailableError */
  check(): Promise<void>;
  /** Finishes the writes that wait, then lets go of the database. More calls are mistakes. */
  close(): Promise<void>;
}

export interface StoreIdentity {
  /** 16 bytes, random, never zeros; signatures, keys and ids of wallets depend on it (format.md §1). */
  readonly realm: Uint8Array;
  /** 32 bytes, random: what this server authenticates its own messages with. Leaves the database for nobody. */
  readonly secret: Uint8Array;
}

export interface UserRow {
  id: string;
  username: string;
  email: string;
  /** PHC string. */
  passwordHash: string;
  createdAt: number;
  /** Null: not activated yet. */
  activatedAt: number | null;
}

interface ActivationToken {
  hash: Uint8Array;
  expiresAt: number;
}

export interface UserStore {
  /**
   * Keeps a user, and with it the token that activates it. "taken" if another has the name; one that was not activated
   * since `unactivatedBefore` does not count, and is forgotten.
   */
  create(user: UserRow, token: ActivationToken | null, unactivatedBefore: number): Promise<"created" | "taken">;
  byUsername(username: string): Promise<UserRow | null>;
  byId(id: string): Promise<UserRow | null>;
  /** One more token for a user; those before stay good. Nothing happens if the user is gone or activated. */
  addActivation(userId: string, token: ActivationToken, now: number): Promise<void>;
  /** Activates the token's user and forgets every token of it. False: no such token, or it has expired. */
  activate(tokenHash: Uint8Array, now: number): Promise<boolean>;
}

export interface SessionRow {
  /** Public name of the session. */
  id: string;
  userId: string;
  kind: "password" | "wallet";
  /** The one wallet of a wallet session, else null. */
  wallet: Uint8Array | null;
  createdAt: number;
  expiresAt: number;
}

export interface SessionStore {
  /** Keeps a session, and forgets those that have expired. */
  create(session: SessionRow, tokenHash: Uint8Array, now: number): Promise<void>;
  /** Null: no such token, or it has expired. */
  byToken(tokenHash: Uint8Array, now: number): Promise<SessionRow | null>;
  /** Oldest first, without those that have expired. */
  ofUser(userId: string, now: number): Promise<SessionRow[]>;
  /** False: this user has no such session. */
  delete(userId: string, id: string): Promise<boolean>;
  /** Records a challenge as used, until it has expired anyway. False: it was before. */
  spendChallenge(challenge: Uint8Array, expiresAt: number, now: number): Promise<boolean>;
}

export interface WalletRow {
  id: Uint8Array;
  publicKey: Uint8Array;
  userId: string;
  /** 0 before the first backup; the last number of a wallet that was deleted and registered again. */
  revision: number;
  /** SHA-256 of the current envelope; null where there is no backup. */
  sha256: Uint8Array | null;
  /** Current envelope and the sealed chunks that it uses. */
  bytes: number;
  createdAt: number;
  updatedAt: number;
}

export interface WalletStore {
  /** Gives the wallet to the user; a deleted one keeps its last revision number. "another-users": nothing changed. */
  register(wallet: {
    id: Uint8Array;
    publicKey: Uint8Array;
    userId: string;
    now: number;
  }): Promise<"registered" | "already" | "another-users">;
  /** Whoever's it is; null if nobody's. */
  byId(id: Uint8Array): Promise<WalletRow | null>;
  /** Ascending by id. */
  ofUser(userId: string): Promise<WalletRow[]>;
  /**
   * Erases the user's wallet, its backups, chunks and wallet sessions, if `sha256` is that of its current envelope (null:
   * it has none); keeps the id and the last revision number.
   */
  delete(id: Uint8Array, userId: string, sha256: Uint8Array | null): Promise<"deleted" | "changed" | "gone">;
}

export interface Receipt {
  revision: number;
  sha256: Uint8Array;
  storedAt: number;
}

export interface Chunk {
  id: Uint8Array;
  sealed: Uint8Array;
}

/** An upload whose signature, wallet and realm are already checked. */
export interface Commit {
  wallet: Uint8Array;
  userId: string;
  revision: number;
  /** Hash of the envelope that it replaces, null if none. */
  after: Uint8Array | null;
  /** 0, or the revision that it replaces. */
  base: number;
  envelope: Uint8Array;
  sha256: Uint8Array;
  add: readonly Uint8Array[];
  drop: readonly Uint8Array[];
  /** Chunks that came along; each replaces a stored one of its id. */
  chunks: readonly Chunk[];
  now: number;
}

export type CommitOutcome =
  /** `repeated`: this revision had this envelope already, now or long ago; the receipt is the first one's. */
  | { kind: "stored" | "repeated"; receipt: Receipt }
  | { kind: "conflict"; revision: number; sha256: Uint8Array | null }
  | { kind: "chunks-missing" | "chunks-not-in-use"; ids: Uint8Array[] }
  | { kind: "gone" };

/** A revision whose envelope is kept. */
export interface BackupRow extends Receipt {
  envelope: Uint8Array;
}

export interface HistoryRow extends Receipt {
  bytes: number;
}

export interface BackupStore {
  /** All of it or nothing, in the order of protocol.md. Costs what it adds and drops, unless base is 0. */
  commit(commit: Commit): Promise<CommitOutcome>;
  /** A revision, or the current one. Null: there is none, or its envelope is not kept. */
  read(wallet: Uint8Array, revision: number | "latest"): Promise<BackupRow | null>;
  /** Up to `limit` kept revisions below `before`, newest first. */
  history(wallet: Uint8Array, before: number, limit: number): Promise<HistoryRow[]>;
  /** Up to `limit` of all revisions ever accepted, from `from` on, ascending. */
  chain(wallet: Uint8Array, from: number, limit: number): Promise<{ revision: number; sha256: Uint8Array }[]>;
}

export interface ChunkStore {
  /** Keeps chunks that a commit may name later. False: the wallet is not this user's any more. */
  put(wallet: Uint8Array, userId: string, chunks: readonly Chunk[], now: number): Promise<boolean>;
  /** Sizes of those of the ids that are there, by hex id; their time of last need becomes `now`. */
  touch(wallet: Uint8Array, ids: readonly Uint8Array[], now: number): Promise<Map<string, number>>;
  /** Those of the ids that are there, in the order asked for. */
  read(wallet: Uint8Array, ids: readonly Uint8Array[]): Promise<Chunk[]>;
  /** How many chunks a revision uses, and how many bytes their items take in a bundle (format.md §6). */
  sizeOfRevision(wallet: Uint8Array, revision: number): Promise<{ count: number; itemBytes: number }>;
  /** Up to `limit` ids that a revision uses, above `after` (null: from the start), ascending. */
  idsOfRevision(wallet: Uint8Array, revision: number, after: Uint8Array | null, limit: number): Promise<Uint8Array[]>;
  /** The same with the sealed bytes. */
  ofRevision(wallet: Uint8Array, revision: number, after: Uint8Array | null, limit: number): Promise<Chunk[]>;
}
