import { decodeBundleHead, decodeChunkItems, decodeIds, decodeWholeBundle } from "@cloudbackup/core/wire";
import { PROBLEMS, type ProblemCode } from "../../../packages/server/src/errors.ts";
import { ACCEPTED, claim, claimEqual, defineTarget, type Target } from "../target.ts";
import { mutateRequest } from "./server-mutations.ts";
import { makeRequest, REQUEST_NAMES } from "./server-requests.ts";
import { type InjectAnswer, type InjectOptions, ServerWorld } from "./server-world.ts";

/** What stands behind a session, a signature and a right form is reached by cases that build on each other. */
const BLOCK = 1_000;

export const serverTargets: readonly Target[] = [
  defineTarget({
    name: "server",
    share: 10,
    block: BLOCK,
    open: async () => {
      const world = await ServerWorld.open();
      return {
        make: (source) => {
          const name = source.pick(REQUEST_NAMES);
          return { name, request: mutateRequest(source, makeRequest(name, world, source), world) };
        },
        check: async ({ name, request }: { name: string; request: InjectOptions }) => {
          const answer = await answerOf(world, request);
          const outcome = outcomeOf(answer, request);
          if (outcome === ACCEPTED && CHANGES.includes(name)) await world.lookAgain();
          return outcome;
        },
        close: () => world.close(),
      };
    },
  }),
];

type Answer = Pick<InjectAnswer, "statusCode" | "headers" | "rawPayload" | "body">;

/** Of a stream of events, which has no end, what comes first. */
async function answerOf({ app }: ServerWorld, request: InjectOptions): Promise<Answer> {
  if (!String(request.url).includes("/events")) return app.inject(request);
  const { statusCode, headers, stream } = await app.inject({ ...request, payloadAsStream: true });
  const parts: Uint8Array[] = [];
  for await (const part of stream()) {
    parts.push(part);
    if (headers["content-type"] === EVENTS) break;
  }
  const rawPayload = Buffer.concat(parts);
  return { statusCode, headers, rawPayload, body: rawPayload.toString() };
}

const EVENTS = "text/event-stream";

/** Requests after which the wallet is another one. */
const CHANGES = ["commit", "delete wallet", "register wallet"];

/** Every answer is what was asked for or a problem of the protocol, and never the server's own mistake. */
function outcomeOf(answer: Answer, { method }: InjectOptions): string {
  const { statusCode, headers, rawPayload } = answer;
  const type = String(headers["content-type"] ?? "").split(";", 1)[0];
  if (statusCode < 400) {
    claim([200, 201, 202, 204, 304].includes(statusCode), `status ${statusCode} is one of the protocol`);
    if (method !== "HEAD" && rawPayload.length > 0) claimReadable(type, rawPayload);
    return ACCEPTED;
  }
  if (method === "HEAD") return `${statusCode}`;
  claimEqual(type, "application/problem+json", "a failure is a problem");
  const problem = JSON.parse(answer.body);
  const definition = PROBLEMS[problem.code as ProblemCode];
  claim(definition !== undefined, `${problem.code} is a code of the protocol`);
  claimEqual([statusCode, problem.status], [definition.status, definition.status], "a problem has its status");
  claim(statusCode < 500, `the server makes no mistake: ${answer.body}`);
  return problem.code;
}

function claimReadable(type: string | undefined, body: Uint8Array): void {
  if (type === "application/json") JSON.parse(Buffer.from(body).toString());
  else if (type === "application/cbor") decodeIds(body);
  else if (type === "application/cbor-seq") readSequence(new Uint8Array(body));
  else if (type === EVENTS) claim(Buffer.from(body).toString().startsWith(":\n\n"), "a stream begins with a comment");
  else claim(type === "text/html" || type === "text/plain", `a page or what the protocol says, not ${type}`);
}

/** A bundle begins with a map, its head alone is one, chunks are arrays. */
function readSequence(body: Uint8Array): void {
  if ((body[0] as number) >> 5 === 4) {
    decodeChunkItems(body);
    return;
  }
  try {
    decodeWholeBundle(body);
  } catch {
    decodeBundleHead(body);
  }
}
