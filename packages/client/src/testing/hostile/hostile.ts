import type { Fetch } from "../../options.ts";
import type { TestServer } from "../test-server.ts";
import { ANSWER_ATTACKS } from "./answers.ts";
import type { Attack } from "./attack.ts";
import { BUNDLE_ATTACKS } from "./bundles.ts";
import { COMMIT_ATTACKS } from "./commits.ts";
import { HISTORY_ATTACKS } from "./history.ts";
import { SESSION_ATTACKS } from "./sessions.ts";

/** Every way in which `hostile` knows how to be hostile. */
export const ATTACKS: readonly Attack[] = [
  ...BUNDLE_ATTACKS,
  ...HISTORY_ATTACKS,
  ...SESSION_ATTACKS,
  ...COMMIT_ATTACKS,
  ...ANSWER_ATTACKS,
];

/**
 * The way to a hostile server: what `createClient` is given in place of `server.fetch`. All that the attack is not about is
 * answered as `server` answers it.
 *
 * @param server the honest one, whose wallets, users and sessions it has
 * @param attack one of `ATTACKS`, or its name. Some take a wallet with several revisions, or another wallet of the user
 * @throws RangeError where there is no attack of that name
 * @example
 * ```ts
 * import { createClient } from "@cloudbackup/client";
 * import { ATTACKS, createTestServer, hostile } from "@cloudbackup/client/testing";
 *
 * const server = createTestServer();
 * const login = { username: "alice", password: "staple horse battery" };
 * const honest = createClient({ url: server.url, fetch: server.fetch });
 * await honest.register({ ...login, email: "alice@example.org" });
 * await honest.signIn(login);
 * await (await honest.openWallet(seed)).backup(dump);
 *
 * const attack = ATTACKS.find(({ name }) => name === "flipped-envelope");
 * console.log(attack?.does); // → changes one bit of the envelope
 * const deceived = createClient({ url: server.url, fetch: hostile(server, "flipped-envelope") });
 * await deceived.signIn(login);
 * const wallet = await deceived.openWallet(seed);
 * await wallet.restore().catch((error) => console.log(error.code)); // → ERR_CB_TAMPERED
 * ```
 */
export function hostile(server: TestServer, attack: Attack | string): Fetch {
  const found = typeof attack === "string" ? ATTACKS.find(({ name }) => name === attack) : attack;
  if (!found) throw new RangeError(`there is no attack "${attack}"`);
  const tamper = found.start(server);
  const base = new URL(server.url).pathname.replace(/\/$/, "");
  return async (target, init) => {
    const { pathname, search } = new URL(target);
    const path = pathname.slice(base.length) + search;
    const { body: _, ...reading } = init;
    const honest = (other?: string) =>
      other === undefined
        ? server.fetch(target, init)
        : server.fetch(server.url + other, { ...reading, method: "GET" });
    const answer = await tamper({ method: init.method ?? "GET", path, init, honest });
    return answer ?? honest();
  };
}
