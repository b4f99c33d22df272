import { type SignatureTag, signedMessage, walletIdOf } from "@cloudbackup/core/wire";
import * as ed25519 from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { type Call, type FieldRule, jsonBody } from "./call.ts";
import { Problem } from "./problems.ts";
import type { Context } from "./state.ts";

// The library brings no hash. Whoever else uses it may have given it one.
ed25519.hashes.sha512 ??= sha512;

const CHALLENGE_MS = 2 * 60 * 1000;

const isHex32: FieldRule = (value) =>
  typeof value === "string" && /^[0-9a-f]{64}$/.test(value) ? null : "must be 32 bytes in lower-case hex";

const PROOF = {
  wallet: isHex32,
  publicKey: isHex32,
  challenge: isHex32,
  signature: (value: unknown) => (typeof value === "string" && value.length <= 128 ? null : "must be a signature"),
};

/** What shows that the sender holds a wallet's seed, before it is checked. @throws Problem */
export function proofBody(call: Call): Record<keyof typeof PROOF, string> {
  return jsonBody(call, PROOF);
}

/** A challenge of this server, good once, for two minutes. */
export function newChallenge({ state, now, random }: Context): string {
  const challenge = bytesToHex(random(32));
  state.challenges.set(challenge, now() + CHALLENGE_MS);
  return challenge;
}

/**
 * Checks that the sender holds a wallet's seed, now, and uses the challenge up. Says nothing about whether there is such a
 * wallet.
 *
 * @param fieldsOf what is signed, given the challenge
 * @throws Problem
 */
export function checkProof(
  context: Context,
  call: Call,
  proof: Record<keyof typeof PROOF, string>,
  tag: SignatureTag,
  fieldsOf: (challenge: Uint8Array) => Uint8Array,
): { id: string; publicKey: Uint8Array } {
  const { state, now } = context;
  const publicKey = hexToBytes(proof.publicKey);
  const walletId = walletIdOf(publicKey);
  if (bytesToHex(walletId) !== proof.wallet) throw new Problem("wallet-key-mismatch");
  const expiresAt = state.challenges.get(proof.challenge) ?? 0;
  if (expiresAt <= now()) throw new Problem("challenge-spent");
  const fields = fieldsOf(hexToBytes(proof.challenge));
  checkSignature(context, call, { tag, walletId, publicKey, fields, signature: proof.signature });
  state.challenges.delete(proof.challenge);
  return { id: proof.wallet, publicKey };
}

/** Checks the signature in the header of a request. @throws Problem */
export function checkSigned(
  context: Context,
  call: Call,
  wallet: { id: string; publicKey: Uint8Array },
  tag: SignatureTag,
  fields: Uint8Array,
): void {
  const signature = call.headers.get("cloudbackup-signature");
  if (signature === null) throw new Problem("bad-signature", "The request needs the header CloudBackup-Signature");
  checkSignature(context, call, { ...wallet, walletId: hexToBytes(wallet.id), tag, fields, signature });
}

function checkSignature(
  { realm, origins }: Context,
  call: Call,
  signed: {
    tag: SignatureTag;
    walletId: Uint8Array;
    publicKey: Uint8Array;
    fields: Uint8Array;
    /** base64url. */
    signature: string;
  },
): void {
  const { signature: text, publicKey } = signed;
  const signature = parseSignature(text);
  if (!signature) throw new Problem("bad-signature", "The signature is not 64 bytes in base64url");
  const isFor = (origin: string) => isSignature(signature, signedMessage({ ...signed, origin, realm }), publicKey);
  if (origins.some(isFor)) return;
  if (!isFor(call.origin)) throw new Problem("bad-signature");
  const accepted = origins.join(", ");
  throw new Problem("wrong-origin", `The signature is for ${call.origin}; this server accepts ${accepted}`);
}

function isSignature(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  try {
    // As RFC 8032 has it, and OpenSSL.
    return ed25519.verify(signature, message, publicKey, { zip215: false });
  } catch {
    // A public key that is no point.
    return false;
  }
}

/** Null unless it is 64 bytes in the one spelling of base64url. */
function parseSignature(text: string): Uint8Array | null {
  // 86 characters have 516 bits: the last four are zero.
  if (!/^[A-Za-z0-9_-]{85}[AQgw]$/.test(text)) return null;
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
