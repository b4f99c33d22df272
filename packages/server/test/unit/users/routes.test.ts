import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { eventually, PASSWORD, signIn, signUp, startServer, type TestServer, tokenOf } from "../../support/server.ts";
import { bearer } from "../../support/wallet.ts";

const DAY = 24 * 60 * 60 * 1000;
const alice = { username: "alice", password: PASSWORD, email: "alice@example.org" };

let server: TestServer;
beforeEach(async () => {
  server = await startServer();
});
afterEach(() => server.close());

const post = (url: string, payload: object) => server.app.inject({ method: "POST", url, payload });
const mail = (n: number) => eventually(() => server.mails[n]);

describe("registration", () => {
  test("answers 202 without a body, and mails a link whose token is in the fragment", async () => {
    const answer = await post("/v1/users", alice);
    expect([answer.statusCode, answer.body]).toEqual([202, ""]);
    const { link, text, to } = await mail(0);
    expect(to).toBe(alice.email);
    expect(text).toContain(link);
    const url = new URL(link);
    expect([url.pathname, url.search]).toEqual(["/activate", ""]);
  });

  test("refuses a name that is taken", async () => {
    await post("/v1/users", alice);
    const answer = await post("/v1/users", { ...alice, email: "other@example.org" });
    expect(answer.json()).toMatchObject({ status: 409, code: "username-taken" });
  });

  test("frees a name that was not activated in 7 days", async () => {
    await post("/v1/users", alice);
    server.advance(7 * DAY);
    expect((await post("/v1/users", alice)).statusCode).toBe(409);
    server.advance(1);
    expect((await post("/v1/users", alice)).statusCode).toBe(202);
  });

  test.each([
    ["username", "al", "must be 3 to 32 characters of a-z 0-9 . _ - and begin with a letter or digit"],
    ["username", "Alice", "must be 3 to 32 characters of a-z 0-9 . _ - and begin with a letter or digit"],
    ["username", `a${"b".repeat(32)}`, "must be 3 to 32 characters of a-z 0-9 . _ - and begin with a letter or digit"],
    ["username", "alice\n", "must be 3 to 32 characters of a-z 0-9 . _ - and begin with a letter or digit"],
    ["password", "1234567", "must have 8 to 256 characters"],
    ["password", "x".repeat(257), "must have 8 to 256 characters"],
    ["email", "alice", "must be an e-mail address"],
    ["email", `${"a".repeat(250)}@example.org`, "must be an e-mail address"],
    ["email", "alice@example.org\r\nBcc: all@example.org", "must be an e-mail address"],
    ["username", 7, "must be string"],
  ])("says what is wrong with %s %j", async (key, value, detail) => {
    const answer = await post("/v1/users", { ...alice, [key]: value });
    expect(answer.json()).toMatchObject({ status: 422, code: "invalid-request" });
    expect(answer.json().errors).toContainEqual({ pointer: `/${key}`, detail });
    expect(answer.body).not.toContain(PASSWORD);
  });

  test("counts a password in characters", async () => {
    expect((await post("/v1/users", { ...alice, password: "🔑".repeat(7) })).statusCode).toBe(422);
    expect((await post("/v1/users", { ...alice, password: "🔑".repeat(256) })).statusCode).toBe(202);
  });

  test("says what is missing and what it does not know", async () => {
    const { errors } = (await post("/v1/users", { username: "alice", email: alice.email, "a/b": 1 })).json();
    expect(errors).toContainEqual({ pointer: "/password", detail: "is missing" });
    expect(errors).toContainEqual({ pointer: "/a~1b", detail: "is not known" });
  });

  test("is refused where it is closed", async () => {
    await server.close();
    server = await startServer({ registration: "closed" });
    expect((await post("/v1/users", alice)).json()).toMatchObject({ status: 403, code: "registration-closed" });
    expect((await server.app.inject("/v1/server")).json().registration).toBe("closed");
  });

  test("activates at once where nothing is asked", async () => {
    await server.close();
    server = await startServer({ activation: "none" });
    await post("/v1/users", alice);
    await signIn(server, "alice");
    expect(server.mails).toEqual([]);
  });

  test("does not fail with the mail, which is logged without the token", async () => {
    await server.close();
    const links: string[] = [];
    server = await startServer({
      mail: {
        deliver: ({ link }) => {
          links.push(link);
          throw new Error("no route to the mail server");
        },
      },
    });
    expect((await post("/v1/users", alice)).statusCode).toBe(202);
    const line = await eventually(() => server.logs.find((each) => each.includes("mail was not sent")));
    expect(line).toContain("no route to the mail server");
    const token = new URL(links[0] as string).hash.slice("#token=".length);
    expect(server.logs.join("")).not.toContain(token);
  });
});

describe("activation", () => {
  const activate = async (n: number) => post("/v1/users/activate", { token: tokenOf(await mail(n)) });

  test("works once", async () => {
    await post("/v1/users", alice);
    expect((await activate(0)).statusCode).toBe(204);
    expect((await activate(0)).json()).toMatchObject({ status: 410, code: "token-spent" });
  });

  test("works for 24 hours", async () => {
    await post("/v1/users", alice);
    server.advance(DAY);
    expect((await activate(0)).json().code).toBe("token-spent");
  });

  test.each(["", "nonsense", "A".repeat(43)])("refuses the token %j like one that was used", async (token) => {
    expect((await post("/v1/users/activate", { token })).json().code).toBe("token-spent");
  });

  test("sends the link again, and the first one stays good", async () => {
    await post("/v1/users", alice);
    await mail(0);
    const again = await post("/v1/users/activation", { username: "alice", email: "Alice@Example.org" });
    expect([again.statusCode, again.body]).toEqual([202, ""]);
    await mail(1);
    expect((await activate(0)).statusCode).toBe(204);
    expect((await activate(1)).json().code).toBe("token-spent");
  });

  test("answers the same and sends nothing where there is nobody to send it to", async () => {
    await signUp(server);
    await post("/v1/users", { ...alice, username: "bob" });
    await mail(1);
    for (const [username, email] of [
      ["alice", alice.email],
      ["nobody", alice.email],
      ["bob", "another@example.org"],
    ]) {
      const answer = await post("/v1/users/activation", { username, email });
      expect([answer.statusCode, answer.body]).toEqual([202, ""]);
    }
    // Mail that is under way would be there after this one, which is.
    await post("/v1/users/activation", { username: "bob", email: alice.email });
    await mail(2);
    expect(server.mails.map(({ to }) => to)).toHaveLength(3);
  });
});

test("a user sees its own name and address", async () => {
  const { token } = await signUp(server);
  const answer = await server.app.inject({ method: "GET", url: "/v1/user", headers: bearer(token) });
  expect(answer.json()).toEqual({
    username: "alice",
    email: alice.email,
    createdAt: "2026-01-02T03:04:05.678Z",
  });
});
