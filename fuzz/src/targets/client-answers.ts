import { encodeIds } from "@cloudbackup/core/wire";
import fc from "fast-check";
import { bytesToHex } from "../../../packages/core/src/bytes.ts";
import { decodeBundle, encodeBundleHead } from "../../../packages/core/src/chunks/bundle.ts";
import type { BackupKeys } from "../../../packages/core/src/keys/backup-keys.ts";
import type { OpenedBackup } from "../../../packages/core/src/open-backup.ts";
import { mutateBytes } from "../mutate-bytes.ts";
import { mutateJson } from "../mutate-json.ts";
import type { Source } from "../source.ts";

export const ORIGIN = "https://backup.example";
const TIME = "2026-01-01T00:00:00Z";

/** An answer before it is one: what the fetch that is passed in makes of it. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array;
  /** As on React Native, whose answers are no streams. */
  isWhole: boolean;
}
/** A wallet, and what the server has of it. */
export interface World {
  keys: BackupKeys;
  download: Uint8Array;
  opened: OpenedBackup;
}

const CODES = [
  "bad-credentials", "not-activated", "username-taken", "token-spent", "chunks-missing", "quota-exceeded", "wrong-origin", "not-signed-in",
  "no-wallet", "no-backup", "revision-conflict", "internal", "unavailable", "invalid-request", "wallet-registered", "constructor", "",
]; // biome-ignore format: a list of values

export function problemOf(source: Source): Answer {
  const status = source.pick([400, 401, 403, 404, 409, 410, 413, 422, 429, 500, 503, 507]);
  const code = source.pick(CODES);
  const errors = [{ pointer: "/username", detail: "is wrong" }];
  const members = { currentRevision: 3, currentSha256: "ab".repeat(32), ids: ["cd".repeat(32)], errors };
  const body = {
    type: `urn:cloudbackup:problem:${code}`,
    title: "No",
    status,
    code,
    detail: "because",
    requestId: "r",
    ...members,
  };
  return { ...json(body, status), headers: { "content-type": "application/problem+json", "retry-after": "3" } };
}

const HEADERS: Readonly<Record<string, readonly string[]>> = {
  "content-type": ["", "text/html", "application/json", "application/problem+json", "application/cbor", "application/cbor-seq", "Application/JSON ; a=b", ";", ",", "application/json, text/html"],
  "content-length": ["0", "1", "-1", "1e3", "x", "99999999999", "9".repeat(400), "1, 1", ""],
  "content-encoding": ["gzip", "x"],
  "retry-after": ["0", "-1", "1e9", "9".repeat(400), "x", "Wed, 21 Oct 2099 07:28:00 GMT", "Wed, 99", ""],
  etag: ["", "x"],
  location: ["https://evil.example/", ""],
}; // biome-ignore format: lists of values

export function mutateAnswer(source: Source, answer: Answer): Answer {
  const mutant = { ...answer, headers: { ...answer.headers }, isWhole: source.oneIn(5) };
  const kind = source.below(8);
  if (kind < 5) mutant.body = mutateBody(source, answer.body, answer.headers["content-type"] ?? "");
  if (kind === 5 || kind === 0) {
    const name = source.pick(Object.keys(HEADERS));
    mutant.headers[name] = source.oneIn(5)
      ? latin(source.draw(fc.string({ maxLength: 20 })))
      : source.pick(HEADERS[name] as string[]);
  }
  if (kind === 6)
    mutant.status = source.pick([200, 201, 202, 203, 204, 206, 301, 302, 304, 307, 400, 404, 418, 429, 500, 502, 599]);
  return mutant;
}

function mutateBody(source: Source, body: Uint8Array, type: string): Uint8Array {
  if (source.oneIn(12)) return source.bytes(source.below(50));
  if (!type.endsWith("json") || source.oneIn(4)) return mutateBytes(source, body, body);
  return mutateJson(source, JSON.parse(new TextDecoder().decode(body)));
}

