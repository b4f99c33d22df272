import cors from "@fastify/cors";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import { type FastifyInstance, type FastifyRequest, fastify, LogController } from "fastify";
import { backupRoutes } from "./backups/routes.ts";
import { hexOf } from "./bytes.ts";
import type { ResolvedConfig } from "./config.ts";
import type { Context } from "./context.ts";
import { eventRoutes } from "./events/routes.ts";
import { healthRoutes, serverRoutes } from "./health/routes.ts";
import { pageRoutes } from "./pages/routes.ts";
import { answerClientError, pathOf, problems, sendProblem, watchRoutes } from "./problems.ts";
import { sessionRoutes } from "./sessions/routes.ts";
import { closeUnusedConnections } from "./unused-connections.ts";
import { userRoutes } from "./users/routes.ts";
import { walletRoutes } from "./wallets/routes.ts";

/** JSON bodies are small; binary ones have a limit of their own. */
const MAX_JSON_BYTES = 64 * 1024;
/** A bundle or a sequence of chunks over the slowest link that is worth a try, about 30 KB/s. */
const REQUEST_TIMEOUT_MS = 5 * 60 * 1000;
const REQUEST_ID_BYTES = 8;

/** An application without routes, as every failure needs it. */
export function createBareApp(config: ResolvedConfig): FastifyInstance {
  const newRequestId = createRequestIds(config);
  const app = fastify({
    bodyLimit: MAX_JSON_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: "idle",
    return503OnClosing: false,
    exposeHeadRoutes: false,
    genReqId: newRequestId,
    requestIdHeader: false,
    // One line for a request, written below.
    logController: new LogController({ disableRequestLogging: true }),
    logger: loggerOptions(config),
    ajv: {
      // What arrives is judged as it is: a number in quotes is no number, an unknown key is a mistake.
      customOptions: {
        coerceTypes: false,
        removeAdditional: false,
        useDefaults: false,
        allErrors: true,
        verbose: true,
      },
    },
    frameworkErrors: (error, request, reply) => {
      // What is no URL reaches no plugin, that of CORS included.
      reply.header("access-control-allow-origin", "*");
      sendProblem(error, request, reply);
    },
    clientErrorHandler: (error, socket) => answerClientError(error, socket, newRequestId()),
  });
  closeUnusedConnections(app);
  app.removeContentTypeParser("text/plain");
  app.addHook("onResponse", async (request, reply) => {
    const { statusCode, elapsedTime } = reply;
    request.log.info({ req: request, statusCode, ms: Math.round(elapsedTime) }, "answered");
  });
  return app;
}

/** Adds the routes. Listens to nothing. */
export async function assembleApp(app: FastifyInstance, context: Context): Promise<void> {
  const unrouted = watchRoutes(app);
  await app.register(problems);
  // Before the body is looked at: that it is of the wrong type, or missing, is not what is wrong here.
  app.addHook("preParsing", (request, _reply, payload, done) => {
    if (request.is404) done(unrouted(request));
    else done(null, payload);
  });
  const notFound = (request: FastifyRequest) => {
    throw unrouted(request);
  };
  app.setNotFoundHandler(notFound);
  await app.register(pageRoutes, context);
  await app.register(healthRoutes, context);
  await app.register(
    async (v1) => {
      // Wallets run in browsers, on origins that nobody can list. There are no cookies here that could be borrowed.
      await v1.register(cors, {
        origin: "*",
        methods: ["GET", "POST", "PUT", "DELETE"],
        allowedHeaders: ["authorization", "content-type", "if-none-match", "cloudbackup-signature"],
        exposedHeaders: ["ETag", "Retry-After", "Location"],
        maxAge: 24 * 60 * 60,
        // The plugin's own refusal of an OPTIONS that is no preflight would have another shape than every failure.
        strictPreflight: false,
      });
      v1.addHook("onRequest", async (_request, reply) => {
        reply.headers({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
      });
      // Its own, so that it has the headers above.
      v1.setNotFoundHandler(notFound);
      const typed = v1.withTypeProvider<TypeBoxTypeProvider>();
      await typed.register(serverRoutes, context);
      await typed.register(userRoutes, context);
      await typed.register(sessionRoutes, context);
      await typed.register(walletRoutes, context);
      await typed.register(backupRoutes, context);
      await typed.register(eventRoutes, context);
    },
    { prefix: "/v1" },
  );
}

/** Randomness is drawn for many at once: a request is short beside a call of the system. */
function createRequestIds({ randomBytes }: ResolvedConfig): () => string {
  let drawn = new Uint8Array();
  return () => {
    if (drawn.length === 0) drawn = new Uint8Array(randomBytes(REQUEST_ID_BYTES * 128));
    const id = hexOf(drawn.subarray(0, REQUEST_ID_BYTES));
    drawn = drawn.subarray(REQUEST_ID_BYTES);
    return id;
  };
}

/** Neither bodies nor headers are logged; redaction is for who logs a header later without a thought. */
function loggerOptions(config: ResolvedConfig) {
  return {
    level: config.logLevel,
    ...(config.logTo ? { stream: config.logTo } : {}),
    redact: ["authorization", "cookie", '["cloudbackup-signature"]'].flatMap((header) => {
      const path = header.startsWith("[") ? header : `.${header}`;
      return [`headers${path}`, `req.headers${path}`, `*.headers${path}`];
    }),
    serializers: {
      req: (request: { method: string; url: string; ip: string }) => ({
        method: request.method,
        path: pathOf(request.url),
        ip: request.ip,
      }),
    },
  };
}
