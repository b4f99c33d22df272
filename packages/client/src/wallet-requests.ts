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
import { dateOf, hexOf, type JsonObject, listOf, objectOf, uintOf } from "./answers.ts";
import { BadResponseError, NotSignedInError, NoWalletError } from "./errors.ts";
import { registrationProof, signatureText, signInByKeys } from "./seed-sign-in.ts";
import type { KnownServer } from "./server-info.ts";
import type { Session, SessionKeeper } from "./session.ts";
import {
  type Answer,
  jsonOf,
  LIST_ANSWER_BYTES,
  type RequestOptions,
  SMALL_ANSWER_BYTES,
  type Transport,
} from "./transport.ts";

/** A wallet as the server knows it. */
export interface WalletInfo {
  /** Lower-case hex. */
  walletId: string;
  /** 0 before the first backup. */
  revision: number;
  /** SHA-256 of the current envelope, hex; null where there is no backup. */
  sha256: string | null;
  /** What the current backup takes on the server. */
  bytes: number;
  createdAt: Date;
  updatedAt: Date;
}

/** A revision that the server keeps. */
export interface HistoryEntry {
  revision: number;
  sha256: string;
  bytes: number;
  storedAt: Date;
}

/** What the server acknowledges a commit with. */
export interface CommitReceipt {
  revision: number;
  sha256: string;
  storedAt: Date;
}

type Sending = Pick<RequestOptions, "method" | "path"> & Partial<RequestOptions>;

/** The requests of one wallet, each by the session, those that write signed by the wallet too. */
export class WalletRequests {
  readonly #keys: BackupKeys;
  readonly #transport: Transport;
  readonly #server: KnownServer;
  readonly #sessions: SessionKeeper;
  /** Stands in where the client's session has expired. */
  #renewed: Session | undefined;

  constructor(parts: { keys: BackupKeys; transport: Transport; server: KnownServer; sessions: SessionKeeper }) {
    this.#keys = parts.keys;
    this.#transport = parts.transport;
    this.#server = parts.server;
    this.#sessions = parts.sessions;
  }

  /** Null: this session sees no such wallet, be it absent or another user's. */
  async info(signal?: AbortSignal): Promise<WalletInfo | null> {
    try {
      const answer = await this.#send({ method: "GET", path: this.#path(""), signal });
      return walletInfoOf(jsonOf(answer));
    } catch (error) {
      if (error instanceof NoWalletError) return null;
      throw error;
    }
  }

