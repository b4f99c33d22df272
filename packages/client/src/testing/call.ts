import { bytesToHex } from "@noble/hashes/utils.js";
import { Problem } from "./problems.ts";
import type { Context, Session, StoredWallet } from "./state.ts";

/** A JSON body has at most as many bytes, a binary one at most as many. @see docs/protocol.md, "Rules for all requests" */
const MAX_JSON_BYTES = 64 * 1024;
export const MAX_BINARY_BYTES = 8 * 1024 * 1024;

/** A request that has arrived. */
export interface Call {
  method: string;
  /** Origin that was called: what a signature is made for. */
  origin: string;
  /** Below the server's URL, in segments: `["v1", "server"]`. */
  path: readonly string[];
  query: URLSearchParams;
  headers: Headers;
  body: Uint8Array;
}

/** What a field of a JSON body must be; says it where it is not. */
export type FieldRule = (value: unknown) => string | null;

/** Reads a JSON body whose fields all must be there, and nothing else. @throws Problem */
export function jsonBody<Name extends string>(
  call: Call,
  fields: Readonly<Record<Name, FieldRule>>,
): Record<Name, string> {
  const json = optionalJson(call);
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw invalid([{ pointer: "", detail: "must be an object" }]);
  }
  const object = json as Record<string, unknown>;
  const errors: { pointer: string; detail: string }[] = [];
  for (const [name, rule] of Object.entries<FieldRule>(fields)) {
    const detail = Object.hasOwn(object, name) ? rule(object[name]) : "is missing";
    if (detail !== null) errors.push({ pointer: `/${name}`, detail });
  }
  for (const name of Object.keys(object)) {
    if (!Object.hasOwn(fields, name)) errors.push({ pointer: `/${name}`, detail: "is not known" });
  }
  if (errors.length > 0) throw invalid(errors);
  return object as Record<Name, string>;
}

/** The JSON that may be there; null where there is no body. @throws Problem */
export function optionalJson({ headers, body }: Call): unknown {
  const type = mediaType(headers);
  if (type === "" && body.length === 0) return null;
  if (type !== "application/json") throw new Problem("unsupported-media-type");
  if (body.length > MAX_JSON_BYTES) throw new Problem("too-large");
  try {
    return JSON.parse(new TextDecoder("utf-8").decode(body), (key, value) => {
      if (key === "__proto__") throw new SyntaxError("Object contains forbidden prototype property");
      return value;
    });
  } catch (error) {
    throw new Problem("malformed-request", (error as Error).message);
  }
}

/** A binary body of the type. @throws Problem */
export function binaryBody({ headers, body }: Call, type: "application/cbor" | "application/cbor-seq"): Uint8Array {
  const given = mediaType(headers);
  if (given === "") throw new Problem("unsupported-media-type", "The request has no body, or nobody says its type");
  if (given !== type) throw new Problem("unsupported-media-type");
  if (body.length > MAX_BINARY_BYTES) throw new Problem("too-large");
  return body;
}

/** @throws Problem where the query has anything else, or a value that `pattern` does not match */
export function checkQuery({ query }: Call, name: string, pattern: RegExp): string | undefined {
  for (const key of query.keys()) if (key !== name) throw invalid([{ pointer: `/${key}`, detail: "is not known" }]);
  const [value, ...more] = query.getAll(name);
  if (value !== undefined && (more.length > 0 || !pattern.test(value))) {
    throw invalid([{ pointer: `/${name}`, detail: `must match ${pattern.source}` }]);
  }
  return value;
}

export function invalid(errors: readonly { pointer: string; detail: string }[]): Problem {
  const [first] = errors;
  return new Problem("invalid-request", `${first?.pointer}: ${first?.detail}`, { members: { errors } });
}

/** The session that the request names, and its token. @throws Problem `not-signed-in` */
export function needSession({ state, now }: Context, { headers }: Call): Session & { token: string } {
  const [, token = ""] = /^bearer +([A-Za-z0-9_-]+)$/i.exec(headers.get("authorization") ?? "") ?? [];
  const session = state.sessions.get(token);
  if (!session || session.expiresAt <= now()) throw new Problem("not-signed-in");
  return { ...session, token };
}

/** A session by password. @throws Problem */
export function needUserSession(context: Context, call: Call): Session {
  const session = needSession(context, call);
  if (session.kind !== "password") throw new Problem("session-too-narrow");
  return session;
}

/** The session's wallet of that id. Another user's is answered like none at all. @throws Problem */
export function needWallet(context: Context, call: Call, id: string): StoredWallet & { id: string } {
  const session = needSession(context, call);
  if (session.kind === "wallet" && session.wallet !== id) throw new Problem("session-too-narrow");
  const wallet = context.state.wallets.get(id);
  if (wallet?.username !== session.username) throw new Problem("no-wallet");
  return { ...wallet, id };
}

export function jsonAnswer(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  const type = { "content-type": "application/json; charset=utf-8" };
  return new Response(JSON.stringify(body), { status, headers: { ...type, ...headers } });
}

export function emptyAnswer(status: 202 | 204 | 304, headers: Record<string, string> = {}): Response {
  return new Response(null, { status, headers });
}

export function binaryAnswer(
  body: Uint8Array,
  type: "application/cbor" | "application/cbor-seq",
  headers: Record<string, string> = {},
): Response {
  const own = { "content-type": type, "content-length": `${body.length}` };
  return new Response(body as BodyInit, { headers: { ...own, ...headers } });
}

/** RFC 3339, UTC. */
export function timeText(unixMs: number): string {
  return new Date(unixMs).toISOString();
}

/** A random token, base64url. */
export function newToken({ random }: Context): string {
  return base64url(random(32));
}

/** A random public name. */
export function newId({ random }: Context): string {
  return bytesToHex(random(16));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

function mediaType(headers: Headers): string {
  return (headers.get("content-type") ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}
