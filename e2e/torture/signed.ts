import { createHash } from "node:crypto";
import type { BackupKeys } from "@cloudbackup/core";
import {
  type ChunkItem,
  chunksFields,
  commitFields,
  deleteFields,
  encodeChunkItem,
  registerFields,
  SIGNATURE_TAGS,
  signInFields,
} from "@cloudbackup/core/wire";
import { type Answer, type Api, jsonOf } from "./api.ts";
import { hexOf } from "./sealed.ts";
import type { User } from "./user.ts";

/*
 * What a wallet signs. A status that is not among the expected ones is a Finding, no answer a NoReplyError.
 */

export const pathOf = (keys: BackupKeys): string => `/v1/wallets/${keys.walletId}`;

/** 201 where it is new, 200 where it is this user's already. */
export async function register(api: Api, keys: BackupKeys, { username, token }: User): Promise<Answer> {
  const challenge = await newChallenge(api);
  const signature = keys.sign(SIGNATURE_TAGS.register, api.origin, registerFields(challenge, username));
  return api.expect([200, 201], "POST", "/v1/wallets", { token, body: proof(keys, challenge, signature) });
}

/** The token of a new session. */
export async function signInBySeed(api: Api, keys: BackupKeys): Promise<string> {
  const challenge = await newChallenge(api);
  const signature = keys.sign(SIGNATURE_TAGS.signIn, api.origin, signInFields(challenge));
  const answer = await api.expect([201], "POST", "/v1/sessions/wallet", { body: proof(keys, challenge, signature) });
  return jsonOf<{ token: string }>(answer).token;
}

export async function commit(
  api: Api,
  keys: BackupKeys,
  token: string,
  { revision, bundle }: { revision: number; bundle: Uint8Array },
  statuses: readonly number[],
): Promise<Answer> {
  const signature = keys.sign(SIGNATURE_TAGS.commit, api.origin, commitFields(revision, sha256(bundle)));
  return api.expect(statuses, "POST", `${pathOf(keys)}/backups`, { token, body: bundle, signature });
}

export async function sendChunks(api: Api, keys: BackupKeys, token: string, items: readonly ChunkItem[]) {
  const body = Buffer.concat(items.map(encodeChunkItem));
  const signature = keys.sign(SIGNATURE_TAGS.chunks, api.origin, chunksFields(sha256(body)));
  await api.expect([204], "POST", `${pathOf(keys)}/chunks`, { token, body, signature });
}

export async function deleteWallet(api: Api, keys: BackupKeys, token: string, current: string | null) {
  const hash = current === null ? null : Buffer.from(current, "hex");
  const signature = keys.sign(SIGNATURE_TAGS.delete, api.origin, deleteFields(hash));
  await api.expect([204], "DELETE", pathOf(keys), { token, signature });
}

async function newChallenge(api: Api): Promise<Uint8Array> {
  const answer = await api.expect([200], "POST", "/v1/challenges");
  return Buffer.from(jsonOf<{ challenge: string }>(answer).challenge, "hex");
}

function proof(keys: BackupKeys, challenge: Uint8Array, signature: Uint8Array) {
  return {
    wallet: keys.walletId,
    publicKey: hexOf(keys.publicKey),
    challenge: hexOf(challenge),
    signature: Buffer.from(signature).toString("base64url"),
  };
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash("sha256").update(bytes).digest();
}
