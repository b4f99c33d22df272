import { type Attack, attack, type Exchange, isLatest, page, problem } from "./attack.ts";
import { bundleAnswer } from "./bundles.ts";

/*
 * Answers that are not of the protocol, or say what is not so: the attacks on what a client takes an answer for.
 */

const BAD_RESPONSE = ["ERR_CB_BAD_RESPONSE"];
const UNREACHABLE = ["ERR_CB_UNREACHABLE"];
const REDIRECTED = ["ERR_CB_REDIRECTED"];

function onLatest(
  name: string,
  does: string,
  codes: readonly string[],
  answer: (exchange: Exchange) => Response | Promise<Response>,
  device: Attack["device"] = "any",
): Attack {
  return attack({ name, does, codes, device }, (exchange) => (isLatest(exchange) ? answer(exchange) : undefined));
}

/** The honest body with another status, type or other headers. */
function dressed(status: number, headers: Record<string, string>) {
  return async ({ honest }: Exchange) => new Response(await (await honest()).arrayBuffer(), { status, headers });
}

const SEQUENCE = { "content-type": "application/cbor-seq" };

export const ANSWER_ATTACKS: readonly Attack[] = [
  onLatest(
    "wrong-type",
    "says that a backup is something else",
    BAD_RESPONSE,
    dressed(200, { "content-type": "application/octet-stream" }),
  ),
  onLatest(
    "type-of-one-item",
    "says that a backup is one item",
    BAD_RESPONSE,
    dressed(200, { "content-type": "application/cbor" }),
  ),
  onLatest(
    "json-type",
    "says that a backup is JSON",
    BAD_RESPONSE,
    dressed(200, { "content-type": "application/json" }),
  ),
  onLatest("no-type", "says nothing of what it sends", BAD_RESPONSE, async ({ honest }) => {
    const response = new Response(await (await honest()).arrayBuffer());
    response.headers.delete("content-type");
    return response;
  }),
  onLatest(
    "type-with-parameters",
    "adds a parameter to the type, which says nothing",
    [],
    dressed(200, { "content-type": "application/cbor-seq; charset=utf-16" }),
  ),
  onLatest("partial-content", "says that a backup is a part of one", BAD_RESPONSE, dressed(206, SEQUENCE)),
  onLatest("strange-success", "answers a status that nobody knows", BAD_RESPONSE, dressed(299, SEQUENCE)),
  onLatest("no-content", "says that there is nothing to say", BAD_RESPONSE, () => new Response(null, { status: 204 })),
  onLatest(
    "not-modified",
    "says that nothing has changed, unasked",
    BAD_RESPONSE,
    () => new Response(null, { status: 304 }),
  ),
  onLatest(
    "stale-etag",
    "sends the tag of another backup, which a restore does not look at",
    [],
    dressed(200, { ...SEQUENCE, etag: `"${"00".repeat(32)}"` }),
  ),
  onLatest("page", "answers a page", BAD_RESPONSE, () => page(200)),
  onLatest("page-not-found", "answers a page of a proxy that finds nothing", BAD_RESPONSE, () => page(404)),
  onLatest("page-of-a-gateway", "answers a page of a proxy that fails", UNREACHABLE, () => page(502)),
  onLatest("redirect-elsewhere", "points to another server", REDIRECTED, () => redirect(302, "https://evil.example/")),
  onLatest("redirect-here", "points to itself", REDIRECTED, ({ path }) => redirect(307, path)),
  onLatest("redirect-for-ever", "points to itself for ever", REDIRECTED, ({ path }) => redirect(301, path)),
  onLatest("redirect-nowhere", "points, and does not say where", REDIRECTED, () => new Response(null, { status: 308 })),

  onLatest("problem-as-success", "answers a problem as if it were a backup", BAD_RESPONSE, () => {
    const { body, headers } = problem(404, "no-backup");
    return new Response(body, { status: 200, headers });
  }),
  onLatest("problem-of-no-shape", "answers a problem that is a list", BAD_RESPONSE, () => {
    return new Response("[]", { status: 404, headers: { "content-type": "application/problem+json" } });
  }),
  onLatest("problem-in-json", "answers a problem as plain JSON", BAD_RESPONSE, () => {
    return Response.json({ code: "no-backup", status: 404 }, { status: 404 });
  }),
  onLatest("problem-in-pieces", "answers half of a problem", BAD_RESPONSE, () => {
    return new Response('{"code":"no-ba', { status: 404, headers: { "content-type": "application/problem+json" } });
  }),
  onLatest("endless-problem", "answers a problem of a megabyte", BAD_RESPONSE, () =>
    problem(404, "no-backup", { members: { detail: "x".repeat(1_000_000) } }),
  ),
  onLatest("problem-of-a-prototype", "names a problem as every object has one", ["ERR_CB_REFUSED"], () =>
    problem(400, "__proto__", { members: { errors: [null, 1, { pointer: {}, detail: [] }] } }),
  ),
  onLatest("problem-of-a-constructor", "names another", ["ERR_CB_REFUSED"], () => problem(422, "constructor")),
  onLatest("wait-for-ever", "asks to wait for thirty thousand years", ["ERR_CB_UNAVAILABLE"], () =>
    problem(503, "unavailable", { headers: { "retry-after": "1000000000000" } }),
  ),
  onLatest("wait-beyond-numbers", "asks to wait for longer than numbers go", ["ERR_CB_RATE_LIMITED"], () =>
    problem(429, "rate-limited", { headers: { "retry-after": "9".repeat(400) } }),
  ),
  onLatest("wait-until-the-end", "asks to wait until the last day that dates have", ["ERR_CB_RATE_LIMITED"], () =>
    problem(429, "rate-limited", { headers: { "retry-after": "Fri, 31 Dec 9999 23:59:59 GMT" } }),
  ),
  onLatest(
    "no-backup",
    "says that nothing was ever backed up",
    ["ERR_CB_WENT_BACK"],
    () => problem(404, "no-backup"),
    "seen",
  ),
  onLatest("conflict-on-reading", "answers a conflict to who only reads", ["ERR_CB_REVISION_CONFLICT"], () =>
    problem(409, "revision-conflict", { members: { currentRevision: 1e300, currentSha256: {} } }),
  ),
  onLatest("random-bytes", "sends noise", ["ERR_CB_TAMPERED"], () =>
    bundleAnswer(Uint8Array.from({ length: 10_000 }, (_, i) => (i * 7919) & 0xff)),
  ),
];

function redirect(status: number, location: string): Response {
  return new Response(null, { status, headers: { location } });
}
