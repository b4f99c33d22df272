import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import type { InjectOptions } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { REQUESTS } from "../support/requests.ts";
import { type Answer, SENDERS, Stage } from "../support/stage.ts";
import { TestWallet } from "../support/wallet.ts";

/**
 * Who gets what: the status of a success, or the code of a problem. One column: it is the same for everybody. Who is who is
 * said beside `SENDERS`.
 */
const ACCESS = `
                                              | nobody        | stranger          | stranger's seed    | owner | seed               | 2nd seed
GET     /                                     | 200
HEAD    /                                     | 200
GET     /activate                             | 200
HEAD    /activate                             | 200
GET     /livez                                | 200
HEAD    /livez                                | 200
GET     /readyz                               | 200
HEAD    /readyz                               | 200
OPTIONS /v1*                                  | 204
GET     /v1/server                            | 200
POST    /v1/users                             | 202
POST    /v1/users/activation                  | 202
POST    /v1/users/activate                    | 204
GET     /v1/user                              | not-signed-in | 200               | 200                | 200   | 200                | 200
POST    /v1/sessions                          | 201
GET     /v1/sessions                          | not-signed-in | 200               | session-too-narrow | 200   | session-too-narrow | session-too-narrow
DELETE  /v1/sessions/current                  | not-signed-in | 204               | 204                | 204   | 204                | 204
DELETE  /v1/sessions/:id                      | not-signed-in | no-session        | session-too-narrow | 204   | session-too-narrow | session-too-narrow
POST    /v1/challenges                        | 200
POST    /v1/sessions/wallet                   | 201
GET     /v1/wallets                           | not-signed-in | 200               | session-too-narrow | 200   | session-too-narrow | session-too-narrow
POST    /v1/wallets                           | not-signed-in | wallet-registered | session-too-narrow | 200   | 200                | session-too-narrow
GET     /v1/wallets/:wallet                   | not-signed-in | no-wallet         | session-too-narrow | 200   | 200                | session-too-narrow
DELETE  /v1/wallets/:wallet                   | not-signed-in | no-wallet         | session-too-narrow | 204   | 204                | session-too-narrow
GET     /v1/wallets/:wallet/backups           | not-signed-in | no-wallet         | session-too-narrow | 200   | 200                | session-too-narrow
POST    /v1/wallets/:wallet/backups           | not-signed-in | no-wallet         | session-too-narrow | 201   | 201                | session-too-narrow
GET     /v1/wallets/:wallet/backups/:revision | not-signed-in | no-wallet         | session-too-narrow | 200   | 200                | session-too-narrow
GET     /v1/wallets/:wallet/chain             | not-signed-in | no-wallet         | session-too-narrow | 200   | 200                | session-too-narrow
POST    /v1/wallets/:wallet/chunks            | not-signed-in | no-wallet         | session-too-narrow | 204   | 204                | session-too-narrow
POST    /v1/wallets/:wallet/chunks/missing    | not-signed-in | no-wallet         | session-too-narrow | 200   | 200                | session-too-narrow
GET     /v1/wallets/:wallet/events            | not-signed-in | no-wallet         | session-too-narrow | 200   | 200                | session-too-narrow
POST    /v1/wallets/:wallet/chunks/read       | not-signed-in | no-wallet         | session-too-narrow | 200   | 200                | session-too-narrow
`;

const [header = [], ...lines] = ACCESS.trim()
  .split("\n")
  .map((line) => line.split("|").map((cell) => cell.trim()));
const POLICY = lines.map(([route = "", ...cells]) => ({
  route: route.replace(/ +/, " "),
  expected: cells.length === 1 ? SENDERS.map(() => cells[0] as string) : cells,
}));

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.set();
});
afterAll(() => stage.close());

const isRefusal = (answer: Answer) => /^application\/problem\+json/.test(String(answer.headers["content-type"]));
/** As the table has it. */
const outcomeOf = (answer: Answer): string => (isRefusal(answer) ? answer.json().code : String(answer.statusCode));

/** All of it, but for what differs between two answers to the same request. */
function comparable({ statusCode, headers: { date, ...headers }, body }: Answer) {
  return { statusCode, headers, body: body.replace(/"requestId":"[0-9a-f]{16}"/, "") };
}

test("every route has its line and its request, and there are no others", () => {
  expect(header.slice(1)).toEqual(SENDERS);
  expect(POLICY.map(({ route }) => route).sort()).toEqual([...stage.routes].sort());
  expect(Object.keys(REQUESTS).sort()).toEqual([...stage.routes].sort());
});

