import { deleteFields, registerFields, SIGNATURE_TAGS } from "@cloudbackup/core/wire";
import { hexToBytes } from "@noble/hashes/utils.js";
import {
  type Call,
  emptyAnswer,
  jsonAnswer,
  needSession,
  needUserSession,
  needWallet,
  optionalJson,
  timeText,
} from "./call.ts";
import { Problem } from "./problems.ts";
import { checkProof, checkSigned, proofBody } from "./proofs.ts";
import type { Context, StoredWallet } from "./state.ts";

export function registerWallet(context: Context, call: Call): Response {
  const { state, now } = context;
  const session = needSession(context, call);
  const proof = proofBody(call);
  if (session.kind === "wallet" && session.wallet !== proof.wallet) throw new Problem("session-too-narrow");
  const { username } = session;
  const { id, publicKey } = checkProof(context, call, proof, SIGNATURE_TAGS.register, (challenge) =>
    registerFields(challenge, username),
  );
  const before = state.wallets.get(id);
  const location = { location: `/v1/wallets/${id}` };
  if (before?.username === username) return jsonAnswer(describe(id, before), 200, location);
  if (typeof before?.username === "string") throw new Problem("wallet-registered");
  const wallet: StoredWallet = {
    publicKey,
    username,
    // A deleted wallet's number goes on, so that old signed commits cannot be replayed.
    revision: before?.revision ?? 0,
    sha256: null,
    createdAt: now(),
    updatedAt: now(),
    backups: new Map(),
    chunks: new Map(),
  };
  state.wallets.set(id, wallet);
  return jsonAnswer(describe(id, wallet), 201, location);
}

export function listWallets(context: Context, call: Call): Response {
  const { username } = needUserSession(context, call);
  const own = [...context.state.wallets].filter(([, wallet]) => wallet.username === username);
  return jsonAnswer(own.sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, wallet]) => describe(id, wallet)));
}

export function describeWallet(context: Context, call: Call, id: string): Response {
  return jsonAnswer(describe(id, needWallet(context, call, id)));
}

export function deleteWallet(context: Context, call: Call, id: string): Response {
  const { state } = context;
  const wallet = needWallet(context, call, id);
  optionalJson(call);
  const fields = deleteFields(wallet.sha256 === null ? null : hexToBytes(wallet.sha256));
  checkSigned(context, call, wallet, SIGNATURE_TAGS.delete, fields);
  const { id: _, ...kept } = wallet;
  state.wallets.set(id, { ...kept, username: null, sha256: null, backups: new Map(), chunks: new Map() });
  for (const [token, session] of state.sessions) if (session.wallet === id) state.sessions.delete(token);
  return emptyAnswer(204);
}

function describe(id: string, { revision, sha256, backups, chunks, createdAt, updatedAt }: StoredWallet) {
  const current = sha256 === null ? undefined : backups.get(revision);
  const chunkBytes = (current?.chunkIds ?? []).reduce((bytes, each) => bytes + (chunks.get(each)?.length ?? 0), 0);
  return {
    wallet: id,
    revision,
    sha256,
    bytes: (current?.envelope.length ?? 0) + chunkBytes,
    createdAt: timeText(createdAt),
    updatedAt: timeText(updatedAt),
  };
}
