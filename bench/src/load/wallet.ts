import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import {
  type ChunkItem,
  chunksFields,
  commitFields,
  encodeBundle,
  encodeChunkItem,
  registerFields,
  SIGNATURE_TAGS,
  type SignatureTag,
  signedMessage,
  walletIdOf,
} from "@cloudbackup/core/wire";
import { pseudoRandomBytes } from "../bytes.ts";

/** What is signed calls every server of the bench by this name, whatever its port. */
export const ORIGIN = "https://backup.example";
/** PKCS #8 of an Ed25519 key is this and then the key's 32 bytes (RFC 8410 §7). */
const PKCS8_HEAD = Buffer.from("302e020100300506032b657004220420", "hex");
/** What core cuts sections into, on the average. */
const CHUNK_BYTES = 16 * 1024;
/** What a bundle has beside envelope and chunks. */
const HEAD_BYTES = 152;
/** Of chunks, in one request: as the client sends a backup that is larger. */
const BATCH_BYTES = 4 * 1024 * 1024;
/** An envelope that lists the chunks of a large backup. */
const LISTING_ENVELOPE_BYTES = 2048;

const sha256 = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();

/** A signed request about a wallet. */
export interface Signed {
  body: Uint8Array;
  /** base64url */
  signature: string;
}

/**
 * A wallet that makes bodies of a given size by the thousand: sealed bytes are random ones, since a server cannot tell, and
 * signatures are OpenSSL's.
 */
export class BenchWallet {
  readonly id: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly path: string;
  readonly #realm: Uint8Array;
  readonly #key: KeyObject;
  readonly #seed: number;
  #revision = 0;
  #made = 0;
  #after: Uint8Array | null = null;
  #chunks: Uint8Array[] = [];

  constructor(seed: number, realm: Uint8Array) {
    const secret = pseudoRandomBytes(32, seed);
    this.#key = createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, secret]), format: "der", type: "pkcs8" });
    this.publicKey = Buffer.from(createPublicKey(this.#key).export({ format: "jwk" }).x as string, "base64url");
    this.id = walletIdOf(this.publicKey);
    this.path = `/v1/wallets/${Buffer.from(this.id).toString("hex")}`;
    this.#realm = realm;
    this.#seed = seed;
  }

  /**
   * The next revision. A small one is an envelope alone, as core makes it of a small wallet; one above 4 KiB brings chunks
   * in place of those of the revision before.
   */
  nextCommit(bytes: number): Signed {
    const sealedBytes = bytes - HEAD_BYTES;
    const isSmall = bytes <= 4096;
    const items = isSmall ? [] : this.#newChunks(sealedBytes - LISTING_ENVELOPE_BYTES);
    const envelope = this.#random(isSmall ? sealedBytes : LISTING_ENVELOPE_BYTES);
    const add = items.map(({ id }) => id);
    const base = this.#revision++;
    const head = { realm: this.#realm, wallet: this.id, revision: this.#revision, base, envelope, add };
    const body = encodeBundle({ head: { ...head, after: this.#after, drop: this.#chunks }, items });
    this.#after = sha256(envelope);
    this.#chunks = add;
    return { body, signature: this.signCommit(body, this.#revision) };
  }

  /** The next revision, whole, as the client sends a large one: bodies of `POST chunks`, then that of the commit. */
  nextUpload(bytes: number): { batches: Signed[]; commit: Signed } {
    const items = this.#newChunks(bytes);
    const batches = signedBatches(items, (body) => this.signChunks(body));
    const envelope = this.#random(LISTING_ENVELOPE_BYTES);
    this.#chunks = items.map(({ id }) => id);
    this.#revision++;
    const head = { realm: this.#realm, wallet: this.id, revision: this.#revision, base: 0, envelope };
    const body = encodeBundle({ head: { ...head, after: this.#after, add: this.#chunks, drop: [] }, items: [] });
    this.#after = sha256(envelope);
    return { batches, commit: { body, signature: this.signCommit(body, this.#revision) } };
  }

  signChunks(body: Uint8Array): string {
    return this.#sign(SIGNATURE_TAGS.chunks, chunksFields(sha256(body)));
  }

  signCommit(body: Uint8Array, revision: number): string {
    return this.#sign(SIGNATURE_TAGS.commit, commitFields(revision, sha256(body)));
  }

  /** What `POST /v1/wallets` takes. */
  registration(challengeHex: string, username: string) {
    const fields = registerFields(Buffer.from(challengeHex, "hex"), username);
    return {
      wallet: Buffer.from(this.id).toString("hex"),
      publicKey: Buffer.from(this.publicKey).toString("hex"),
      challenge: challengeHex,
      signature: this.#sign(SIGNATURE_TAGS.register, fields),
    };
  }

  #sign(tag: SignatureTag, fields: Uint8Array): string {
    const message = signedMessage({ tag, origin: ORIGIN, realm: this.#realm, walletId: this.id, fields });
    return sign(null, message, this.#key).toString("base64url");
  }

  /** Ascending by id. */
  #newChunks(bytes: number): ChunkItem[] {
    const count = Math.ceil(bytes / CHUNK_BYTES);
    const chunks = Array.from({ length: count }, () => ({
      id: this.#random(32),
      sealed: this.#random(Math.floor(bytes / count)),
    }));
    return chunks.sort((a, b) => Buffer.compare(a.id, b.id));
  }

  #random(length: number): Uint8Array {
    return pseudoRandomBytes(length, this.#seed * 2 ** 20 + this.#made++);
  }
}

/** Sequences of at most 4 MiB, in the order given. */
export function signedBatches(items: readonly ChunkItem[], sign: (body: Uint8Array) => string): Signed[] {
  const batches: Uint8Array[][] = [];
  let room = 0;
  for (const item of items) {
    const encoded = encodeChunkItem(item);
    if (encoded.length > room) {
      batches.push([]);
      room = BATCH_BYTES;
    }
    batches.at(-1)?.push(encoded);
    room -= encoded.length;
  }
  return batches.map((batch) => {
    const body = Buffer.concat(batch);
    return { body, signature: sign(body) };
  });
}
