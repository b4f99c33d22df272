import { gzipSync } from "node:zlib";
import { describe, expect, it, vi } from "vitest";
import {
  BadCredentialsError,
  BadResponseError,
  ChunksMissingError,
  NoBackupError,
  NotActivatedError,
  NotSignedInError,
  NoWalletError,
  QuotaExceededError,
  RateLimitedError,
  RedirectedError,
  RefusedError,
  RevisionConflictError,
  TokenSpentError,
  TooLargeError,
  UnavailableError,
  UnreachableError,
  UsernameTakenError,
  WrongOriginError,
} from "../../src/errors.ts";
import { type ClientOptions, resolveOptions } from "../../src/options.ts";
import { type RequestOptions, Transport } from "../../src/transport.ts";
import { errorOf, wordsOf } from "../support/errors.ts";
import { FakeClock, settle, until } from "../support/fake-clock.ts";
import { json, problem, serve } from "../support/http.ts";

const transportTo = (url: string, options: Partial<ClientOptions> = {}) =>
  new Transport(resolveOptions({ url, retry: { attempts: 3, baseMs: 1, maxMs: 2 }, ...options }));
const get: RequestOptions = { method: "GET", path: "v1/thing", expect: "json", maxBytes: 1000, idempotent: true };
const post: RequestOptions = { ...get, method: "POST", idempotent: false };
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
/** A `fetch` that answers by itself. */
const answering = (response: () => Response | Promise<Response>) => vi.fn(async () => response());
const jsonResponse = (body: BodyInit | null, headers: Record<string, string> = {}) =>
  new Response(body, { headers: { "content-type": "application/json", ...headers } });

