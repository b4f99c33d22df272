import { throwIfAborted } from "./abort.ts";
import { parseJson } from "./answers.ts";
import { sleep } from "./clock.ts";
import { RedirectedError, UnreachableError } from "./errors.ts";
import type { ResolvedOptions } from "./options.ts";
import { type Reading, readAnswer } from "./response.ts";
import { askedDelayMs, isRetryable, retryDelayMs } from "./retry.ts";

export interface RequestOptions extends Pick<Reading, "expect" | "maxBytes" | "onReceived" | "onPart"> {
  method: "GET" | "POST" | "DELETE";
  /** Below the client's URL, without a leading slash: `v1/server`. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  /** JSON, or bytes with their own `content-type` in `headers`. */
  json?: unknown;
  body?: Uint8Array;
  /** Whether sending it twice does the same as once: only then is it tried again by itself. */
  idempotent: boolean;
  /** How long the server may be silent; by default the client's `timeoutMs`. */
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** JSON answers of a few fields. */
export const SMALL_ANSWER_BYTES = 64 * 1024;
/** Lists: a line of a history or a chain takes about 150 bytes. */
export const LIST_ANSWER_BYTES = 16 * 1024 * 1024;
/** `fetch` says nothing of an upload's progress: a body is given the time that it takes at 16 KiB/s. */
const SLOWEST_UPLOAD_BYTES_PER_MS = 16.384;

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
   * The body of a right answer.
   *
   * @throws the error of the problem that the server named; UnreachableError, BadResponseError, RedirectedError,
   *   TooLargeError; `signal.reason`
   */
  async send(request: RequestOptions): Promise<Uint8Array> {
    const { retry, random, clock } = this.#options;
    for (let attempt = 1; ; attempt++) {
      throwIfAborted(request.signal);
      try {
        return await this.#once(request);
      } catch (error) {
        throwIfAborted(request.signal);
        // Whoever is asked to wait for long says so, rather than hang.
        const isWorthWaiting = isRetryable(error) && askedDelayMs(error) <= retry.maxMs;
        if (!request.idempotent || !isWorthWaiting || attempt >= retry.attempts) throw error;
        await sleep(clock, retryDelayMs(attempt, retry, random, error), request.signal);
      }
    }
  }

  /** `send`, for an answer that is JSON. */
  async sendJson(request: Omit<RequestOptions, "expect">): Promise<unknown> {
    return parseJson(await this.send({ ...request, expect: "json" }));
  }

  async #once(request: RequestOptions): Promise<Uint8Array> {
    const { clock } = this.#options;
    const { timeoutMs = this.#options.timeoutMs } = request;
    const abort = new AbortController();
    const onAbort = () => abort.abort(request.signal?.reason);
    request.signal?.addEventListener("abort", onAbort);
    const aborted = rejectionOf(abort.signal);
    let timedOut = false;
    /** Awaits the next sign of life. */
    const next = async <T>(life: Promise<T>, extraMs = 0): Promise<T> => {
      const waitMs = timeoutMs + extraMs;
      const timer = clock.setTimeout(
        () => {
          timedOut = true;
          abort.abort();
        },
        waitMs,
        "background",
      );
      try {
        // Not every `fetch` heeds its signal, least of all within a body.
        return await Promise.race([life, aborted]);
      } catch (error) {
        if (timedOut) throw new UnreachableError(`The server was silent for ${Math.round(waitMs / 1000)} seconds`);
        throw new UnreachableError("The server cannot be reached, or the connection was cut", { cause: error });
      } finally {
        clock.clearTimeout(timer);
      }
    };
    try {
      const { init, bodyBytes } = initOf(request, abort.signal);
      const url = new URL(request.path, this.#options.url).href;
      const response = await next(this.#options.fetch(url, init), bodyBytes / SLOWEST_UPLOAD_BYTES_PER_MS);
      // Not every `fetch` knows `redirect` (React Native).
      if (response.url && new URL(response.url).origin !== this.origin) throw new RedirectedError();
      return await readAnswer(response, { ...request, next, now: () => clock.now() });
    } catch (error) {
      // Lets go of what is left of the answer.
      abort.abort();
      throw error;
    } finally {
      request.signal?.removeEventListener("abort", onAbort);
    }
  }
}

function initOf(request: RequestOptions, signal: AbortSignal): { init: RequestInit; bodyBytes: number } {
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
  return { init, bodyBytes: body?.length ?? 0 };
}

/** Rejects when the signal is aborted; nobody need look at it. */
function rejectionOf(signal: AbortSignal): Promise<never> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => undefined);
  return aborted;
}
