import type { BackupKeys } from "@cloudbackup/core";
import {
  chunksFields,
  commitFields,
  decodeIds,
  deleteFields,
  encodeIds,
  SIGNATURE_TAGS,
  type SignatureTag,
} from "@cloudbackup/core/wire";
import { bytesToHex } from "@noble/hashes/utils.js";
import { unlessAborted } from "./abort.ts";
import { dateOf, hexOf, type JsonObject, listOf, objectOf, offProtocol, parseJson, uintOf } from "./answers.ts";
import { CloudBackupError, NotSignedInError, NotYoursError, NoWalletError } from "./errors.ts";
import { registrationProof, signatureText, signInByKeys } from "./seed-sign-in.ts";
import type { KnownServer } from "./server-info.ts";
import { authorizationOf, endSession, type Session, type SessionKeeper } from "./session.ts";
import type { Storage } from "./storage.ts";
import { LIST_ANSWER_BYTES, type RequestOptions, SMALL_ANSWER_BYTES, type Transport } from "./transport.ts";
import { loadMark } from "./trust.ts";

/** A wallet as the server knows it. */
export interface WalletInfo {
  /** 64 characters of lower-case hex. */
  walletId: string;
  /** 0 before the first backup. */
  revision: number;
  /** SHA-256 of the current envelope, hex; null where there is no backup. */
  sha256: string | null;
  /** What the current backup takes on the server. */
  bytes: number;
  /** When it was registered, by the server's clock. */
  createdAt: Date;
  /** When the current backup was stored, by the server's clock; before the first, as `createdAt`. */
  updatedAt: Date;
}

/** A revision that the server keeps. */
export interface HistoryEntry {
  /** From 1; what `restore({ revision })` takes. */
  revision: number;
  /** SHA-256 of the envelope, hex. */
  sha256: string;
  /** What the backup takes on the server. */
  bytes: number;
  /** By the server's clock. */
  storedAt: Date;
}

/** What the server acknowledges a commit with. */
export interface CommitReceipt {
  /** From 1. */
  revision: number;
  /** SHA-256 of the envelope, hex. */
  sha256: string;
  /** By the server's clock. */
  storedAt: Date;
}

type Sending = Pick<RequestOptions, "method" | "path" | "expect"> & Partial<RequestOptions>;

/** The requests of one wallet, each by the session, those that write signed by the wallet too. */
export class WalletRequests {
  readonly #keys: BackupKeys;
  readonly #transport: Transport;
  readonly #server: KnownServer;
  readonly #sessions: SessionKeeper;
  /** By the wallet's signature: stands in for a session of the client's that has expired, or is not there. */
  #own: { instead: Session | null; session: Session } | undefined;
  /** What all wait for who need one. */
  #signingIn: Promise<Session> | undefined;
  readonly #entries: Storage;

  /** @param parts.entries this wallet's part of the storage */
  constructor(parts: {
    keys: BackupKeys;
    entries: Storage;
    transport: Transport;
    server: KnownServer;
    sessions: SessionKeeper;
  }) {
    this.#keys = parts.keys;
    this.#entries = parts.entries;
    this.#transport = parts.transport;
    this.#server = parts.server;
    this.#sessions = parts.sessions;
  }

