import { defaultPrimitives } from "@cloudbackup/core";
import {
  type Bundle,
  CloudBackupError,
  chunksFields,
  commitFields,
  decodeBundle,
  decodeChunkItems,
  decodeIds,
  encodeBundle,
  encodeBundleHead,
  encodeChunkItem,
  encodeIds,
  SIGNATURE_TAGS,
  UnsupportedVersionError,
} from "@cloudbackup/core/wire";
import { bytesToHex, concatBytes, hexToBytes } from "@noble/hashes/utils.js";
import {
  binaryAnswer,
  binaryBody,
  type Call,
  checkQuery,
  emptyAnswer,
  invalid,
  jsonAnswer,
  needWallet,
  timeText,
} from "./call.ts";
import { Problem } from "./problems.ts";
import { checkSigned } from "./proofs.ts";
import type { Context, StoredBackup, StoredWallet } from "./state.ts";

/** Bodies have megabytes. */
const { sha256 } = defaultPrimitives;

/** As a server announces it, and refuses above. */
export const MAX_IDS = 65_536;
/** A problem lists no more. */
const MAX_LISTED_IDS = 1024;
const REVISION = /^[1-9][0-9]{0,15}$/;

/** `POST /v1/wallets/{id}/backups`. */
export function commit(context: Context, call: Call, id: string): Response {
  const wallet = needWallet(context, call, id);
  const body = binaryBody(call, "application/cbor-seq");
  const bundle = reading(() => decodeBundle(body));
  const { revision, wallet: bundleWallet, realm } = bundle.head;
  checkSigned(context, call, wallet, SIGNATURE_TAGS.commit, commitFields(revision, sha256(body)));
  if (bytesToHex(bundleWallet) !== id) throw new Problem("malformed-bundle", "The bundle is another wallet's");
  if (bytesToHex(realm) !== bytesToHex(context.realm)) {
    throw new Problem("malformed-bundle", "The bundle is for another realm");
  }
  const hash = bytesToHex(sha256(bundle.head.envelope));
  const before = wallet.backups.get(revision);
  // Sent again: the same receipt, now or long after.
  if (before?.sha256 === hash) return receiptAnswer(before, 200);
  const stored = accepted(wallet, bundle, hash, context.now());
  const chunks = withChunks(wallet.chunks, bundle.items);
  const bytes = stored.chunkIds.reduce(
    (total, each) => total + (chunks.get(each)?.length ?? 0),
    stored.envelope.length,
  );
  const backup = { ...stored, bytes };
  const { id: _, ...record } = wallet;
  context.state.wallets.set(id, {
    ...record,
    revision,
    sha256: hash,
    updatedAt: backup.storedAt,
    backups: new Map([...wallet.backups, [revision, backup]]),
    chunks,
  });
  return receiptAnswer(backup, 201, { location: `/v1/wallets/${id}/backups/${revision}` });
}

/** What an upload becomes. @throws Problem where it does not follow on what is there (format.md §6) */
function accepted(
  wallet: StoredWallet,
  { head, items }: Bundle,
  hash: string,
  storedAt: number,
): Omit<StoredBackup, "bytes"> {
  const { revision, base, after, envelope } = head;
  const isNext =
    base === 0
      ? revision > wallet.revision
      : wallet.sha256 !== null && base === wallet.revision && revision === base + 1;
  if ((after && bytesToHex(after)) !== wallet.sha256 || !isNext) {
    const members = { currentRevision: wallet.revision, currentSha256: wallet.sha256 };
    throw new Problem("revision-conflict", `The current revision is ${wallet.revision}`, { members });
  }
  const add = head.add.map(bytesToHex);
  const drop = head.drop.map(bytesToHex);
  const sent = new Set(items.map((item) => bytesToHex(item.id)));
  const missing = add.filter((each) => !sent.has(each) && !wallet.chunks.has(each));
  if (missing.length > 0) throw chunkProblem("chunks-missing", missing);
  const inUse = new Set(wallet.sha256 === null ? [] : wallet.backups.get(wallet.revision)?.chunkIds);
  const unused = drop.filter((each) => !inUse.has(each));
  if (unused.length > 0) throw chunkProblem("chunks-not-in-use", unused);
  const dropped = new Set(drop);
  const kept = base === 0 ? [] : [...inUse].filter((each) => !dropped.has(each));
  const chunkIds = [...new Set([...kept, ...add])].sort();
  return { revision, sha256: hash, storedAt, envelope: envelope.slice(), chunkIds };
}

/** `POST /v1/wallets/{id}/chunks`. */
export function putChunks(context: Context, call: Call, id: string): Response {
  const wallet = needWallet(context, call, id);
  const body = binaryBody(call, "application/cbor-seq");
  checkSigned(context, call, wallet, SIGNATURE_TAGS.chunks, chunksFields(sha256(body)));
  const items = reading(() => decodeChunkItems(body));
  const { id: _, ...record } = wallet;
  context.state.wallets.set(id, { ...record, chunks: withChunks(wallet.chunks, items) });
  return emptyAnswer(204);
}

