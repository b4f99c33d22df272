import type { BackupKeys } from "@cloudbackup/core";
import { registerFields, SIGNATURE_TAGS, signInFields } from "@cloudbackup/core/wire";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { hexOf, objectOf } from "./answers.ts";
import { type Session, sessionOf } from "./session.ts";
import { SMALL_ANSWER_BYTES, type Transport } from "./transport.ts";

/** The text of a signature in JSON and in headers: base64url (RFC 4648 §5), unpadded. */
export function signatureText(signature: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...signature));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * A session by the wallet's own signature. It is also how a client learns whether a wallet exists, whoever's it is: the
 * server tells only the holder of the seed.
 *
 * @throws NoWalletError: there is none
 */
export async function signInByKeys(transport: Transport, keys: BackupKeys, signal?: AbortSignal): Promise<Session> {
  const challenge = await fetchChallenge(transport, signal);
  const signature = keys.sign(SIGNATURE_TAGS.signIn, transport.origin, signInFields(challenge));
  const json = await transport.sendJson({
    method: "POST",
    path: "v1/sessions/wallet",
    json: proof(keys, challenge, signature),
    maxBytes: SMALL_ANSWER_BYTES,
    idempotent: false,
    signal,
  });
  return sessionOf(json, { walletId: keys.walletId });
}

/** The body that registers a wallet for a user. */
export async function registrationProof(
  transport: Transport,
  keys: BackupKeys,
  username: string,
  signal?: AbortSignal,
): Promise<object> {
  const challenge = await fetchChallenge(transport, signal);
  const signature = keys.sign(SIGNATURE_TAGS.register, transport.origin, registerFields(challenge, username));
  return proof(keys, challenge, signature);
}

async function fetchChallenge(transport: Transport, signal?: AbortSignal): Promise<Uint8Array> {
  const json = await transport.sendJson({
    method: "POST",
    path: "v1/challenges",
    maxBytes: SMALL_ANSWER_BYTES,
    idempotent: true,
    signal,
  });
  return hexToBytes(hexOf(objectOf(json), "challenge", 32));
}

function proof(keys: BackupKeys, challenge: Uint8Array, signature: Uint8Array): object {
  return {
    wallet: keys.walletId,
    publicKey: bytesToHex(keys.publicKey),
    challenge: bytesToHex(challenge),
    signature: signatureText(signature),
  };
}
