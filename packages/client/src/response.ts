import { type CloudBackupError, TooLargeError } from "@cloudbackup/core";
import { parseJson } from "./answers.ts";
import { BadResponseError, errorOfProblem, RedirectedError, UnreachableError } from "./errors.ts";
import { parseRetryAfter } from "./retry.ts";

/** What a right answer holds. `receipt`: JSON, or nothing but its status 202 or 204. */
type Expected = "json" | "cbor" | "cbor-seq" | "receipt" | "event-stream";

/** How an answer is read: what comes from outside, and what may fail there. */
export interface Reading {
  maxBytes: number;
  expect: Expected;
  /** Called with the bytes received so far, and all that are announced. */
  onReceived?: ((done: number, total: number | undefined) => void) | undefined;
  /** Given each part as it comes, of a body that need not end; nothing of it is kept then. */
  onPart?: ((part: Uint8Array) => void) | undefined;
  /** Awaits the next bytes; what fails in it is the way, not the answer. */
  next: <T>(bytes: Promise<T>) => Promise<T>;
  /** Unix milliseconds. */
  now: () => number;
}

/** A page of a proxy, or a problem of the protocol, which takes some hundred bytes. */
const MAX_FAILURE_BYTES = 64 * 1024;
/** An answer that goes on for longer must bring so much in that time: bytes that drip would hold a call for ever. */
const PATIENCE_MS = 60_000;
const LEAST_BYTES = 60 * 1024;

/**
 * Reads the body of a right answer.
 *
 * @throws the error of the problem that the server named; RedirectedError, BadResponseError, UnreachableError, TooLargeError
 */
export async function readAnswer(response: Response, reading: Reading): Promise<Uint8Array> {
  const { status, headers } = response;
  if (response.type === "opaqueredirect" || (status >= 300 && status < 400 && status !== 304)) {
    throw new RedirectedError(status);
  }
  if (status >= 400) throw await readFailure(response, reading);
  if (!isExpected(status, mediaTypeOf(headers), reading.expect)) {
    throw new BadResponseError(`What answered is no CloudBackup server (status ${status}, ${mediaTypeOf(headers)})`);
  }
  return readBody(response, reading);
}

function isExpected(status: number, type: string, expect: Expected): boolean {
  if (expect === "receipt" && (status === 202 || status === 204)) return true;
  if (status !== 200 && status !== 201) return false;
  if (expect === "event-stream") return type === "text/event-stream";
  return type === `application/${expect === "receipt" ? "json" : expect}`;
}

/** Only a problem of the protocol's shape is believed: a proxy's 404 must not look like a missing wallet. */
async function readFailure(response: Response, reading: Reading): Promise<CloudBackupError> {
  const { status, headers } = response;
  const problem =
    mediaTypeOf(headers) === "application/problem+json" ? await readProblem(response, reading) : undefined;
  if (typeof problem?.code !== "string") {
    if (status >= 500 || status === 429) {
      return new UnreachableError(`A server on the way answered with status ${status}`);
    }
    return new BadResponseError(`What answered is no CloudBackup server (status ${status})`);
  }
  const textOf = (key: string) => (typeof problem[key] === "string" ? problem[key] : undefined);
  return errorOfProblem({
    status,
    code: problem.code,
    title: textOf("title"),
    detail: textOf("detail"),
    requestId: textOf("requestId"),
    retryAfterMs: parseRetryAfter(headers.get("retry-after"), reading.now()),
    members: problem,
  });
}

async function readProblem(response: Response, { next, now }: Reading): Promise<Record<string, unknown> | undefined> {
  try {
    const parsed = parseJson(await readBody(response, { maxBytes: MAX_FAILURE_BYTES, next, now }));
    return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch (error) {
    if (error instanceof BadResponseError || error instanceof TooLargeError) return undefined;
    throw error;
  }
}

/** What is made ready for an answer whose length is not announced; then twice as much, and so on. */
const FIRST_ROOM_BYTES = 16 * 1024;
/** No more is made ready for an announcement alone, which may be a lie. */
const MAX_ROOM_AHEAD_BYTES = 32 * 1024 * 1024;

/** Reads a body whole, no further than `maxBytes`. */
async function readBody(
  response: Response,
  { maxBytes, onReceived, onPart, next, now }: Omit<Reading, "expect">,
): Promise<Uint8Array> {
  const announced = Number(response.headers.get("content-length") ?? Number.NaN);
  const isLength = Number.isSafeInteger(announced) && announced >= 0;
  const total = isLength && !response.headers.has("content-encoding") ? announced : undefined;
  const tooLarge = () => new TooLargeError(`The server's answer has more than ${maxBytes} bytes`);
  if (total !== undefined && total > maxBytes) throw tooLarge();

  const reader = response.body?.getReader();
  if (!reader) {
    // No streams on this platform (React Native), or no body: the answer arrives at once.
    const body = new Uint8Array(await next(response.arrayBuffer()));
    if (body.length > maxBytes) throw tooLarge();
    if (total !== undefined && body.length !== total) throw cut();
    onReceived?.(body.length, body.length);
    return body;
  }
  // All of it in one piece from the start where its length is announced: parts and what they are joined to take twice that.
  let body = new Uint8Array(Math.min(total ?? FIRST_ROOM_BYTES, MAX_ROOM_AHEAD_BYTES));
  let done = 0;
  let since = { at: now(), done };
  for (;;) {
    const step = await next(reader.read());
    if (step.done) break;
    if (onPart) {
      onPart(step.value);
      continue;
    }
    if (now() - since.at >= PATIENCE_MS) {
      if (done - since.done < LEAST_BYTES) throw new UnreachableError("The server's answer comes too slowly");
      since = { at: now(), done };
    }
    const end = done + step.value.length;
    if (end > maxBytes) throw tooLarge();
    if (end > body.length) {
      const larger = new Uint8Array(Math.min(maxBytes, Math.max(end, body.length * 2)));
      larger.set(body.subarray(0, done));
      body = larger;
    }
    body.set(step.value, done);
    done = end;
    onReceived?.(done, total);
  }
  if (total !== undefined && done !== total) throw cut();
  return done === body.length ? body : body.slice(0, done);
}

function cut(): UnreachableError {
  return new UnreachableError("The connection was cut within an answer");
}

/** Without parameters, in lower case; empty where there is none. */
function mediaTypeOf(headers: Headers): string {
  return (headers.get("content-type") ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}
