import type { Socket } from "node:net";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import fastifyPlugin from "fastify-plugin";
import { type ProblemCode, ProblemError, problemBody, StoreUnavailableError } from "./errors.ts";

const PROBLEM_TYPE = "application/problem+json";
/** How soon a client may ask again where the server cannot say. */
const RETRY_AFTER_SECONDS = "5";
/** A body full of mistakes is not answered by a longer one. */
const MAX_LISTED_ERRORS = 16;

/** Gives every failure the one shape of RFC 9457, whoever found it: a route, the router, a parser, the runtime. */
export const problems = fastifyPlugin(async (app: FastifyInstance) => {
  app.setErrorHandler(sendProblem);
  let closing = false;
  app.addHook("preClose", async () => {
    closing = true;
  });
  // A connection whose answer was under way when closing began is idle only now, and would be kept for a minute.
  app.addHook("onResponse", async () => {
    if (closing) setImmediate(() => app.server.closeIdleConnections());
  });
  // The framework's own answer while it closes would have another shape.
  app.addHook("onRequest", async (_request, reply) => {
    if (!closing) return;
    reply.header("connection", "close");
    throw new ProblemError("unavailable");
  });
});

/** Learns the routes that `app` gets from now on. Says of a request that none of them answers: 405 or 404. */
export function watchRoutes(app: FastifyInstance): (request: FastifyRequest) => ProblemError {
  const routes: { method: string; url: string }[] = [];
  app.addHook("onRoute", ({ method, url }) => {
    for (const each of [method].flat()) routes.push({ method: each, url });
  });
  return (request) => {
    const path = pathOf(request.url);
    const own = routes.filter(({ url }) => fits(url.split("/"), path.split("/")));
    if (own.length === 0) return new ProblemError("no-route");
    // Preflights, which are answered below an address whatever is there.
    const wide = routes.filter(({ url }) => url.endsWith("*") && path.startsWith(url.slice(0, -1)));
    const allow = [...new Set([...own, ...wide].map(({ method }) => method))].join(", ");
    return new ProblemError("method-not-allowed", `Use ${allow}`, { headers: { allow } });
  };
}

/** The error handler. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const problem = problemOf(error);
  if (problem.code === "internal") request.log.error({ err: error }, "request failed by a mistake of the server");
  else if (problem.code === "unavailable") request.log.error({ err: problem.cause ?? problem }, "request failed");
  if (problem.status === 401) reply.header("www-authenticate", "Bearer");
  if (problem.code === "unavailable") reply.header("retry-after", RETRY_AFTER_SECONDS);
  void reply
    .code(problem.status)
    .headers(problem.headers)
    .type(PROBLEM_TYPE)
    .send(JSON.stringify(problemBody(problem, request.id)));
}

/** Answers bytes that are no HTTP request: there is no request or reply to speak of yet. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket, requestId: string): void {
  if (socket.destroyed || error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const code: ProblemCode = error.code === "HPE_HEADER_OVERFLOW" ? "too-large" : "malformed-request";
  const isLate = error.code === "ERR_HTTP_REQUEST_TIMEOUT";
  const detail = isLate ? "The request did not arrive in time" : "This is no HTTP request that the server can read";
  const problem = new ProblemError(code, detail);
  const body = JSON.stringify(problemBody(problem, requestId));
  const head = [
    `HTTP/1.1 ${problem.status} ${code}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
  ];
  // Ended alone, a client that goes on sending would hold what its request has taken.
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
}

function problemOf(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof StoreUnavailableError) return new ProblemError("unavailable", undefined, { cause: error });
  const { validation, code, statusCode } = (error ?? {}) as Partial<FastifyError>;
  if (validation) return invalidRequest(validation, (error as FastifyError).validationContext);
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE" || statusCode === 413) return new ProblemError("too-large");
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") return new ProblemError("unsupported-media-type");
  const isClients = statusCode !== undefined && statusCode >= 400 && statusCode < 500;
  // The framework's words for what it could not parse hold nothing but the framework's words.
  if (isClients) return new ProblemError("malformed-request", (error as Error).message);
  return new ProblemError("internal", undefined, { cause: error });
}

type Validation = NonNullable<FastifyError["validation"]>[number] & { parentSchema?: { description?: string } };

/** What schemas found, each with a JSON pointer (RFC 6901) into the part of the request that it is about. */
function invalidRequest(validation: readonly Validation[], context: string | undefined): ProblemError {
  const errors = validation.slice(0, MAX_LISTED_ERRORS).map((each) => {
    const { missingProperty, additionalProperty } = each.params as Record<string, string | undefined>;
    const key = missingProperty ?? additionalProperty;
    const pointer = key === undefined ? each.instancePath : `${each.instancePath}/${escapePointer(key)}`;
    return { pointer, detail: wordsOf(each) };
  });
  const [first] = errors;
  const detail = `${context ?? "body"}${first?.pointer ?? ""}: ${first?.detail ?? "it is not valid"}`;
  return new ProblemError("invalid-request", detail, { members: { errors } });
}

/** The schema's own words where the validator has only a pattern to show. */
function wordsOf({ keyword, message, parentSchema }: Validation): string {
  if (keyword === "required") return "is missing";
  if (keyword === "additionalProperties") return "is not known";
  const described = ["pattern", "format", "minLength", "maxLength"].includes(keyword);
  return (described && parentSchema?.description) || message || "is not valid";
}

function escapePointer(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** A path without query: what stands there may be secret. */
export function pathOf(url: string): string {
  return url.split(/[?#;]/, 1)[0] ?? "";
}

function fits(pattern: readonly string[], path: readonly string[]): boolean {
  return pattern.length === path.length && pattern.every((each, i) => each.startsWith(":") || each === path[i]);
}
