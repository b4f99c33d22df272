import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createBareApp } from "../../src/app.ts";
import { resolveConfig } from "../../src/config.ts";
import { StoreUnavailableError } from "../../src/errors.ts";
import { problems } from "../../src/problems.ts";
import { startServer, type TestServer } from "../support/server.ts";

let server: TestServer;
beforeEach(async () => {
  server = await startServer();
});
afterEach(() => server.close());

describe("a failure has one shape", () => {
  const json = { "content-type": "application/json" };
  test.each([
    ["no route", { method: "GET", url: "/v1/nowhere" }, 404, "no-route"],
    ["no route outside /v1", { method: "GET", url: "/nowhere?token=secret" }, 404, "no-route"],
    ["another method", { method: "GET", url: "/v1/users" }, 405, "method-not-allowed"],
    ["another method on a page", { method: "POST", url: "/activate" }, 405, "method-not-allowed"],
    ["a broken URL", { method: "GET", url: "/v1/%ff" }, 400, "malformed-request"],
    ["broken JSON", { method: "POST", url: "/v1/users", headers: json, payload: "{" }, 400, "malformed-request"],
    ["no JSON", { method: "POST", url: "/v1/users", headers: json, payload: "" }, 400, "malformed-request"],
    [
      "JSON that means harm",
      { method: "POST", url: "/v1/users", headers: json, payload: '{"__proto__":{"a":1}}' },
      400,
      "malformed-request",
    ],
    ["no body", { method: "POST", url: "/v1/users" }, 422, "invalid-request"],
    [
      "another type of body",
      { method: "POST", url: "/v1/users", headers: { "content-type": "text/plain" }, payload: "x" },
      415,
      "unsupported-media-type",
    ],
    [
      "a body that is too large",
      { method: "POST", url: "/v1/users", headers: json, payload: `"${"x".repeat(64 * 1024)}"` },
      413,
      "too-large",
    ],
    ["what is wrong in it", { method: "POST", url: "/v1/users", payload: {} }, 422, "invalid-request"],
    ["no session", { method: "GET", url: "/v1/user" }, 401, "not-signed-in"],
  ] as const)("%s", async (_name, request, status, code) => {
    const answer = await server.app.inject(request);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json/);
    const { type, title, requestId, ...rest } = answer.json();
    expect(rest).toMatchObject({ status, code });
    expect(type).toBe(`urn:cloudbackup:problem:${code}`);
    expect(title).toEqual(expect.any(String));
    expect(requestId).toMatch(/^[0-9a-f]{16}$/);
    if (request.url.startsWith("/v1")) expect(answer.headers["access-control-allow-origin"]).toBe("*");
    expect(answer.body).not.toContain("secret");
  });

  test("a wrong method is told the right ones", async () => {
    const answer = await server.app.inject({ method: "PATCH", url: `/v1/wallets/${"0".repeat(64)}` });
    expect(answer.headers.allow).toBe("GET, DELETE, OPTIONS");
  });

  test("what is no HTTP", async () => {
    await server.app.listen({ host: "127.0.0.1", port: 0 });
    const socket = connect((server.app.server.address() as AddressInfo).port, "127.0.0.1");
    await once(socket, "connect");
    socket.write("this is no request\r\n\r\n");
    const answer = await text(socket);
    const [head = "", body = ""] = answer.split("\r\n\r\n");
    expect(head).toMatch(/^HTTP\/1\.1 400 .*Content-Type: application\/problem\+json/s);
    expect(JSON.parse(body)).toMatchObject({ status: 400, code: "malformed-request" });
  });
});

describe("a failure of the server", () => {
  const failing = async (error: unknown) => {
    const logs: string[] = [];
    const logTo = { write: (line: string) => void logs.push(line) };
    const app = createBareApp(resolveConfig({ dataDir: "unused", logTo }));
    await app.register(problems);
    app.get("/", async () => {
      throw error;
    });
    const answer = await app.inject("/");
    await app.close();
    return { answer, logs: logs.join("") };
  };

  test("is explained to the log, not to the caller", async () => {
    const { answer, logs } = await failing(new Error("SELECT password FROM users"));
    expect(answer.json()).toMatchObject({ status: 500, code: "internal" });
    expect(answer.body).not.toContain("SELECT");
    expect(answer.json()).not.toHaveProperty("detail");
    expect(logs).toContain("SELECT password FROM users");
    expect(logs).toContain(answer.json().requestId);
  });

  test("that passes says when to come again", async () => {
    const { answer, logs } = await failing(new StoreUnavailableError("the disk is full"));
    expect(answer.json()).toMatchObject({ status: 503, code: "unavailable" });
    expect(answer.headers["retry-after"]).toBe("5");
    expect(answer.body).not.toContain("disk");
    expect(logs).toContain("the disk is full");
  });

  test.each([undefined, null, "text", 7, {}])("may be %j, whoever throws such a thing", async (thrown) => {
    const { answer } = await failing(thrown);
    expect(answer.json()).toMatchObject({ status: 500, code: "internal" });
  });
});