/** What a header may hold. */
function latin(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").trim();
}

export function responseOf({ status, headers, body, isWhole }: Answer): Response {
  const hasNoBody = [204, 205, 304].includes(status);
  const response = new Response(hasNoBody ? null : (body as Uint8Array<ArrayBuffer>), { status, headers });
  if (!isWhole) return response;
  const { type } = response;
  return { status, type, headers: response.headers, body: null, arrayBuffer: () => response.arrayBuffer() } as Response;
}

export function rightAnswer(url: string, init: RequestInit, world: World): Answer {
  const path = url.slice(`${ORIGIN}/v1/`.length).replace(/^wallets\/[0-9a-f]{64}/, "wallet");
  const name = { wallet: init.method === "DELETE" ? "delete" : "info", "wallet/backups/latest": "latest" }[path];
  if (name !== undefined) return answerOf(name, world);
  if (path === "wallet/backups") return init.method === "POST" ? receiptFor(init, world) : answerOf("history", world);
  if (/^wallet\/backups\/\d+\?chunks=none$/.test(path)) return answerOf("head", world);
  if (path.startsWith("wallet/chain")) return answerOf("chain", world);
  if (path === "sessions") return answerOf(init.method === "GET" ? "sessions list" : "sessions", world);
  return answerOf(path, world);
}

export function answerOf(name: string, { keys, download, opened }: World): Answer {
  const { revision } = opened.manifest;
  const sha256 = bytesToHex(opened.sha256);
  const created = { token: "t0ken", expiresAt: "2030-01-01T00:00:00Z" };
  switch (name) {
    case "server":
      return json({
        name: "Test",
        version: "1.0.0",
        formats: [1],
        realm: bytesToHex(keys.realm),
        origins: ["https://*"],
        registration: "open",
        activation: "none",
        limits: {},
      });
    case "challenges":
      return json({ challenge: "07".repeat(32) });
    case "sessions":
      return json(created, 201);
    case "sessions/wallet":
      return json({ ...created, username: "alice" }, 201);
    case "sessions list":
      return json([{ id: "a", kind: "password", createdAt: TIME, expiresAt: TIME, current: true }]);
    case "wallets":
      return json([walletOf(keys, revision, sha256)]);
    case "info":
      return json(walletOf(keys, revision, sha256));
    case "history":
      return json([{ revision, sha256, bytes: download.length, storedAt: TIME }]);
    case "chain":
      return json([[revision, sha256]]);
    case "latest":
      return binary(download);
    case "head":
      return binary(headOf(download));
    case "backups":
      return json({ revision: revision + 1, sha256, storedAt: TIME }, 201);
    case "missing":
      return { ...binary(encodeIds([])), headers: { "content-type": "application/cbor" } };
    default:
      return { status: 204, headers: {}, body: new Uint8Array(), isWhole: false };
  }
}

function walletOf(keys: BackupKeys, revision: number, sha256: string): object {
  return { wallet: keys.walletId, revision, sha256, bytes: 1_000, createdAt: TIME, updatedAt: TIME };
}

/** Of the commit that is in the request. */
function receiptFor(init: RequestInit, { keys }: World): Answer {
  const { head } = decodeBundle(init.body as Uint8Array);
  return json(
    { revision: head.revision, sha256: bytesToHex(keys.primitives.sha256(head.envelope)), storedAt: TIME },
    201,
  );
}

function headOf(bundle: Uint8Array): Uint8Array {
  return encodeBundleHead(decodeBundle(bundle).head);
}

function json(value: object, status = 200): Answer {
  const body = new TextEncoder().encode(JSON.stringify(value));
  return { status, headers: { "content-type": "application/json" }, body, isWhole: false };
}

function binary(body: Uint8Array): Answer {
  return { status: 200, headers: { "content-type": "application/cbor-seq" }, body, isWhole: false };
}