  /** Null: this session sees no such wallet, be it absent or another user's. */
  async info(signal?: AbortSignal): Promise<WalletInfo | null> {
    try {
      const info = walletInfoOf(await this.#get("", SMALL_ANSWER_BYTES, signal));
      if (info.walletId !== this.#keys.walletId) throw offProtocol("the wallet is another one");
      // There is none after it.
      if (info.revision === Number.MAX_SAFE_INTEGER) throw offProtocol("the revision is the last that there can be");
      return info;
    } catch (error) {
      if (error instanceof NoWalletError) return null;
      throw error;
    }
  }

  /** Whose the wallet is; only the holder of the seed is told. Null: there is none. Leaves no session behind. */
  async owner(signal?: AbortSignal): Promise<string | null> {
    await this.#check(signal);
    let session: Session;
    try {
      session = await signInByKeys(this.#transport, this.#keys, signal);
    } catch (error) {
      if (error instanceof NoWalletError) return null;
      throw error;
    }
    try {
      await endSession(this.#transport, session, signal);
    } catch (error) {
      // It ends by itself; what was asked is known.
      if (!(error instanceof CloudBackupError)) throw error;
    }
    return session.username;
  }

  /** Makes the wallet this user's; nothing happens where it is already. */
  async register(signal?: AbortSignal): Promise<void> {
    await this.#check(signal);
    const { username } = await this.#sessions.need();
    const json = await registrationProof(this.#transport, this.#keys, username, signal);
    await this.#send({ method: "POST", path: "v1/wallets", json, expect: "receipt", idempotent: false, signal });
  }

  /** A whole bundle, `latest` or of one revision. @throws NoWalletError, NoBackupError */
  async download(
    revision: number | "latest",
    options: Pick<RequestOptions, "maxBytes" | "onReceived" | "signal">,
  ): Promise<Uint8Array> {
    const path = this.#path(`/backups/${revision}`);
    return this.#send({ method: "GET", path, expect: "cbor-seq", ...options });
  }

  /** The first item of a bundle alone: where the backup stands. @throws NoWalletError, NoBackupError */
  async downloadHead(revision: number | "latest", maxBytes: number, signal?: AbortSignal): Promise<Uint8Array> {
    const path = this.#path(`/backups/${revision}?chunks=none`);
    return this.#send({ method: "GET", path, expect: "cbor-seq", maxBytes, signal });
  }

  /** The stream of events, part by part, until it ends. */
  async events(options: Pick<RequestOptions, "onPart" | "timeoutMs" | "signal">): Promise<void> {
    const path = this.#path("/events");
    await this.#send({ method: "GET", path, expect: "event-stream", idempotent: false, ...options });
  }

  /** Newest first. */
  async history(signal?: AbortSignal): Promise<HistoryEntry[]> {
    const history = listOf(await this.#get("/backups", LIST_ANSWER_BYTES, signal)).map((item) => {
      const object = objectOf(item);
      return { ...receiptOf(object), bytes: uintOf(object, "bytes") };
    });
    assertAscends(history.map(({ revision }) => -revision));
    return history;
  }

  /** `[revision, sha256]` of every revision ever accepted, from one on, ascending. */
  async chain(from: number, signal?: AbortSignal): Promise<[revision: number, sha256: string][]> {
    const answer = listOf(await this.#get(`/chain?from=${from}`, LIST_ANSWER_BYTES, signal));
    const chain = answer.map((item): [number, string] => {
      const [revision, sha256] = listOf(item);
      return [uintOf({ revision }, "revision"), hexOf({ sha256 }, "sha256", 32)];
    });
    assertAscends([from - 1, ...chain.map(([revision]) => revision)]);
    return chain;
  }

  /** Which of the ids the server lacks. */
  async missing(ids: readonly Uint8Array[], signal?: AbortSignal): Promise<Uint8Array[]> {
    const body = encodeIds(ids);
    const headers = { "content-type": "application/cbor" };
    const path = this.#path("/chunks/missing");
    const maxBytes = body.length + 16;
    const answer = await this.#send({ method: "POST", path, body, headers, expect: "cbor", maxBytes, signal });
    const asked = new Set(ids.map(bytesToHex));
    const missing = readingIds(answer);
    if (!missing?.every((id) => asked.has(bytesToHex(id)))) throw offProtocol("it misses what nobody asked about");
    return missing;
  }

  /** Puts sealed chunks there, to be named by a commit. @param body a CBOR sequence of chunk items */
  async putChunks(body: Uint8Array, signal?: AbortSignal): Promise<void> {
    const fields = chunksFields(this.#keys.primitives.sha256(body));
    await this.#sendSigned(SIGNATURE_TAGS.chunks, fields, {
      method: "POST",
      path: this.#path("/chunks"),
      body,
      headers: { "content-type": "application/cbor-seq" },
      expect: "receipt",
      signal,
    });
  }

  /** Commits a bundle. Sending the same one again gives the same receipt. @throws RevisionConflictError */
  async commit(bundle: Uint8Array, revision: number, signal?: AbortSignal): Promise<CommitReceipt> {
    const fields = commitFields(revision, this.#keys.primitives.sha256(bundle));
    const answer = await this.#sendSigned(SIGNATURE_TAGS.commit, fields, {
      method: "POST",
      path: this.#path("/backups"),
      body: bundle,
      headers: { "content-type": "application/cbor-seq" },
      expect: "json",
      signal,
    });
    return receiptOf(objectOf(parseJson(answer)));
  }

  /** Deletes the wallet and every backup of it. */
  async delete(currentSha256: Uint8Array | null, signal?: AbortSignal): Promise<void> {
    const fields = deleteFields(currentSha256);
    const path = this.#path("");
    await this.#sendSigned(SIGNATURE_TAGS.delete, fields, { method: "DELETE", path, expect: "receipt", signal });
  }

  #path(rest: string): string {
    return `v1/wallets/${this.#keys.walletId}${rest}`;
  }

  async #get(rest: string, maxBytes: number, signal?: AbortSignal): Promise<unknown> {
    return parseJson(await this.#send({ method: "GET", path: this.#path(rest), expect: "json", maxBytes, signal }));
  }

  #sendSigned(tag: SignatureTag, fields: Uint8Array, request: Sending): Promise<Uint8Array> {
    const signature = signatureText(this.#keys.sign(tag, this.#transport.origin, fields));
    return this.#send({ ...request, headers: { ...request.headers, "cloudbackup-signature": signature } });
  }

  async #send(request: Sending): Promise<Uint8Array> {
    const { signal } = request;
    await this.#check(signal);
    const session = await this.#session(signal);
    try {
      return await this.#sendBy(session, request);
    } catch (error) {
      if (!(error instanceof NotSignedInError)) throw error;
      // A server that was set up anew knows no session either, and must not be told who signs in.
      await this.#server.info(signal);
      return this.#sendBy(await this.#session(signal, { session, error }), request);
    }
  }

  /** What these keys sign is for their own server alone, and so is what asks for it. */
  #check(signal: AbortSignal | undefined): Promise<void> {
    return this.#server.check(signal, this.#keys.realm);
  }