describe("a request", () => {
  it("goes below the client's URL, with what it carries and no more", async () => {
    const server = await serve((_, reply) => json(reply, { a: 1 }));
    const transport = transportTo(`${server.url}/under`);
    const headers = { authorization: "Bearer t" };
    expect(await transport.sendJson({ ...post, headers, json: { b: 2 } })).toEqual({ a: 1 });
    expect(server.requests).toMatchObject([
      {
        method: "POST",
        path: "/under/v1/thing",
        headers: { authorization: "Bearer t", "content-type": "application/json" },
      },
    ]);
    expect(server.requests[0]?.headers).not.toHaveProperty("cookie");
    expect(transport.origin).toBe(server.url);
  });

  it("reports what has been received", async () => {
    const server = await serve((_, reply) => json(reply, { a: "x".repeat(100) }));
    const onReceived = vi.fn();
    await transportTo(server.url).send({ ...get, onReceived });
    expect(onReceived).toHaveBeenLastCalledWith(108, undefined);
  });

  it("fails with what its own listener throws, once", async () => {
    const mine = new Error("mine");
    const fetch = answering(() => jsonResponse("{}"));
    const onReceived = () => {
      throw mine;
    };
    expect(await errorOf(transportTo("http://localhost", { fetch }).send({ ...get, onReceived }))).toBe(mine);
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it("takes an answer without a stream, as in React Native", async () => {
    const bytes = new TextEncoder().encode("[1,2]");
    const fetch = answering(
      () =>
        ({
          status: 200,
          type: "basic",
          headers: new Headers({ "content-type": "application/json" }),
          arrayBuffer: async () => bytes.buffer,
        }) as Response,
    );
    const transport = transportTo("http://localhost", { fetch });
    expect(await transport.sendJson(get)).toEqual([1, 2]);
    await expect(transport.send({ ...get, maxBytes: 4 })).rejects.toThrow(TooLargeError);
  });

  it("takes a compressed answer, whose announced length is that of other bytes", async () => {
    const server = await serve((_, reply) => {
      const body = gzipSync(JSON.stringify("x".repeat(500)));
      reply.writeHead(200, {
        "content-type": "application/json",
        "content-encoding": "gzip",
        "content-length": body.length,
      });
      reply.end(body);
    });
    expect(await transportTo(server.url).sendJson(get)).toBe("x".repeat(500));
  });
});

describe("silence", () => {
  it("ends a request that gets no answer", async () => {
    const clock = new FakeClock();
    const fetch = vi.fn(() => new Promise<Response>(() => undefined));
    const failed = errorOf(transportTo("http://localhost", { fetch, clock, timeoutMs: 5_000 }).send(post));
    await clock.advance(4_999);
    expect(clock.waiting).toEqual(["background"]);
    await clock.advance(1);
    expect(await failed).toBeInstanceOf(UnreachableError);
    expect((await failed).message).toContain("silent for 5 seconds");
    expect(clock.waiting).toEqual([]);
  });

  it("ends a body that stalls, however long it was lively before", async () => {
    const clock = new FakeClock();
    let body: ReadableStreamDefaultController | undefined;
    const stream = new ReadableStream({
      start: (controller) => {
        body = controller;
      },
    });
    const fetch = answering(() => jsonResponse(stream));
    const failed = errorOf(transportTo("http://localhost", { fetch, clock, timeoutMs: 5_000 }).send(post));
    for (let i = 0; i < 5; i++) {
      await clock.advance(4_000);
      body?.enqueue(Uint8Array.of(0x20));
      await settle();
    }
    await clock.advance(5_000);
    expect(await failed).toMatchObject({ code: "ERR_CB_UNREACHABLE", message: expect.stringContaining("silent") });
  });

  it("ends a body that drips, however long it was fast before", async () => {
    const clock = new FakeClock();
    let body: ReadableStreamDefaultController | undefined;
    const stream = new ReadableStream({
      start: (controller) => {
        body = controller;
      },
    });
    const request = { ...post, maxBytes: 2 * 1024 * 1024 };
    const fetch = answering(() => jsonResponse(stream));
    const failed = errorOf(transportTo("http://localhost", { fetch, clock }).send(request));
    const receive = async (bytes: number) => {
      await clock.advance(20_000);
      body?.enqueue(new Uint8Array(bytes).fill(0x20));
      await settle();
    };
    await receive(1024 * 1024);
    // A kibibyte per second is enough, for as long as it takes.
    for (let i = 0; i < 11; i++) await receive(20 * 1024);
    let hasFailed = false;
    void failed.then(() => {
      hasFailed = true;
    });
    for (let i = 0; i < 2; i++) await receive(1);
    expect(hasFailed).toBe(false);
    await receive(1);
    expect(await failed).toMatchObject({
      code: "ERR_CB_UNREACHABLE",
      retryable: true,
      message: expect.stringContaining("too slowly"),
    });
    expect(clock.waiting).toEqual([]);
  });

  it("lets a short answer take its minute", async () => {
    const clock = new FakeClock();
    let body: ReadableStreamDefaultController | undefined;
    const stream = new ReadableStream({
      start: (controller) => {
        body = controller;
      },
    });
    const fetch = answering(() => jsonResponse(stream));
    const answer = transportTo("http://localhost", { fetch, clock }).send(post);
    for (const byte of "[7]") {
      await clock.advance(19_000);
      body?.enqueue(new TextEncoder().encode(byte));
      await settle();
    }
    body?.close();
    expect(new TextDecoder().decode(await answer)).toBe("[7]");
  });

  it("closes the connection of a body that stalls", async () => {
    const clock = new FakeClock();
    let closed = false;
    const server = await serve((request, reply) => {
      request.socket.on("close", () => {
        closed = true;
      });
      reply.writeHead(200, { "content-type": "application/json" }).write("[");
    });
    const onReceived = vi.fn();
    const failed = errorOf(transportTo(server.url, { clock }).send({ ...post, onReceived }));
    await until(() => onReceived.mock.calls.length > 0);
    await clock.advance(30_000);
    expect(await failed).toBeInstanceOf(UnreachableError);
    await until(() => closed);
  });

  it("is given the time that an upload takes on a slow link", async () => {
    const clock = new FakeClock();
    let answer: (response: Response) => void = () => undefined;
    const fetch = () =>
      new Promise<Response>((resolve) => {
        answer = resolve;
      });
    const body = new Uint8Array(4 * 1024 * 1024);
    const sent = transportTo("http://localhost", { fetch, clock }).send({ ...post, body });
    await clock.advance(250_000);
    answer(jsonResponse("{}"));
    expect(textOf(await sent)).toBe("{}");
  });
});

describe("an abort", () => {
  it("rethrows the reason, before anything is sent", async () => {
    const fetch = answering(() => jsonResponse("{}"));
    const reason = new Error("enough");
    const failed = transportTo("http://localhost", { fetch }).send({ ...get, signal: AbortSignal.abort(reason) });
    expect(await errorOf(failed)).toBe(reason);
    expect(fetch).not.toHaveBeenCalled();
  });

  it("rethrows the reason within an answer", async () => {
    const server = await serve(
      (_, reply) => void reply.writeHead(200, { "content-type": "application/json" }).write("["),
    );
    const controller = new AbortController();
    const reason = { why: "no error at all" };
    const onReceived = () => controller.abort(reason);
    const failed = transportTo(server.url).send({ ...get, signal: controller.signal, onReceived });
    expect(await errorOf(failed)).toBe(reason);
  });

  it("rethrows the reason while it waits for the next try", async () => {
    const clock = new FakeClock();
    const fetch = answering(() => Promise.reject(new TypeError("fetch failed")));
    const controller = new AbortController();
    const retry = { attempts: 3, baseMs: 1_000, maxMs: 1_000 };
    const failed = errorOf(
      transportTo("http://localhost", { fetch, clock, retry }).send({ ...get, signal: controller.signal }),
    );
    await settle();
    expect(clock.waiting).toEqual(["foreground"]);
    controller.abort("enough");
    expect(await failed).toBe("enough");
    expect(clock.waiting).toEqual([]);
    expect(fetch).toHaveBeenCalledTimes(1);
  });
});

describe("size", () => {
  it("is refused by what is announced, before it is read", async () => {
    const server = await serve(
      (_, reply) =>
        void reply.writeHead(200, { "content-type": "application/json", "content-length": "1001" }).write("["),
    );
    await expect(transportTo(server.url).send(get)).rejects.toThrow(TooLargeError);
    expect(server.requests).toHaveLength(1);
  });

  it("is refused by what comes", async () => {
    const server = await serve((_, reply) => {
      reply.writeHead(200, { "content-type": "application/json" });
      const more = () => {
        while (!reply.destroyed && reply.write("x".repeat(10_000)));
      };
      reply.on("drain", more);
      more();
    });
    await expect(transportTo(server.url).send(get)).rejects.toThrow(TooLargeError);
  });

  it.each([10, 3])("of %i is a cut connection where another was announced", async (announced) => {
    const fetch = answering(() => jsonResponse("[1,2]", { "content-length": String(announced) }));
    await expect(transportTo("http://localhost", { fetch }).send(post)).rejects.toThrow(UnreachableError);
  });
});

it.each(["-1", "1e99", "5, 5"])("an answer that announces %j bytes is read to its end", async (announced) => {
  const fetch = answering(() => jsonResponse("[1,2]", { "content-length": announced }));
  expect(await transportTo("http://localhost", { fetch }).sendJson(post)).toEqual([1, 2]);
});

describe("a connection", () => {
  it("that is cut within an answer is tried again", async () => {
    let count = 0;
    const server = await serve((request, reply) => {
      if (++count === 3) return json(reply, [1, 2]);
      reply
        .writeHead(200, { "content-type": "application/json", "content-length": "5" })
        .write("[1", () => request.socket.destroy());
    });
    expect(await transportTo(server.url).sendJson(get)).toEqual([1, 2]);
    expect(count).toBe(3);
  });

  it("that nobody takes is an unreachable server", async () => {
    const server = await serve(() => undefined);
    await server.stop();
    expect(await errorOf(transportTo(server.url).send(get))).toMatchObject({
      code: "ERR_CB_UNREACHABLE",
      retryable: true,
    });
  });

  it("is tried again only where twice is as good as once", async () => {
    const fetch = answering(() => Promise.reject(new TypeError("fetch failed")));
    const transport = transportTo("http://localhost", { fetch });
    await errorOf(transport.send(post));
    expect(fetch).toHaveBeenCalledTimes(1);
    await errorOf(transport.send(get));
    expect(fetch).toHaveBeenCalledTimes(4);
  });
});

describe("a redirect", () => {
  it.each([301, 302, 303, 307, 308])(
    "of status %i is not followed, and nothing reaches where it leads",
    async (status) => {
      const other = await serve((_, reply) => json(reply, {}));
      const server = await serve(
        (_, reply) => void reply.writeHead(status, { location: `${other.url}/v1/thing` }).end("x".repeat(5_000)),
      );
      const headers = { authorization: "Bearer secret" };
      const failed = transportTo(server.url).send({ ...get, headers });
      expect(await errorOf(failed)).toBeInstanceOf(RedirectedError);
      await expect(transportTo(server.url).send({ ...post, headers, json: {} })).rejects.toThrow(RedirectedError);
      expect(server.requests).toHaveLength(2);
      expect(other.requests).toEqual([]);
    },
  );

  it("is seen in a browser, which shows neither status nor target", async () => {
    const fetch = answering(() =>
      Object.defineProperties(new Response(null), { type: { value: "opaqueredirect" }, status: { value: 0 } }),
    );
    await expect(transportTo("http://localhost", { fetch }).send(get)).rejects.toThrow(RedirectedError);
  });
});

describe("what is no CloudBackup server", () => {
  const page = (status: number, body = "<html>Log in to the hotel's network</html>") =>
    serve((_, reply) => void reply.writeHead(status, { "content-type": "text/html" }).end(body));

  it.each(["json", "cbor", "cbor-seq", "receipt"] as const)(
    "is a captive portal where %s was expected",
    async (expect_) => {
      const { url } = await page(200);
      await expect(transportTo(url).send({ ...post, expect: expect_ })).rejects.toThrow(BadResponseError);
    },
  );

  it("is a page of any size", async () => {
    const { url } = await page(200, "x".repeat(100_000));
    await expect(transportTo(url).send(post)).rejects.toThrow(BadResponseError);
  });

  it.each([400, 401, 403, 404, 410])("is a proxy that answers %i: never a missing wallet", async (status) => {
    const { url } = await page(status, "x".repeat(100_000));
    expect(await errorOf(transportTo(url).send(post))).toMatchObject({ code: "ERR_CB_BAD_RESPONSE", retryable: true });
  });

  it("is JSON of another shape", async () => {
    const server = await serve((_, reply) => json(reply, { code: "no-wallet" }, 404));
    await expect(transportTo(server.url).send(post)).rejects.toThrow(BadResponseError);
  });

  it.each([429, 500, 502, 503, 504, 511])("is a gateway that answers %i: try again", async (status) => {
    const server = await page(status);
    await expect(transportTo(server.url).send(get)).rejects.toThrow(UnreachableError);
    expect(server.requests).toHaveLength(3);
  });

  it.each(["{", "[1,2", '{"code":7}', "null", "x".repeat(70_000)])("is a broken problem: %.20s", async (body) => {
    const server = await serve(
      (_, reply) => void reply.writeHead(404, { "content-type": "application/problem+json" }).end(body),
    );
    await expect(transportTo(server.url).send(post)).rejects.toThrow(BadResponseError);
  });

  it.each([204, 304])("is an answer of status %i where a body was expected", async (status) => {
    const server = await serve((_, reply) => void reply.writeHead(status).end());
    await expect(transportTo(server.url).send(post)).rejects.toThrow(BadResponseError);
  });

  it("is broken JSON, of which nothing is repeated", async () => {
    const server = await serve(
      (_, reply) => void reply.writeHead(200, { "content-type": "application/json" }).end('{"token":"hunter2'),
    );
    const error = await errorOf(transportTo(server.url).sendJson(post));
    expect(error).toBeInstanceOf(BadResponseError);
    expect(wordsOf(error)).not.toContain("hunter2");
  });
});

it.each([202, 204])("takes status %i for a receipt", async (status) => {
  const server = await serve((_, reply) => void reply.writeHead(status).end());
  expect(await transportTo(server.url).send({ ...post, expect: "receipt" })).toHaveLength(0);
});

it("takes JSON for a receipt, whatever the case of its type", async () => {
  const server = await serve((_, reply) => json(reply, {}, 201, "Application/JSON; charset=utf-8"));
  expect(await transportTo(server.url).send({ ...post, expect: "receipt" })).toHaveLength(2);
});

describe("a problem", () => {
  it.each([
    [401, "bad-credentials", BadCredentialsError],
    [403, "not-activated", NotActivatedError],
    [409, "username-taken", UsernameTakenError],
    [410, "token-spent", TokenSpentError],
    [422, "chunks-missing", ChunksMissingError],
    [507, "quota-exceeded", QuotaExceededError],
    [403, "wrong-origin", WrongOriginError],
    [401, "not-signed-in", NotSignedInError],
    [404, "no-wallet", NoWalletError],
    [404, "no-backup", NoBackupError],
    [409, "revision-conflict", RevisionConflictError],
    [429, "too-many-requests", RateLimitedError],
    [500, "internal", UnavailableError],
    [503, "unavailable", UnavailableError],
    [422, "invalid-request", RefusedError],
    [404, "no-route", RefusedError],
    [422, "constructor", RefusedError],
    [422, "__proto__", RefusedError],
    [422, "toString", RefusedError],
  ])("of status %i named %s has its error", async (status, code, kind) => {
    const server = await serve((_, reply) => problem(reply, status, code));
    const error = await errorOf(transportTo(server.url).send(post));
    expect(error.constructor).toBe(kind);
    expect(error).toBeInstanceOf(Error);
  });

  it("says what the server says", async () => {
    const server = await serve((_, reply) =>
      problem(reply, 422, "too-odd", { members: { detail: "it is odd" }, headers: { "retry-after": "7" } }),
    );
    expect(await errorOf(transportTo(server.url).send(post))).toMatchObject({
      message: "it is odd",
      status: 422,
      problem: "too-odd",
      requestId: "r1",
      retryAfterMs: 7_000,
      retryable: false,
    });
  });

  it("of a conflict names what is there, where the server does", async () => {
    let members: object = { currentRevision: 7, currentSha256: "ab".repeat(32) };
    const server = await serve((_, reply) => problem(reply, 409, "revision-conflict", { members }));
    expect(await errorOf(transportTo(server.url).send(post))).toMatchObject(members);
    members = { currentRevision: "seven", currentSha256: null };
    const error = await errorOf(transportTo(server.url).send(post));
    expect(error).toMatchObject({ currentRevision: 0, currentSha256: undefined });
  });

  it("that passes is tried again as soon as the server allows", async () => {
    const clock = new FakeClock();
    let count = 0;
    const fetch = answering(() => {
      if (++count > 1) return jsonResponse("{}");
      const headers = { "content-type": "application/problem+json", "retry-after": "3" };
      return new Response(JSON.stringify({ code: "unavailable" }), { status: 503, headers });
    });
    const retry = { attempts: 3, baseMs: 1, maxMs: 5_000 };
    const sent = transportTo("http://localhost", { fetch, clock, retry }).send(get);
    await clock.advance(2_999);
    expect(count).toBe(1);
    await clock.advance(1);
    expect(textOf(await sent)).toBe("{}");
  });

  it("that passes only after long is told, instead of waited for unseen", async () => {
    const server = await serve((_, reply) => problem(reply, 429, "slow-down", { headers: { "retry-after": "3600" } }));
    expect(await errorOf(transportTo(server.url).send(get))).toMatchObject({
      retryAfterMs: 3_600_000,
      retryable: true,
    });
    expect(server.requests).toHaveLength(1);
  });
});
