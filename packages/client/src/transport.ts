import { CloudBackupError, TooLargeError } from "@cloudbackup/core";
import { BadResponseError, errorOfProblem, RedirectedError, UnreachableError } from "./errors.ts";
import type { ResolvedOptions } from "./options.ts";
import { isRetryable, retryDelayMs } from "./retry.ts";

export interface RequestOptions {
  method: "GET" | "POST" | "DELETE";
  /** Below the client's URL, without a leading slash: `v1/server`. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  /** JSON, or bytes with their own `content-type` in `headers`. */
  json?: unknown;
  body?: Uint8Array;
  /** A longer answer is refused. */
  maxBytes: number;
  /** Whether sending it twice does the same as once: only then is it tried again by itself. */
  idempotent: boolean;
  signal?: AbortSignal | undefined;
  /** Called with the bytes received so far, and all that are announced. */
  onReceived?: ((done: number, total: number | undefined) => void) | undefined;
}

export interface Answer {
  status: number;
  headers: Headers;
  body: Uint8Array;
}

/** JSON answers of a few fields. */
export const SMALL_ANSWER_BYTES = 64 * 1024;
/** Lists: a line of a history or a chain takes about 150 bytes. */
export const LIST_ANSWER_BYTES = 16 * 1024 * 1024;

/** One way to the server for every request: time-outs, size caps, retries, problems turned into errors. */
export class Transport {
  readonly #options: ResolvedOptions;

  constructor(options: ResolvedOptions) {
    this.#options = options;
  }

  /** WHATWG origin of the URL that is called: what signatures are made for. */
  get origin(): string {
    return this.#options.url.origin;
  }

  /**
   * An answer of status 2xx or 304.
   *
   * @throws the error of the problem that the server named; UnreachableError, BadResponseError, RedirectedError,
   *   TooLargeError; `signal.reason`
   */
  async send(request: RequestOptions): Promise<Answer> {
    const { retry, random, clock } = this.#options;
    for (let attempt = 1; ; attempt++) {
      request.signal?.throwIfAborted();
      try {
        return await this.#once(request);
      } catch (error) {
        request.signal?.throwIfAborted();
        if (!request.idempotent || !isRetryable(error) || attempt >= retry.attempts) throw error;
        const delayMs = retryDelayMs(attempt, retry, random, error);
        await new Promise<void>((resolve) => {
          const timer = clock.setTimeout(done, delayMs, "foreground");
          function done() {
            clock.clearTimeout(timer);
            request.signal?.removeEventListener("abort", done);
            resolve();
          }
          request.signal?.addEventListener("abort", done);
        });
      }
    }
  }

  /** `send`, for an answer that is JSON. */
  async sendJson(request: RequestOptions): Promise<unknown> {
    return jsonOf(await this.send(request));
  }

  async #once(request: RequestOptions): Promise<Answer> {
    const { clock, timeoutMs } = this.#options;
    const abort = new AbortController();
    const onAbort = () => abort.abort(request.signal?.reason);
    request.signal?.addEventListener("abort", onAbort);
    let timer: unknown;
    let timedOut = false;
    /** Starts the wait for the next sign of life. */
    const wait = () => {
      clock.clearTimeout(timer);
      timer = clock.setTimeout(
        () => {
          timedOut = true;
          abort.abort();
        },
        timeoutMs,
        "background",
      );
    };
    try {
      wait();
      const response = await this.#fetch(request, abort.signal);
      const body = await readBody(response, request, wait);
      return acceptAnswer(response, body);
    } catch (error) {
      abort.abort();
      if (error instanceof CloudBackupError) throw error;
      if (timedOut) throw new UnreachableError(`The server was silent for ${timeoutMs / 1000} seconds`);
      throw new UnreachableError("The server cannot be reached, or the connection was cut", { cause: error });
    } finally {
      clock.clearTimeout(timer);
      request.signal?.removeEventListener("abort", onAbort);
    }
  }

  #fetch(request: RequestOptions, signal: AbortSignal): Promise<Response> {
    const headers: Record<string, string> = { ...request.headers };
    if (request.json !== undefined) headers["content-type"] = "application/json";
    const body = request.json === undefined ? request.body : JSON.stringify(request.json);
    const init: RequestInit = {
      method: request.method,
      headers,
      signal,
      // A redirect would carry the token and the signature elsewhere.
      redirect: "manual",
      credentials: "omit",
      cache: "no-store",
      referrerPolicy: "no-referrer",
    };
    if (body !== undefined) init.body = body as BodyInit;
    return this.#options.fetch(new URL(request.path, this.#options.url).href, init);
  }
}

