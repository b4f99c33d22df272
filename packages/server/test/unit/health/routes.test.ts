import { afterEach, expect, test } from "vitest";
import manifest from "../../../package.json" with { type: "json" };
import { createBareApp } from "../../../src/app.ts";
import { resolveConfig } from "../../../src/config.ts";
import type { Context } from "../../../src/context.ts";
import { StoreUnavailableError } from "../../../src/errors.ts";
import { healthRoutes } from "../../../src/health/routes.ts";
import { problems } from "../../../src/problems.ts";
import { startServer, type TestServer } from "../../support/server.ts";

let server: TestServer;
afterEach(() => server.close());

test("a server that works says so", async () => {
  server = await startServer();
  for (const url of ["/livez", "/readyz"]) {
    expect((await server.app.inject(url)).statusCode).toBe(200);
    expect((await server.app.inject({ method: "HEAD", url })).statusCode).toBe(200);
  }
});

test("a database that cannot be used makes a server unready, not dead", async () => {
  server = await startServer();
  const app = createBareApp(resolveConfig({ dataDir: "unused", logLevel: "silent" }));
  const check = () => Promise.reject(new StoreUnavailableError("the disk is full"));
  await app.register(problems);
  await app.register(healthRoutes, { store: { check } } as unknown as Context);
  expect((await app.inject("/readyz")).json()).toMatchObject({ status: 503, code: "unavailable" });
  expect((await app.inject("/livez")).statusCode).toBe(200);
  await app.close();
});

test("a server tells what a client must know", async () => {
  server = await startServer({ name: "Backups", activation: "none" });
  const answer = await server.app.inject("/v1/server");
  expect(answer.json()).toEqual({
    name: "Backups",
    version: manifest.version,
    formats: [1],
    realm: expect.stringMatching(/^[0-9a-f]{32}$/),
    origins: ["http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*"],
    registration: "open",
    activation: "none",
    limits: { requestBytes: 8_388_608, idsPerRequest: 65_536 },
  });
});