describe.each(POLICY)("$route", ({ route, expected }) => {
  test.each(SENDERS.map((sender, i) => [sender, expected[i]] as const))("to %s: %s", async (sender, outcome) => {
    const wallet = await stage.backedUpWallet();
    const session = await stage.sessionOf(sender, wallet, { fresh: route.startsWith("DELETE /v1/sessions/") });
    const answer = await stage.send(session, await stage.requestOf(route, wallet, sender));
    expect(outcomeOf(answer)).toBe(outcome);
  });

  test("to who has a worthless session: the same as to nobody", async () => {
    const wallet = await stage.backedUpWallet();
    const none = await stage.send({}, await stage.requestOf(route, wallet, "nobody"));
    for (const [name, headers] of Object.entries(stage.worthless)) {
      const answer = await stage.send(headers, await stage.requestOf(route, wallet, "nobody"));
      expect(outcomeOf(answer), name).toBe(expected[0]);
      if (isRefusal(none)) expect(comparable(answer), name).toEqual(comparable(none));
    }
  });
});

describe("another's wallet, one that does not exist, one that was deleted and what is no id are the same answer to", () => {
  /** What one may try: the request as it is for a wallet of one's own, and mistakes in it. */
  const attempts: [string, (request: InjectOptions) => InjectOptions][] = [
    ["", (request) => request],
    [
      " without signature",
      ({ headers: { "cloudbackup-signature": _, ...headers } = {}, ...rest }) => ({ ...rest, headers }),
    ],
    [" with a wrong signature", (request) => withHeader(request, "cloudbackup-signature", "A".repeat(86))],
    [" with a tag", (request) => withHeader(request, "if-none-match", "*")],
    [" of another type", (request) => withHeader(request, "content-type", "text/plain")],
    [" with nonsense in it", (request) => (request.payload ? { ...request, payload: Buffer.alloc(9) } : request)],
    [" with an unknown query", (request) => ({ ...request, url: `${request.url}?chunks=some` })],
  ];
  const withHeader = (request: InjectOptions, name: string, value: string): InjectOptions => ({
    ...request,
    headers: { ...request.headers, [name]: value },
  });
  const cases = POLICY.filter(({ route }) => route.includes("/:wallet")).flatMap(({ route }) =>
    attempts.map(([name, change]) => ({ route, name, change })),
  );

  test.each(cases)("$route$name", async ({ route, change }) => {
    const another = await stage.backedUpWallet();
    const absent = new TestWallet(stage.server.realm);
    const deleted = await stage.backedUpWallet();
    const owner = await stage.sessionOf("owner", deleted);
    const gone = await stage.send(owner, await stage.requestOf("DELETE /v1/wallets/:wallet", deleted, "owner"));
    expect(gone.statusCode).toBe(204);

    for (const [sender, code] of [
      ["stranger", "no-wallet"],
      ["stranger's seed", "session-too-narrow"],
    ] as const) {
      const session = await stage.sessionOf(sender, another);
      const answers = [];
      for (const wallet of [another, absent, deleted, null]) {
        const request = change(await stage.requestOf(route, wallet ?? another, sender));
        const url = wallet ? String(request.url) : String(request.url).replace(another.hex, "no-id");
        answers.push(await stage.send(session, { ...request, url }));
      }
      for (const answer of answers) {
        expect(answer.json()).toMatchObject({ code });
        expect(comparable(answer)).toEqual(comparable(answers[0] as Answer));
      }
    }
    const untouched = await stage.send(owner, { method: "GET", url: another.path });
    expect(untouched.json()).toMatchObject({ wallet: another.hex, revision: 1 });
  });
});

test("a session of a user who is gone opens nothing", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cloudbackup-access-"));
  const database = join(folder, "cloudbackup.sqlite");
  const withFile = await Stage.set({ dataDir: folder, database });
  const wallet = new TestWallet(withFile.server.realm);
  const sessions = [await withFile.sessionOf("stranger", wallet), await withFile.sessionOf("stranger's seed", wallet)];
  const db = new Sqlite(database);
  db.pragma("foreign_keys = ON");
  db.prepare(
    "UPDATE wallets SET user_id = NULL WHERE user_id = (SELECT id FROM users WHERE username = 'stranger')",
  ).run();
  db.prepare("DELETE FROM users WHERE username = 'stranger'").run();
  db.close();
  for (const { route, expected } of POLICY) {
    if (expected[0] !== "not-signed-in") continue;
    for (const session of sessions) {
      const answer = await withFile.send(session, await withFile.requestOf(route, wallet, "stranger"));
      expect(outcomeOf(answer), route).toBe("not-signed-in");
    }
  }
  await withFile.close();
  await rm(folder, { recursive: true });
});