  /** Whose the wallet is; only the holder of the seed is told. Null: there is none. Leaves no session behind. */
  async owner(signal?: AbortSignal): Promise<string | null> {
    let session: Session;
    try {
      session = await signInByKeys(this.#transport, this.#keys, signal);
    } catch (error) {
      if (error instanceof NoWalletError) return null;
      throw error;
    }
    const headers = { authorization: `Bearer ${session.token.reveal()}` };
    const path = "v1/sessions/current";
    await this.#transport.send({
      method: "DELETE",
      path,
      headers,
      maxBytes: SMALL_ANSWER_BYTES,
      idempotent: true,
      signal,
    });
    return session.username;
  }

  /** Makes the wallet this user's; nothing happens where it is already. */
  async register(signal?: AbortSignal): Promise<void> {
    const { username } = await this.#sessions.need();
    const json = await registrationProof(this.#transport, this.#keys, username, signal);
    await this.#send({ method: "POST", path: "v1/wallets", json, idempotent: false, signal });
  }

  /** A whole bundle, `latest` or of one revision. @throws NoWalletError, NoBackupError */
  async download(
    revision: number | "latest",
    options: Pick<RequestOptions, "maxBytes" | "onReceived" | "signal">,
  ): Promise<Uint8Array> {
    const answer = await this.#send({ method: "GET", path: this.#path(`/backups/${revision}`), ...options });
    return bundleOf(answer);
  }

  /** The first item of a bundle alone: where the backup stands. @throws NoWalletError, NoBackupError */
  async downloadHead(revision: number | "latest", maxBytes: number, signal?: AbortSignal): Promise<Uint8Array> {
    const path = this.#path(`/backups/${revision}?chunks=none`);
    return bundleOf(await this.#send({ method: "GET", path, maxBytes, signal }));
  }

  /** Newest first. */
  async history(signal?: AbortSignal): Promise<HistoryEntry[]> {
    const maxBytes = LIST_ANSWER_BYTES;
    const answer = await this.#send({ method: "GET", path: this.#path("/backups"), maxBytes, signal });
    return listOf(jsonOf(answer)).map((item) => {
      const object = objectOf(item);
      return { ...receiptOf(object), bytes: uintOf(object, "bytes") };
    });
  }

  /** `[revision, sha256]` of every revision ever accepted, from one on, ascending. */
  async chain(from: number, signal?: AbortSignal): Promise<[revision: number, sha256: string][]> {
    const maxBytes = LIST_ANSWER_BYTES;
    const answer = await this.#send({ method: "GET", path: this.#path(`/chain?from=${from}`), maxBytes, signal });
    return listOf(jsonOf(answer)).map((item) => {
      const [revision, sha256] = listOf(item);
      return [uintOf({ revision }, "revision"), hexOf({ sha256 }, "sha256", 32)];
    });
  }

  /** Which of the ids the server lacks. */
  async missing(ids: readonly Uint8Array[], signal?: AbortSignal): Promise<Uint8Array[]> {
    const body = encodeIds(ids);
    const headers = { "content-type": "application/cbor" };
    const path = this.#path("/chunks/missing");
    const answer = await this.#send({ method: "POST", path, body, headers, maxBytes: body.length + 16, signal });
    return decodeIds(answer.body);
  }

  /** Puts sealed chunks there, to be named by a commit. @param body a CBOR sequence of chunk items */
  async putChunks(body: Uint8Array, signal?: AbortSignal): Promise<void> {
    const fields = chunksFields(this.#keys.primitives.sha256(body));
    await this.#sendSigned(SIGNATURE_TAGS.chunks, fields, {
      method: "POST",
      path: this.#path("/chunks"),
      body,
      headers: { "content-type": "application/cbor-seq" },
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
      signal,
    });
    return receiptOf(objectOf(jsonOf(answer)));
  }

  /** Deletes the wallet and every backup of it. */
  async delete(currentSha256: Uint8Array | null, signal?: AbortSignal): Promise<void> {
    const fields = deleteFields(currentSha256);
    await this.#sendSigned(SIGNATURE_TAGS.delete, fields, { method: "DELETE", path: this.#path(""), signal });
  }

  #path(rest: string): string {
    return `v1/wallets/${this.#keys.walletId}${rest}`;
  }

  #sendSigned(tag: SignatureTag, fields: Uint8Array, request: Sending): Promise<Answer> {
    const signature = signatureText(this.#keys.sign(tag, this.#transport.origin, fields));
    return this.#send({ ...request, headers: { ...request.headers, "cloudbackup-signature": signature } });
  }

  async #send(request: Sending): Promise<Answer> {
    const { signal } = request;
    await this.#server.info(signal);
    const session = await this.#sessions.need();
    if (session.walletId !== undefined && session.walletId !== this.#keys.walletId) {
      throw new NotSignedInError("This client is signed in by the seed of another wallet");
    }
    try {
      return await this.#sendBy(this.#renewed ?? session, request);
    } catch (error) {
      if (!(error instanceof NotSignedInError)) throw error;
      this.#renewed = await this.#renew(error, signal);
      return this.#sendBy(this.#renewed, request);
    }
  }

  /** The seed's holder needs no password to go on. */
  async #renew(expired: NotSignedInError, signal?: AbortSignal): Promise<Session> {
    try {
      return await signInByKeys(this.#transport, this.#keys, signal);
    } catch (error) {
      if (error instanceof NoWalletError) throw expired;
      throw error;
    }
  }

  #sendBy(session: Session, request: Sending): Promise<Answer> {
    const headers = { ...request.headers, authorization: `Bearer ${session.token.reveal()}` };
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

function receiptOf(object: JsonObject): CommitReceipt {
  return {
    revision: uintOf(object, "revision"),
    sha256: hexOf(object, "sha256", 32),
    storedAt: dateOf(object, "storedAt"),
  };
}

function bundleOf(answer: Answer): Uint8Array {
  if (!answer.headers.get("content-type")?.startsWith("application/cbor-seq")) {
    throw new BadResponseError("The server answered something other than a backup");
  }
  return answer.body;
}