  /**
   * The client's session, or one by the wallet's signature: the seed's holder needs no password to go on, nor, with a wallet
   * that was backed up or restored here before, to begin.
   *
   * @throws NotYoursError where the seed leads to another user
   */
  async #session(
    signal: AbortSignal | undefined,
    refused?: { session: Session; error: NotSignedInError },
  ): Promise<Session> {
    const clients = await this.#sessions.get();
    if (!clients && this.#sessions.isSignedOut) return this.#sessions.need();
    const serves = clients !== null && (clients.walletId ?? this.#keys.walletId) === this.#keys.walletId;
    const known = this.#own?.instead === clients ? this.#own.session : serves && clients;
    if (known && known !== refused?.session) return known;
    if (!serves && !(await loadMark(this.#entries, this.#keys))) {
      if (!clients) return this.#sessions.need();
      throw new NotSignedInError("This client is signed in by the seed of another wallet");
    }
    this.#signingIn ??= this.#signIn(clients, serves, refused?.error).finally(() => {
      this.#signingIn = undefined;
    });
    return unlessAborted(this.#signingIn, signal);
  }

  async #signIn(clients: Session | null, serves: boolean, refusal: NotSignedInError | undefined): Promise<Session> {
    let session: Session;
    try {
      session = await signInByKeys(this.#transport, this.#keys);
    } catch (error) {
      // Only a session by seed ends with its wallet.
      if (error instanceof NoWalletError && clients?.kind === "user") throw refusal;
      throw error;
    }
    if (serves && session.username !== clients?.username) throw new NotYoursError(session.username);
    // Unless somebody has signed in or out meanwhile.
    const isCurrent = (await this.#sessions.get()) === clients;
    if (serves && clients?.kind === "wallet" && isCurrent) await this.#sessions.set(session);
    else this.#own = { instead: clients, session };
    return session;
  }

  #sendBy(session: Session, request: Sending): Promise<Uint8Array> {
    const headers = { ...request.headers, ...authorizationOf(session) };
    return this.#transport.send({ maxBytes: SMALL_ANSWER_BYTES, idempotent: true, ...request, headers });
  }
}

export function walletInfoOf(json: unknown): WalletInfo {
  const object = objectOf(json);
  return {
    walletId: hexOf(object, "wallet", 32),
    revision: uintOf(object, "revision"),
    sha256: object.sha256 === null ? null : hexOf(object, "sha256", 32),
    bytes: uintOf(object, "bytes"),
    createdAt: dateOf(object, "createdAt"),
    updatedAt: dateOf(object, "updatedAt"),
  };
}

function assertAscends(revisions: readonly number[]): void {
  const isUp = revisions.every((revision, i) => i === 0 || revision > (revisions[i - 1] as number));
  if (!isUp) throw offProtocol("revisions are out of order or there twice");
}

/** Null: it is no list of ids. */
function readingIds(bytes: Uint8Array): Uint8Array[] | null {
  try {
    return decodeIds(bytes);
  } catch (error) {
    if (error instanceof CloudBackupError) return null;
    throw error;
  }
}

function receiptOf(object: JsonObject): CommitReceipt {
  return {
    revision: uintOf(object, "revision"),
    sha256: hexOf(object, "sha256", 32),
    storedAt: dateOf(object, "storedAt"),
  };
}
