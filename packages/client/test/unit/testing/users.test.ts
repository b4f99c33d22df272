import { answersAlike, type Row } from "../../support/both-servers.ts";
import type { Heard } from "../../support/conversation.ts";
import { PASSWORD } from "../../support/wallets.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const user = { username: "alice", password: PASSWORD, email: "alice@example.org" };

const USERS: readonly Row[] = [
  ["what it is", "200", (to) => to.say("GET", "/v1/server")],
  ["an unknown path", "404 no-route", (to) => to.say("GET", "/v1/unknown")],
  ["a path of no version", "404 no-route", (to) => to.say("GET", "/v2/server")],
  ["a slash too many", "404 no-route", (to) => to.say("GET", "/v1/server/")],
  ["another method", "405 method-not-allowed", (to) => to.say("DELETE", "/v1/server")],

  ["a user", "202", (to) => to.say("POST", "/v1/users", { json: user })],
  ["the same again", "409 username-taken", (to) => to.say("POST", "/v1/users", { json: user })],
  ["another", "202", (to) => to.register("bob")],
  [
    "a user without anything",
    "422 invalid-request",
    (to) => to.say("POST", "/v1/users", { json: {} }).then(withSortedErrors),
  ],
  [
    "a user with everything wrong",
    "422 invalid-request",
    (to) =>
      to
        .say("POST", "/v1/users", { json: { username: "A", password: "short", email: "x", more: 1 } })
        .then(withSortedErrors),
  ],
  [
    "a number for a name",
    "422 invalid-request",
    (to) => to.say("POST", "/v1/users", { json: { ...user, username: 7 } }),
  ],
  [
    "a list for a user",
    "422 invalid-request",
    (to) => to.say("POST", "/v1/users", { json: [user] }).then(outcomeAlone),
  ],
  ["no body", "422 invalid-request", (to) => to.say("POST", "/v1/users").then(outcomeAlone)],
  ["an empty body of JSON", "400 malformed-request", (to) => to.say("POST", "/v1/users", { type: "application/json" })],
  [
    "half of some JSON",
    "400 malformed-request",
    (to) => to.say("POST", "/v1/users", { body: '{"username":', type: "application/json" }),
  ],
  [
    "JSON for a prototype",
    "400 malformed-request",
    (to) => to.say("POST", "/v1/users", { body: '{"__proto__":{"username":"x"}}', type: "application/json" }),
  ],
  [
    "a body of text",
    "415 unsupported-media-type",
    (to) => to.say("POST", "/v1/users", { body: "username=x", type: "text/plain" }),
  ],
  [
    "a body too large",
    "413 too-large",
    (to) => to.say("POST", "/v1/users", { json: { ...user, email: "x".repeat(70_000) } }),
  ],
  [
    "JSON with parameters to its type",
    "409 username-taken",
    (to) => to.say("POST", "/v1/users", { body: JSON.stringify(user), type: "Application/JSON; charset=utf-8" }),
  ],
  [
    "the link again",
    "202",
    (to) => to.say("POST", "/v1/users/activation", { json: { username: "alice", email: user.email } }),
  ],
  ["an unknown token", "410 token-spent", (to) => to.say("POST", "/v1/users/activate", { json: { token: "x" } })],

  [
    "a wrong password",
    "401 bad-credentials",
    (to) => to.say("POST", "/v1/sessions", { json: { username: "alice", password: "wrong" } }),
  ],
  [
    "nobody's password",
    "401 bad-credentials",
    (to) => to.say("POST", "/v1/sessions", { json: { username: "carol", password: PASSWORD } }),
  ],
  [
    "a name that none can have",
    "401 bad-credentials",
    (to) => to.say("POST", "/v1/sessions", { json: { username: "", password: "" } }),
  ],
  ["a sign-in", "201", (to) => to.signIn("alice")],
  ["another's", "201", (to) => to.signIn("bob")],
  ["who alice is", "200", (to) => to.say("GET", "/v1/user", { as: "alice" })],
  ["who nobody is", "401 not-signed-in", (to) => to.say("GET", "/v1/user")],
  [
    "who a made-up token is",
    "401 not-signed-in",
    (to) => to.say("GET", "/v1/user", { as: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }),
  ],
  [
    "a token of another scheme",
    "401 not-signed-in",
    (to) => to.say("GET", "/v1/user", { headers: { authorization: "Basic YTpi" } }),
  ],
  ["the sessions", "200", (to) => to.say("GET", "/v1/sessions", { as: "alice" })],
  ["the end of no session", "404 no-session", (to) => to.say("DELETE", "/v1/sessions/00", { as: "alice" })],

  ["the end of a session", "204", (to) => to.say("DELETE", "/v1/sessions/current", { as: "bob" })],
  ["a session that has ended", "401 not-signed-in", (to) => to.say("GET", "/v1/wallets", { as: "bob" })],
  [
    "a session that has expired",
    "401 not-signed-in",
    (to) => {
      to.advance(30 * DAY_MS);
      return to.say("GET", "/v1/wallets", { as: "alice" });
    },
  ],
];

const BY_MAIL: readonly Row[] = [
  ["a user", "202", (to) => to.register("alice")],
  [
    "a sign-in too early",
    "403 not-activated",
    (to) => to.say("POST", "/v1/sessions", { json: { username: "alice", password: PASSWORD } }),
  ],
  [
    "a wrong password too early",
    "401 bad-credentials",
    (to) => to.say("POST", "/v1/sessions", { json: { username: "alice", password: "x" } }),
  ],
  ["a name that is waited for", "409 username-taken", (to) => to.register("alice")],
  [
    "the link again, to somebody else",
    "202",
    (to) => to.say("POST", "/v1/users/activation", { json: { username: "alice", email: "eve@example.org" } }),
  ],
  [
    "the link again",
    "202",
    (to) => to.say("POST", "/v1/users/activation", { json: { username: "alice", email: "Alice@example.org" } }),
  ],
  [
    "an activation a day late",
    "410 token-spent",
    async (to) => {
      const token = await to.activationToken("alice", 2);
      to.advance(DAY_MS);
      return to.say("POST", "/v1/users/activate", { json: { token } });
    },
  ],
  [
    "a name a week later",
    "202",
    (to) => {
      to.advance(7 * DAY_MS);
      return to.register("alice");
    },
  ],
  [
    "an activation",
    "204",
    async (to) => to.say("POST", "/v1/users/activate", { json: { token: await to.activationToken("alice", 3) } }),
  ],
  ["a sign-in", "201", (to) => to.signIn("alice")],
  [
    "a name that somebody has, after weeks",
    "409 username-taken",
    (to) => {
      to.advance(60 * DAY_MS);
      return to.register("alice");
    },
  ],
];

/** Validators differ in the order in which they look. */
function withSortedErrors(heard: Heard): Heard {
  const body = heard.body as { errors: { pointer: string }[] };
  const errors = [...body.errors].sort((a, b) => (a.pointer < b.pointer ? -1 : 1));
  return { ...heard, body: { ...body, errors } };
}

/** Where there is no field to name. */
function outcomeAlone(heard: Heard): Heard {
  return { ...heard, body: undefined };
}

answersAlike("a server and its users, in memory as in earnest:", USERS);
answersAlike("users who must follow a link, in memory as in earnest:", BY_MAIL, { activation: "mail" });
