import { sha256 } from "@noble/hashes/sha2.js";
import { assertBytes, assertUint, concatBytes, u32, u64, utf8ToBytes } from "../bytes.ts";

/** What a signature is for; one made for one purpose is worth nothing for another. */
export const SIGNATURE_TAGS = {
  /** A sign-in by seed. */
  signIn: "cloudbackup/1/sign-in",
  /** A wallet becomes a user's. */
  register: "cloudbackup/1/register",
  /** A bundle is committed. */
  commit: "cloudbackup/1/commit",
  /** Chunks are put there, to be named by a commit. */
  chunks: "cloudbackup/1/chunks",
  /** A wallet is deleted. */
  delete: "cloudbackup/1/delete",
} as const;

/**
 * One of `SIGNATURE_TAGS`.
 *
 * @useDeclaredType
 */
export type SignatureTag = (typeof SIGNATURE_TAGS)[keyof typeof SIGNATURE_TAGS];

/**
 * The 32 bytes that a wallet signs with Ed25519:
 * `SHA-256(tag ‖ 0x00 ‖ u32(length of origin) ‖ origin ‖ realm ‖ walletId ‖ fields)`.
 *
 * @param message what is signed, where, by whom
 * @param message.tag what it is for, of `SIGNATURE_TAGS`
 * @param message.origin WHATWG `URL.origin` of the URL that the client called
 * @param message.realm 16 bytes
 * @param message.walletId 32 bytes
 * @param message.fields those of the tag
 * @throws TypeError, RangeError for what is no bytes, or not as many
 * @example
 * ```ts
 * import { createHash, createPublicKey, verify } from "node:crypto";
 * import { commitFields, SIGNATURE_TAGS, signedMessage, walletIdOf } from "@cloudbackup/core/wire";
 *
 * // What a wallet sends …
 * const origin = "https://backup.example";
 * const fields = commitFields(1, createHash("sha256").update(bundle).digest());
 * const signature = keys.sign(SIGNATURE_TAGS.commit, origin, fields);
 *
 * // … and how a server checks it.
 * const { publicKey, realm } = keys;
 * const walletId = walletIdOf(publicKey);
 * const message = signedMessage({ tag: SIGNATURE_TAGS.commit, origin, realm, walletId, fields });
 * const jwk = { kty: "OKP", crv: "Ed25519", x: Buffer.from(publicKey).toString("base64url") };
 * console.log(verify(null, message, createPublicKey({ key: jwk, format: "jwk" }), signature)); // → true
 * ```
 * @see docs/format.md, "Signed messages"; RFC 8032 §5.1.6
 */
export function signedMessage(message: {
  tag: SignatureTag;
  origin: string;
  realm: Uint8Array;
  walletId: Uint8Array;
  fields: Uint8Array;
}): Uint8Array {
  assertBytes(message.realm, "realm", 16);
  assertBytes(message.walletId, "walletId", 32);
  assertBytes(message.fields, "fields");
  const origin = utf8ToBytes(message.origin);
  return sha256(
    concatBytes(
      utf8ToBytes(message.tag),
      Uint8Array.of(0),
      u32(origin.length),
      origin,
      message.realm,
      message.walletId,
      message.fields,
    ),
  );
}

/**
 * Fields of a sign-in: the challenge itself, not a copy.
 *
 * @param challenge as the server gave it, 32 bytes
 * @throws TypeError, RangeError for what is no bytes, or not as many
 */
export function signInFields(challenge: Uint8Array): Uint8Array {
  assertBytes(challenge, "challenge", 32);
  return challenge;
}

/**
 * Fields of a wallet's registration: challenge (32) ‖ username.
 *
 * @param challenge as the server gave it, 32 bytes
 * @param username of the user whose the wallet becomes
 * @throws TypeError, RangeError for what is no bytes, or not as many
 */
export function registerFields(challenge: Uint8Array, username: string): Uint8Array {
  assertBytes(challenge, "challenge", 32);
  return concatBytes(challenge, utf8ToBytes(username));
}

/**
 * Fields of a commit: u64 revision ‖ SHA-256 of the request's body.
 *
 * @param revision that of the bundle
 * @param bodySha256 of the bundle, 32 bytes
 * @throws TypeError, RangeError for what is no bytes, or not as many
 */
export function commitFields(revision: number, bodySha256: Uint8Array): Uint8Array {
  assertUint(revision, "revision");
  assertBytes(bodySha256, "bodySha256", 32);
  return concatBytes(u64(revision), bodySha256);
}

/**
 * Fields of an upload of chunks: the hash itself, not a copy.
 *
 * @param bodySha256 SHA-256 of the request's body, 32 bytes
 * @throws TypeError, RangeError for what is no bytes, or not as many
 */
export function chunksFields(bodySha256: Uint8Array): Uint8Array {
  assertBytes(bodySha256, "bodySha256", 32);
  return bodySha256;
}

/**
 * Fields of a deletion: SHA-256 of the current envelope, zeros at revision 0.
 *
 * @param currentSha256 32 bytes; null where there was no backup yet
 * @throws TypeError, RangeError for what is no bytes, or not as many
 */
export function deleteFields(currentSha256: Uint8Array | null): Uint8Array {
  if (currentSha256 === null) return new Uint8Array(32);
  assertBytes(currentSha256, "currentSha256", 32);
  return currentSha256;
}