/** `POST /v1/wallets/{id}/chunks/missing`. */
export function missingChunks(context: Context, call: Call, id: string): Response {
  const { chunks } = needWallet(context, call, id);
  const missing = askedIds(call).filter((each) => !chunks.has(each));
  return binaryAnswer(encodeIds(missing.map(hexToBytes)), "application/cbor");
}

/** `POST /v1/wallets/{id}/chunks/read`. */
export function readChunks(context: Context, call: Call, id: string): Response {
  const { chunks } = needWallet(context, call, id);
  const found = itemsOf(askedIds(call), chunks);
  return binaryAnswer(concatBytes(...found.map(encodeChunkItem)), "application/cbor-seq");
}

/** `GET /v1/wallets/{id}/backups/{revision}`. */
export function download(context: Context, call: Call, id: string, which: string): Response {
  const wallet = needWallet(context, call, id);
  if (which !== "latest" && !REVISION.test(which)) {
    throw invalid([{ pointer: "/revision", detail: "must be a revision or latest" }]);
  }
  const headOnly = checkQuery(call, "chunks", /^none$/) !== undefined;
  const latest = wallet.sha256 === null ? 0 : wallet.revision;
  const backup = wallet.backups.get(which === "latest" ? latest : Number(which));
  if (!backup) throw new Problem("no-backup");
  const tag = `"${backup.sha256}${headOnly ? "-head" : ""}"`;
  const headers = { etag: tag, "cache-control": "private, no-cache" };
  if (matchesTag(call.headers.get("if-none-match"), tag)) return emptyAnswer(304, headers);
  const head = {
    realm: context.realm,
    wallet: hexToBytes(id),
    revision: backup.revision,
    after: null,
    base: 0,
    envelope: backup.envelope,
    add: backup.chunkIds.map(hexToBytes),
    drop: [],
  };
  const items = itemsOf(backup.chunkIds, wallet.chunks);
  const body = headOnly ? encodeBundleHead(head) : encodeBundle({ head, items });
  return binaryAnswer(body, "application/cbor-seq", headers);
}

/** `GET /v1/wallets/{id}/backups`. */
export function history(context: Context, call: Call, id: string): Response {
  const { backups } = needWallet(context, call, id);
  const newestFirst = [...backups.values()].reverse();
  return jsonAnswer(newestFirst.map((backup) => ({ ...receiptOf(backup), bytes: backup.bytes })));
}

/** `GET /v1/wallets/{id}/chain`. */
export function chain(context: Context, call: Call, id: string): Response {
  const { backups } = needWallet(context, call, id);
  const from = Number(checkQuery(call, "from", /^(?:0|[1-9][0-9]{0,15})$/) ?? 0);
  const known = [...backups.values()].filter(({ revision }) => revision >= from);
  return jsonAnswer(known.map(({ revision, sha256 }) => [revision, sha256]));
}

function receiptOf({ revision, sha256, storedAt }: StoredBackup) {
  return { revision, sha256, storedAt: timeText(storedAt) };
}

function receiptAnswer(backup: StoredBackup, status: 200 | 201, headers: Record<string, string> = {}): Response {
  return jsonAnswer(receiptOf(backup), status, { etag: `"${backup.sha256}"`, ...headers });
}

/** A chunk that is sent again takes the place of the stored one. */
function withChunks(chunks: StoredWallet["chunks"], items: Bundle["items"]): Map<string, Uint8Array> {
  return new Map([...chunks, ...items.map(({ id, sealed }) => [bytesToHex(id), sealed.slice()] as const)]);
}

function itemsOf(ids: readonly string[], chunks: StoredWallet["chunks"]): Bundle["items"] {
  return ids.flatMap((id) => {
    const sealed = chunks.get(id);
    return sealed ? [{ id: hexToBytes(id), sealed }] : [];
  });
}

/** Ascending, each once. */
function askedIds(call: Call): string[] {
  const body = binaryBody(call, "application/cbor");
  const ids = reading(() => decodeIds(body));
  if (ids.length > MAX_IDS) throw new Problem("too-large", `Ask about at most ${MAX_IDS} chunks at once`);
  return [...new Set(ids.map(bytesToHex))].sort();
}

function chunkProblem(code: "chunks-missing" | "chunks-not-in-use", ids: readonly string[]): Problem {
  return new Problem(code, `It is about ${ids.length} chunks`, { members: { ids: ids.slice(0, MAX_LISTED_IDS) } });
}

function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof CloudBackupError)) throw error;
    throw new Problem(
      error instanceof UnsupportedVersionError ? "unsupported-format" : "malformed-bundle",
      error.message,
    );
  }
}

/** Whether `If-None-Match` names the tag; compared weakly (RFC 9110 §13.1.2). */
function matchesTag(header: string | null, tag: string): boolean {
  if (header === null) return false;
  return header.trim() === "*" || header.split(",").some((each) => each.trim().replace(/^W\//, "") === tag);
}
