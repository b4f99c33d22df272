/*
 * What a server in memory remembers. Records are replaced, never changed, so that a copy of the maps is a copy of all.
 */

interface User {
  readonly username: string;
  readonly email: string;
  /** As it is: this server lives as long as a test. NFKC. */
  readonly password: string;
  readonly createdAt: number;
  /** Null: not activated yet. */
  readonly activatedAt: number | null;
}

export interface Session {
  /** Public name. */
  readonly id: string;
  readonly username: string;
  readonly kind: "password" | "wallet";
  /** Id of the one wallet of a session by seed, hex. */
  readonly wallet: string | null;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** A revision as it was accepted. */
export interface StoredBackup {
  readonly revision: number;
  /** Of the envelope, hex. */
  readonly sha256: string;
  readonly storedAt: number;
  readonly envelope: Uint8Array;
  /** Of the chunks in use, hex, ascending. */
  readonly chunkIds: readonly string[];
  /** Of the envelope and the chunks, when it was accepted. */
  readonly bytes: number;
}

export interface StoredWallet {
  readonly publicKey: Uint8Array;
  /** Null: deleted; its id and its last revision number are kept. */
  readonly username: string | null;
  /** 0, or the last number that was given. */
  readonly revision: number;
  /** Of the current envelope, hex; null where there is no backup. */
  readonly sha256: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** By revision, ascending. */
  readonly backups: ReadonlyMap<number, StoredBackup>;
  /** By hex id, sealed. */
  readonly chunks: ReadonlyMap<string, Uint8Array>;
}

export interface State {
  /** By name. */
  users: Map<string, User>;
  /** By token. */
  activations: Map<string, { username: string; expiresAt: number }>;
  /** By token. */
  sessions: Map<string, Session>;
  /** Those that may still be used, hex, with when they expire. */
  challenges: Map<string, number>;
  /** By hex id. */
  wallets: Map<string, StoredWallet>;
}

export function emptyState(): State {
  return {
    users: new Map(),
    activations: new Map(),
    sessions: new Map(),
    challenges: new Map(),
    wallets: new Map(),
  };
}

export function copyState({ users, activations, sessions, challenges, wallets }: State): State {
  return {
    users: new Map(users),
    activations: new Map(activations),
    sessions: new Map(sessions),
    challenges: new Map(challenges),
    wallets: new Map(wallets),
  };
}

/** What a wallet's routes are given to work with. */
export interface Context {
  state: State;
  /** 16 bytes. */
  readonly realm: Uint8Array;
  /** Those that signatures may be made for. */
  readonly origins: readonly string[];
  readonly activation: "none" | "mail";
  readonly registration: "open" | "closed";
  readonly passwordSessionMs: number;
  readonly walletSessionMs: number;
  /** Unix milliseconds. */
  now(): number;
  random(length: number): Uint8Array;
}
