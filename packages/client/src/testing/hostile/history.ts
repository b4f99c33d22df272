import { createTestServer, type TestServer } from "../test-server.ts";
import {
  type Attack,
  attack,
  type Exchange,
  isLatest,
  isWallet,
  page,
  problem,
  walletIdIn,
  withJson,
} from "./attack.ts";

/*
 * What was, told otherwise: older states, other histories, and a wallet that is said to be gone.
 */

const FORK = ["ERR_CB_FORK"];
const BAD_RESPONSE = ["ERR_CB_BAD_RESPONSE"];

/** The same server as it was at that revision: consistent in everything that it says. */
function past(server: TestServer, walletId: string, revision: number): TestServer {
  const copy = createTestServer({ url: server.url, realm: server.realm });
  copy.restore(server.snapshot());
  copy.goBack(walletId, revision);
  return copy;
}

/** `then`: which of the wallet's revisions, newest first, is shown. */
function backInTime(name: string, does: string, then: (revisions: readonly number[]) => number): Attack {
  return attack({ name, does, codes: ["ERR_CB_WENT_BACK"], device: "seen" }, (exchange, server) => {
    const id = walletIdIn(exchange);
    if (id === "" || exchange.method !== "GET") return undefined;
    const revisions = server.revisions(id).map(({ revision }) => revision);
    return past(server, id, then(revisions)).fetch(server.url + exchange.path, exchange.init);
  });
}

/** For a device whose mark lies behind the latest, so that it asks for the hashes between. */
function onChain(
  name: string,
  does: string,
  codes: readonly string[],
  change: (chain: [number, string][]) => unknown,
): Attack {
  return attack({ name, does, codes, device: "behind" }, (exchange) => {
    if (!exchange.path.includes("/chain")) return undefined;
    return withJson(exchange.honest(), (json) => change(json as unknown as [number, string][]));
  });
}

function onHistory(name: string, does: string, codes: readonly string[], change: (list: object[]) => unknown): Attack {
  return attack({ name, does, codes, against: "history" }, (exchange) => {
    if (exchange.method !== "GET" || !exchange.path.endsWith("/backups")) return undefined;
    return withJson(exchange.honest(), (json) => change(json as unknown as object[]));
  });
}

/** Every request that would show the wallet, its seed's sign-in among them. */
function asGone(exchange: Exchange): boolean {
  return walletIdIn(exchange) !== "" || exchange.path === "/v1/sessions/wallet";
}

const HASH = "ab".repeat(32);

