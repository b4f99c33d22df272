import { defaultPrimitives } from "@cloudbackup/core";
import { decodeBundle, encodeIds } from "@cloudbackup/core/wire";
import { bytesToHex } from "@noble/hashes/utils.js";
import { type Attack, attack, type Exchange, isCommit, isWallet, page, problem, withJson } from "./attack.ts";

/*
 * What a server says of a backup that was sent to it.
 */

const BAD_RESPONSE = ["ERR_CB_BAD_RESPONSE"];
const HASH = "ab".repeat(32);

function onCommit(
  name: string,
  does: string,
  codes: readonly string[],
  answer: (exchange: Exchange) => Response | Promise<Response>,
): Attack {
  return attack({ name, does, codes, against: "backup", device: "seen" }, (exchange) =>
    isCommit(exchange) ? answer(exchange) : undefined,
  );
}

function onReceipt(
  name: string,
  does: string,
  codes: readonly string[],
  change: (receipt: Record<string, unknown>) => unknown,
) {
  return onCommit(name, does, codes, ({ honest }) => withJson(honest(), change));
}

/** Says that chunks are missing, and answers the question which. */
function missing(
  name: string,
  does: string,
  codes: readonly string[],
  answer: (exchange: Exchange) => Response | Promise<Response>,
): Attack {
  return attack({ name, does, codes, against: "backup", device: "seen" }, (exchange) => {
    if (isCommit(exchange)) return problem(422, "chunks-missing", { members: { ids: [] } });
    return exchange.path.endsWith("/chunks/missing") ? answer(exchange) : undefined;
  });
}

const idsAnswer = (ids: Uint8Array[]) =>
  new Response(encodeIds(ids) as BodyInit, { headers: { "content-type": "application/cbor" } });

export const COMMIT_ATTACKS: readonly Attack[] = [
  onReceipt("receipt-for-another-number", "acknowledges another revision", BAD_RESPONSE, (receipt) => ({
    ...receipt,
    revision: 99,
  })),
  onReceipt("receipt-for-another-hash", "acknowledges another backup", BAD_RESPONSE, (receipt) => ({
    ...receipt,
    sha256: HASH,
  })),
  onReceipt("receipt-without-a-time", "acknowledges at no time", BAD_RESPONSE, (receipt) => ({
    ...receipt,
    storedAt: null,
  })),
  onReceipt("receipt-of-a-list", "acknowledges in a list", BAD_RESPONSE, (receipt) => [receipt]),
  onCommit(
    "receipt-of-nothing",
    "acknowledges without a word",
    BAD_RESPONSE,
    () => new Response(null, { status: 204 }),
  ),
  onCommit("receipt-by-a-page", "acknowledges by a page", BAD_RESPONSE, () => page(200)),
  onCommit("commit-redirected", "sends the backup elsewhere", ["ERR_CB_REDIRECTED"], () => {
    return new Response(null, { status: 307, headers: { location: "https://evil.example/" } });
  }),
  onCommit("conflict-with-nothing", "names a conflict, and not with what", ["ERR_CB_REVISION_CONFLICT"], () =>
    problem(409, "revision-conflict"),
  ),
  onCommit(
    "conflict-beyond-numbers",
    "names a conflict with a revision beyond numbers",
    ["ERR_CB_REVISION_CONFLICT"],
    () => problem(409, "revision-conflict", { members: { currentRevision: 1e300, currentSha256: ["x"] } }),
  ),
  attack(
    {
      name: "conflict-for-ever",
      does: "names a conflict with the backup that it is sent",
      codes: ["ERR_CB_REVISION_CONFLICT"],
      against: "backup",
      device: "seen",
    },
    (exchange) => {
      if (!isCommit(exchange)) return undefined;
      const { head } = decodeBundle(exchange.init.body as Uint8Array);
      const currentSha256 = bytesToHex(defaultPrimitives.sha256(head.envelope));
      return problem(409, "revision-conflict", { members: { currentRevision: 99, currentSha256 } });
    },
  ),
  onCommit("too-large", "finds every backup too large", ["ERR_CB_REFUSED"], () => problem(413, "too-large")),
  onCommit("no-room", "has no room for any", ["ERR_CB_QUOTA_EXCEEDED"], () => problem(507, "quota-exceeded")),
  onCommit("wrong-address", "says that it is called by another name", ["ERR_CB_WRONG_ORIGIN"], () =>
    problem(403, "wrong-origin"),
  ),
  missing("nothing-missing", "misses chunks, and does not say which", ["ERR_CB_CHUNKS_MISSING"], () => idsAnswer([])),
  missing(
    "everything-missing",
    "misses every chunk, again and again",
    ["ERR_CB_CHUNKS_MISSING"],
    ({ init }) => new Response(init.body as BodyInit, { headers: { "content-type": "application/cbor" } }),
  ),
  missing("never-offered", "misses chunks that nobody offered", BAD_RESPONSE, () =>
    idsAnswer([new Uint8Array(32).fill(7)]),
  ),
  missing(
    "missing-twice",
    "misses a chunk more often than there are chunks",
    BAD_RESPONSE,
    ({ init }) =>
      new Response(new Uint8Array([...(init.body as Uint8Array), 0]), {
        headers: { "content-type": "application/cbor" },
      }),
  ),
  missing("missing-without-end", "misses chunks without end", ["ERR_CB_TOO_LARGE"], () =>
    idsAnswer(Array.from({ length: 10_000 }, () => new Uint8Array(32))),
  ),
  missing("missing-in-json", "names what is missing in JSON", BAD_RESPONSE, () => Response.json([])),
  attack(
    {
      name: "number-at-the-end",
      does: "says that the wallet has used up its numbers",
      codes: BAD_RESPONSE,
      against: "backup",
    },
    (exchange) =>
      isWallet(exchange)
        ? withJson(exchange.honest(), (json) => ({ ...json, revision: Number.MAX_SAFE_INTEGER, sha256: null }))
        : undefined,
  ),
];
