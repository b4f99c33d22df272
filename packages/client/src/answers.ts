import { BadResponseError } from "./errors.ts";

/** Readers of the fields of JSON answers: what is not as the protocol says is the server's fault, and said so. */

export type JsonObject = Readonly<Record<string, unknown>>;

/** The JSON of a body. @throws BadResponseError */
export function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    // The parser's own words quote the text, in which a token may stand.
    throw new BadResponseError("The server's JSON is broken");
  }
}

export function objectOf(json: unknown): JsonObject {
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw wrong("an object", "the answer");
  return json as JsonObject;
}

export function listOf(json: unknown): readonly unknown[] {
  if (!Array.isArray(json)) throw wrong("a list", "the answer");
  return json;
}

export function textOf(object: JsonObject, key: string): string {
  const value = object[key];
  if (typeof value !== "string") throw wrong("text", key);
  return value;
}

/** What may stand in an `Authorization` header (RFC 6750 §2.1): a platform's complaint would quote anything else. */
export function tokenOf(object: JsonObject): string {
  const value = textOf(object, "token");
  // Nor does any server take headers of many kilobytes.
  if (!/^[\w.~+/-]{1,4096}=*$/.test(value)) throw wrong("a bearer token", "token");
  return value;
}

export function uintOf(object: JsonObject, key: string): number {
  const value = object[key];
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw wrong("an unsigned integer", key);
  return value as number;
}

/** Lower-case hex of so many bytes. */
export function hexOf(object: JsonObject, key: string, bytes: number): string {
  const value = textOf(object, key);
  if (value.length !== bytes * 2 || !/^[0-9a-f]*$/.test(value)) throw wrong(`hex of ${bytes} bytes`, key);
  return value;
}

/** RFC 3339. */
export function dateOf(object: JsonObject, key: string): Date {
  const date = new Date(textOf(object, key));
  if (Number.isNaN(date.getTime())) throw wrong("a time", key);
  return date;
}

function wrong(what: string, key: string): BadResponseError {
  return offProtocol(`${key} is not ${what}`);
}

export function offProtocol(problem: string): BadResponseError {
  return new BadResponseError(`The server's answer is not of the protocol: ${problem}`, { retryable: false });
}
