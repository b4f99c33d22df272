import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createClient } from "../../src/account.ts";
import { RedirectedError, TooLargeError, UnreachableError } from "../../src/errors.ts";
import type { Progress } from "../../src/progress.ts";
import { errorOf } from "../support/errors.ts";
import { FakeClock, until } from "../support/fake-clock.ts";
import { json, SERVER_INFO, serve } from "../support/http.ts";
import { AbortController, AbortSignal, reactNativeFetch } from "../support/react-native.ts";
import { dump, noise, SEED, startServer } from "../support/wallets.ts";

beforeEach(() => {
  // React Native has these of a package, in which signals know neither a reason nor `throwIfAborted`.
  vi.stubGlobal("AbortController", AbortController);
  vi.stubGlobal("AbortSignal", AbortSignal);
});
afterEach(() => vi.unstubAllGlobals());

const options = { fetch: reactNativeFetch, retry: { attempts: 1 } };
const large = { ...dump, "acme.raw": [{ raw: noise(300_000) }] };

describe("where answers have no streams, and signals no reasons", () => {
  it("backs up by itself, restores and verifies", async () => {
    const server = await startServer();
    const client = await server.signedIn("alice", options);
    const wallet = await client.openWallet(SEED);
    const auto = wallet.autoBackup({ read: () => large });
    const receipt = await auto.durable();
    expect(receipt.revision).toBe(1);
    auto.close();
    expect((await wallet.verify(large)).ok).toBe(true);

    const device = server.client(options);
    await device.signInWithSeed(SEED);
    const found = await device.openWallet(SEED);
    const steps: Progress[] = [];
    const restored = await found.restore({ onProgress: (step) => steps.push(step) });
    expect(restored.dump.labels).toEqual(large.labels);
    const [download] = steps.filter(({ phase }) => phase === "download");
    expect(steps.some(({ phase, done, total }) => phase === "download" && done === total && done > 300_000)).toBe(true);
    expect(download?.total).toBeGreaterThan(0);
    wallet.close();
    found.close();
  });

  it("refuses a larger answer by what is announced, without taking it", async () => {
    const server = await startServer();
    const wallet = await (await server.signedIn("alice", options)).openWallet(SEED);
    await wallet.backup(large);
    const arrayBuffer = vi.fn();
    const watching: typeof reactNativeFetch = async (url, init) => {
      const answer = await reactNativeFetch(url, init);
      return url.endsWith("/backups/latest") ? Object.assign(answer, { arrayBuffer }) : answer;
    };
    const careful = await server.signedIn("alice", { ...options, fetch: watching, maxDownloadBytes: 100_000 });
    const found = await careful.openWallet(SEED);
    expect(await errorOf(found.restore())).toBeInstanceOf(TooLargeError);
    expect(arrayBuffer).not.toHaveBeenCalled();
  });

  it("refuses a larger answer that did not say how large it is", async () => {
    const server = await serve((_, reply) => {
      reply.writeHead(200, { "content-type": "application/json" });
      // In parts: there is no Content-Length then.
      reply.write(JSON.stringify(SERVER_INFO).slice(0, -1));
      reply.end(`,"more":"${"x".repeat(100_000)}"}`);
    });
    const client = createClient({ ...options, url: server.url });
    expect(await errorOf(client.serverInfo())).toBeInstanceOf(TooLargeError);
  });

  it.each(["answer", "body"])("gives up on a server that is silent, in its %s", async (when) => {
    const server = await serve((_, reply) => {
      if (when === "body") reply.writeHead(200, { "content-type": "application/json" }).write("{");
    });
    const clock = new FakeClock();
    const client = createClient({ ...options, url: server.url, clock, timeoutMs: 20_000 });
    const asked = errorOf(client.serverInfo());
    await until(() => server.requests.length === 1);
    await clock.advance(20_000);
    expect(await asked).toBeInstanceOf(UnreachableError);
    expect(await asked).toMatchObject({ message: "The server was silent for 20 seconds" });
  });

  it("aborts, before and within a call, with an error that says so", async () => {
    const server = await serve(() => undefined);
    const client = createClient({ ...options, url: server.url });
    const abort = new AbortController();
    const signal = abort.signal as globalThis.AbortSignal;
    const asked = errorOf(client.serverInfo({ signal }));
    await until(() => server.requests.length === 1);
    abort.abort();
    expect(await asked).toMatchObject({ name: "AbortError", message: "The call was aborted" });
    expect(await errorOf(client.serverInfo({ signal }))).toMatchObject({ name: "AbortError" });
    expect(server.requests).toHaveLength(1);
  });

  it("refuses the answer of another server to which it was redirected", async () => {
    const other = await serve((_, reply) => json(reply, SERVER_INFO));
    const server = await serve((request, reply) => {
      reply.writeHead(307, { location: other.url + request.url }).end();
    });
    const client = createClient({ ...options, url: server.url });
    expect(await errorOf(client.serverInfo())).toBeInstanceOf(RedirectedError);
  });

  it("tells who waits for an automatic backup that it was closed", async () => {
    const server = await startServer();
    const wallet = await (await server.signedIn("alice", options)).openWallet(SEED);
    const auto = wallet.autoBackup({ read: () => dump });
    const stored = errorOf(auto.durable());
    auto.close();
    expect(await stored).toMatchObject({ name: "TypeError" });
  });
});
