import { sha256 } from "@noble/hashes/sha2.js";
import { assertBytes, assertUint, concatBytes, u32, u64, utf8ToBytes } from "../bytes.ts";

/** What a signature is for; one made for one purpose is worth nothing for another. */
export const SIGNATURE_TAGS = {
  signIn: "cloudbackup/1/sign-in",
  register: "cloudbackup/1/register",
  commit: "cloudbackup/1/commit",
  chunks: "cloudbackup/1/chunks",
  delete: "cloudbackup/1/delete",
} as const;

export type SignatureTag = (typeof SIGNATURE_TAGS)[keyof typeof SIGNATURE_TAGS];

/**
 * The 32 bytes that a wallet signs with Ed25519:
 * `SHA-256(tag ‖ 0x00 ‖ u32(length of origin) ‖ origin ‖ realm ‖ walletId ‖ fields)`.
 *
 * @param message.origin WHATWG `URL.origin` of the URL that the client called
 * @param message.realm 16 bytes
 * @param message.walletId 32 bytes
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

/** Fields of a sign-in: the challenge, 32 bytes. */
export function signInFields(challenge: Uint8Array): Uint8Array {
  assertBytes(challenge, "challenge", 32);
  return challenge;
}

/** Fields of a wallet's registration: challenge (32) ‖ username. */
export function registerFields(challenge: Uint8Array, username: string): Uint8Array {
  assertBytes(challenge, "challenge", 32);
  return concatBytes(challenge, utf8ToBytes(username));
}

/** Fields of a commit: u64 revision ‖ SHA-256 of the request's body. */
export function commitFields(revision: number, bodySha256: Uint8Array): Uint8Array {
  assertUint(revision, "revision");
  assertBytes(bodySha256, "bodySha256", 32);
  return concatBytes(u64(revision), bodySha256);
}

/** Fields of an upload of chunks: SHA-256 of the request's body. */
export function chunksFields(bodySha256: Uint8Array): Uint8Array {
  assertBytes(bodySha256, "bodySha256", 32);
  return bodySha256;
}

/** Fields of a deletion: SHA-256 of the current envelope, zeros at revision 0. */
export function deleteFields(currentSha256: Uint8Array | null): Uint8Array {
  if (currentSha256 === null) return new Uint8Array(32);
  assertBytes(currentSha256, "currentSha256", 32);
  return currentSha256;
}
