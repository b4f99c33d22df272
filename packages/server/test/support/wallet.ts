import { createHash, createPrivateKey, createPublicKey, type KeyObject, randomBytes, sign } from "node:crypto";
import {
  type BundleHead,
  type ChunkItem,
  chunksFields,
  commitFields,
  deleteFields,
  encodeBundle,
  encodeChunkItem,
  registerFields,
  SIGNATURE_TAGS,
  type SignatureTag,
  signedMessage,
  signInFields,
  walletIdOf,
} from "@cloudbackup/core/wire";
import type { FastifyInstance, InjectOptions } from "fastify";

/** What light-my-request puts into `Host` is localhost:80, whose origin has no port. */
const ORIGIN = "http://localhost";

export const sha256 = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();

/** The keys of a wallet, as a client has them, and what it signs. */
export class TestWallet {
  readonly id: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly realm: Uint8Array;
  readonly #key: KeyObject;

  constructor(realm: Uint8Array, secret: Uint8Array = randomBytes(32)) {
    // PKCS #8 of an Ed25519 key (RFC 8410 §7): a fixed head, then the 32 bytes.
    const head = Buffer.from("302e020100300506032b657004220420", "hex");
    this.#key = createPrivateKey({ key: Buffer.concat([head, secret]), format: "der", type: "pkcs8" });
    const { x } = createPublicKey(this.#key).export({ format: "jwk" });
    this.publicKey = Buffer.from(x as string, "base64url");
    this.id = walletIdOf(this.publicKey);
    this.realm = realm;
  }

  get hex(): string {
    return Buffer.from(this.id).toString("hex");
  }

  get path(): string {
    return `/v1/wallets/${this.hex}`;
  }

  sign(tag: SignatureTag, fields: Uint8Array, origin = ORIGIN): string {
    const message = signedMessage({ tag, origin, realm: this.realm, walletId: this.id, fields });
    return sign(null, message, this.#key).toString("base64url");
  }

  /** The body that registers it for a user, or signs in by it. */
  proof(challengeHex: string, username: string | null, origin = ORIGIN) {
    const challenge = Buffer.from(challengeHex, "hex");
    const signature =
      username === null
        ? this.sign(SIGNATURE_TAGS.signIn, signInFields(challenge), origin)
        : this.sign(SIGNATURE_TAGS.register, registerFields(challenge, username), origin);
    const publicKey = Buffer.from(this.publicKey).toString("hex");
    return { wallet: this.hex, publicKey, challenge: challengeHex, signature };
  }

  /** A bundle of this wallet; whatever is not given is that of a first backup without chunks. */
  bundle(head: Partial<BundleHead> = {}, items: ChunkItem[] = []): Uint8Array {
    const whole = {
      realm: this.realm,
      wallet: this.id,
      revision: 1,
      after: null,
      base: 0,
      envelope: randomBytes(100),
      add: items.map((item) => item.id),
      drop: [],
      ...head,
    };
    return encodeBundle({ head: whole, items });
  }

  commitRequest(token: string, bundle: Uint8Array, revision: number, origin = ORIGIN): InjectOptions {
    return {
      method: "POST",
      url: `${this.path}/backups`,
      headers: {
        ...bearer(token),
        "content-type": "application/cbor-seq",
        "cloudbackup-signature": this.sign(SIGNATURE_TAGS.commit, commitFields(revision, sha256(bundle)), origin),
      },
      payload: Buffer.from(bundle),
    };
  }

  chunksRequest(token: string, items: ChunkItem[]): InjectOptions {
    const payload = Buffer.concat(items.map(encodeChunkItem));
    return {
      method: "POST",
      url: `${this.path}/chunks`,
      headers: {
        ...bearer(token),
        "content-type": "application/cbor-seq",
        "cloudbackup-signature": this.sign(SIGNATURE_TAGS.chunks, chunksFields(sha256(payload))),
      },
      payload,
    };
  }

  deleteRequest(token: string, currentSha256: Uint8Array | null): InjectOptions {
    const signature = this.sign(SIGNATURE_TAGS.delete, deleteFields(currentSha256));
    return { method: "DELETE", url: this.path, headers: { ...bearer(token), "cloudbackup-signature": signature } };
  }
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

export async function challenge(app: FastifyInstance): Promise<string> {
  return (await app.inject({ method: "POST", url: "/v1/challenges" })).json().challenge;
}

export async function registerWallet(
  app: FastifyInstance,
  user: { username: string; token: string },
  wallet: TestWallet,
) {
  const payload = wallet.proof(await challenge(app), user.username);
  return app.inject({ method: "POST", url: "/v1/wallets", headers: bearer(user.token), payload });
}

/** Chunks with these numbers, ascending by id; the same number is the same id and, by default, the same bytes. */
export function chunksOf(numbers: number[], sealedBytes = 100): ChunkItem[] {
  return numbers
    .map((n) => ({ id: new Uint8Array(sha256(Buffer.from(`id ${n}`))), sealed: new Uint8Array(sealedBytes).fill(n) }))
    .sort((a, b) => Buffer.compare(a.id, b.id));
}