/** Reads a body whole, no further than `maxBytes`. */
async function readBody(response: Response, request: RequestOptions, alive: () => void): Promise<Uint8Array> {
  const { maxBytes, onReceived } = request;
  const announced = Number(response.headers.get("content-length") ?? Number.NaN);
  const total = Number.isSafeInteger(announced) && !response.headers.has("content-encoding") ? announced : undefined;
  const tooLarge = () => new TooLargeError(`The server's answer has more than ${maxBytes} bytes`);
  if (total !== undefined && total > maxBytes) throw tooLarge();

  const reader = response.body?.getReader();
  if (!reader) {
    // No streams on this platform (React Native): the answer arrives at once.
    const body = new Uint8Array(await response.arrayBuffer());
    if (body.length > maxBytes) throw tooLarge();
    onReceived?.(body.length, body.length);
    return body;
  }
  const parts: Uint8Array[] = [];
  let done = 0;
  for (;;) {
    alive();
    const step = await reader.read();
    if (step.done) break;
    done += step.value.length;
    if (done > maxBytes) throw tooLarge();
    parts.push(step.value);
    onReceived?.(done, total);
  }
  if (total !== undefined && done !== total) throw new UnreachableError("The connection was cut within an answer");
  const body = new Uint8Array(done);
  let at = 0;
  for (const part of parts) {
    body.set(part, at);
    at += part.length;
  }
  return body;
}

function acceptAnswer(response: Response, body: Uint8Array): Answer {
  const { status, headers } = response;
  if (response.type === "opaqueredirect" || (status >= 300 && status < 400 && status !== 304)) {
    throw new RedirectedError(status);
  }
  if (status < 400 && status !== 0) return { status, headers, body };
  throw errorOfAnswer(status, headers, body);
}

/** Only a problem of the protocol's shape is believed: a proxy's 404 must not look like a missing wallet. */
function errorOfAnswer(status: number, headers: Headers, body: Uint8Array): CloudBackupError {
  const seconds = Number(headers.get("retry-after") ?? Number.NaN);
  const retryAfterMs = Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
  const members = headers.get("content-type")?.startsWith("application/problem+json") ? tryParse(body) : undefined;
  if (typeof members?.code !== "string") {
    if (status >= 500 || status === 429)
      return new UnreachableError(`A server on the way answered with status ${status}`);
    return new BadResponseError(`What answered is no CloudBackup server (status ${status})`);
  }
  const textOf = (key: string) => (typeof members[key] === "string" ? members[key] : undefined);
  return errorOfProblem({
    status,
    code: members.code,
    title: textOf("title"),
    detail: textOf("detail"),
    requestId: textOf("requestId"),
    retryAfterMs,
    members,
  });
}

/** The JSON of an answer. @throws BadResponseError */
export function jsonOf(answer: Answer): unknown {
  if (!/^application\/json\b/.test(answer.headers.get("content-type") ?? "")) {
    throw new BadResponseError("The server answered something other than JSON");
  }
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(answer.body));
  } catch (error) {
    throw new BadResponseError("The server's JSON is broken", { cause: error });
  }
}

function tryParse(body: Uint8Array): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(body));
    return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
