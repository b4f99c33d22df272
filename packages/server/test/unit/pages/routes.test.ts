import { createHash } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { startServer, type TestServer } from "../../support/server.ts";

let server: TestServer;
afterEach(() => server.close());

test.each(["/", "/activate"])("%s loads nothing from anywhere and is framed by nobody", async (url) => {
  server = await startServer();
  const answer = await server.app.inject(url);
  expect(answer.statusCode).toBe(200);
  expect(answer.headers["content-type"]).toBe("text/html; charset=utf-8");
  expect(answer.headers).toMatchObject({
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
  });
  const policy = String(answer.headers["content-security-policy"]);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain("unsafe");
  expect(answer.body).not.toMatch(/\b(src|href)=|\son\w+=|style="/);
});

test("the activation page's script and style are those that its policy allows", async () => {
  server = await startServer();
  const answer = await server.app.inject("/activate");
  const policy = String(answer.headers["content-security-policy"]);
  for (const [tag, directive] of [
    ["script", "script-src"],
    ["style", "style-src"],
  ]) {
    const [, content = ""] = new RegExp(`<${tag}>(.*?)</${tag}>`, "s").exec(answer.body) ?? [];
    const hash = createHash("sha256").update(content).digest("base64");
    expect(policy).toContain(`${directive} 'sha256-${hash}'`);
  }
});

test("a server's name is text, not markup", async () => {
  server = await startServer({ name: "<img src=x onerror=alert(1)>" });
  for (const url of ["/", "/activate"]) expect((await server.app.inject(url)).body).not.toContain("<img");
});

test("the home page tells the address, and whether one can register", async () => {
  server = await startServer({ origins: ["https://backup.example"], registration: "closed" });
  const { body } = await server.app.inject("/");
  expect(body).toContain("https://backup.example");
  expect(body).toContain("No new users are taken.");
});