export const HISTORY_ATTACKS: readonly Attack[] = [
  backInTime("one-back", "shows the wallet as it was a backup ago", ([, before = 0]) => before),
  backInTime("first-again", "shows the wallet as it was after its first backup", (revisions) => revisions.at(-1) ?? 0),
  backInTime("empty-again", "shows the wallet as it was before any backup", () => 0),
  attack(
    { name: "older-bundle", does: "sends an older backup as the latest", codes: ["ERR_CB_WENT_BACK"], device: "seen" },
    (exchange, server) => {
      if (!isLatest(exchange)) return undefined;
      const [, before] = server.revisions(walletIdIn(exchange));
      return exchange.honest(exchange.path.replace("latest", `${before?.revision}`));
    },
  ),
  attack(
    { name: "gone", does: "says that there is no such wallet", codes: ["ERR_CB_WALLET_GONE"], device: "seen" },
    (exchange) => (asGone(exchange) ? problem(404, "no-wallet") : undefined),
  ),
  attack({ name: "gone-by-a-page", does: "says so by a page", codes: BAD_RESPONSE }, (exchange) =>
    asGone(exchange) ? page(404) : undefined,
  ),
  attack(
    {
      name: "gone-for-backups",
      does: "says so to who writes",
      codes: ["ERR_CB_WALLET_GONE"],
      against: "backup",
      device: "seen",
    },
    (exchange) => (asGone(exchange) ? problem(404, "no-wallet") : undefined),
  ),
  attack(
    {
      name: "emptied-for-backups",
      does: "says to who writes that nothing is there",
      codes: ["ERR_CB_WENT_BACK"],
      against: "backup",
      device: "seen",
    },
    (exchange) =>
      isWallet(exchange) ? withJson(exchange.honest(), (json) => ({ ...json, revision: 0, sha256: null })) : undefined,
  ),
  attack(
    {
      name: "another-hash",
      does: "gives the latest revision another hash",
      codes: FORK,
      against: "backup",
      device: "seen",
    },
    (exchange) => (isWallet(exchange) ? withJson(exchange.honest(), (json) => ({ ...json, sha256: HASH })) : undefined),
  ),
  attack(
    { name: "another-wallets-state", does: "describes another wallet", codes: BAD_RESPONSE, against: "backup" },
    (exchange) => (isWallet(exchange) ? withJson(exchange.honest(), (json) => ({ ...json, wallet: HASH })) : undefined),
  ),

  onChain("chain-without-a-revision", "leaves a revision out of the chain", FORK, ([first, , ...rest]) => [
    first,
    ...rest,
  ]),
  onChain(
    "chain-without-its-beginning",
    "leaves what the device has seen out of the chain",
    FORK,
    ([, ...rest]) => rest,
  ),
  onChain("chain-with-another-hash", "gives a revision of the chain another hash", FORK, ([first, second, ...rest]) => [
    first,
    [second?.[0], HASH],
    ...rest,
  ]),
  onChain("chain-with-another-beginning", "gives what the device has seen another hash", FORK, ([first, ...rest]) => [
    [first?.[0], HASH],
    ...rest,
  ]),
  onChain("reordered-chain", "sends the chain backwards", BAD_RESPONSE, (chain) => [...chain].reverse()),
  onChain("repeated-chain", "says a revision of the chain twice", BAD_RESPONSE, ([first, ...rest]) => [
    first,
    first,
    ...rest,
  ]),
  onChain("empty-chain", "knows no chain", FORK, () => []),
  onChain("chain-of-no-hashes", "sends a chain of something else", BAD_RESPONSE, () => [[1, "xyz"]]),
  onChain("chain-of-no-list", "sends something else for a chain", BAD_RESPONSE, () => ({ chain: [] })),
  onChain("endless-chain", "sends a chain without end", ["ERR_CB_TOO_LARGE"], () =>
    Array.from({ length: 250_000 }, (_, i) => [i + 1, HASH]),
  ),

  onHistory("impossible-number", "lists a revision 1.5", BAD_RESPONSE, () => [{ ...entry(), revision: 1.5 }]),
  onHistory("number-beyond-numbers", "lists a revision beyond 2^53", BAD_RESPONSE, () => [
    { ...entry(), revision: 2 ** 60 },
  ]),
  onHistory("negative-size", "lists a size below 0", BAD_RESPONSE, () => [{ ...entry(), bytes: -1 }]),
  onHistory("no-time", "lists a time that is none", BAD_RESPONSE, () => [{ ...entry(), storedAt: "yesterday" }]),
  onHistory("time-beyond-times", "lists a time that no date has", BAD_RESPONSE, () => [
    { ...entry(), storedAt: "+999999-01-01T00:00:00Z" },
  ]),
  onHistory("upper-case-hash", "lists a hash in upper case", BAD_RESPONSE, () => [
    { ...entry(), sha256: "AB".repeat(32) },
  ]),
  onHistory("nulls", "lists nothing, thrice", BAD_RESPONSE, () => [null, null, null]),
  onHistory("prototype", "hides its fields in a prototype", BAD_RESPONSE, () => [
    JSON.parse(`{"__proto__":${JSON.stringify(entry())}}`),
  ]),
  onHistory("endless-history", "sends a history without end", ["ERR_CB_TOO_LARGE"], () =>
    Array.from({ length: 130_000 }, entry),
  ),
];

function entry() {
  return { revision: 1, sha256: HASH, bytes: 1, storedAt: "2026-01-01T00:00:00Z" };
}
