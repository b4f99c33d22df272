import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { NotYoursError, UnreachableError, WalletGoneError, WentBackError } from "../../src/errors.ts";
import { memoryStorage, type Storage } from "../../src/storage.ts";
import type { WalletBackup } from "../../src/wallet-backup.ts";
import type { RemoteRevision, WatchOptions } from "../../src/watch.ts";
import { errorOf } from "../support/errors.ts";
import { FakeClock, settle, until } from "../support/fake-clock.ts";
import { reactNativeFetch } from "../support/react-native.ts";
import { dump, type Intercept, noNetwork, type RealServer, renamed, SEED, startServer } from "../support/wallets.ts";

const EVENTS = "GET /v1/wallets/…/events";
const INFO = "GET /v1/wallets/…";
const MINUTE_MS = 60_000;
/** The clock is moved while requests are under way: that shall not be the server's silence. */
const PATIENT = { timeoutMs: 2 ** 31 - 1, retry: { attempts: 1 } };

let server: RealServer;
let clock: FakeClock;
let storage: Storage;
let wallet: WalletBackup;
/** Another device, which has restored what `wallet` wrote. */
let other: WalletBackup;
beforeEach(async () => {
  server = await startServer();
  clock = new FakeClock();
  storage = memoryStorage();
  const client = await server.signedIn("alice", { storage, clock, ...PATIENT });
  wallet = await client.openWallet(SEED);
  await wallet.backup(dump);
  other = await (await server.signedIn("alice")).openWallet(SEED);
  await takeOver(other);
  server.clear();
});

async function takeOver(device: WalletBackup): Promise<void> {
  await (await device.restore()).accept();
}

/** Runs the loop, and keeps what came. */
function watching(options: WatchOptions = {}, watched = wallet) {
  const seen: RemoteRevision[] = [];
  const failures: unknown[] = [];
  const loop = watched.watch({ onError: (error) => void failures.push(error), ...options });
  const state = { seen, failures, loop, error: undefined as unknown, isOver: false };
  const run = async () => {
    for await (const revision of loop) seen.push(revision);
  };
  const running = run()
    .catch((error: unknown) => {
      state.error = error;
    })
    .finally(() => {
      state.isOver = true;
    });
  onTestFinished(async () => {
    await loop.return?.();
    await running;
  });
  return state;
}

/** As a server before 1.1 answers. */
const withoutStreams: Intercept = ({ path }) => (path.endsWith("/events") ? problem(404, "no-route") : undefined);

function problem(status: number, code: string, headers: Record<string, string> = {}): Response {
  const type = { "content-type": "application/problem+json" };
  return new Response(JSON.stringify({ code, title: code }), { status, headers: { ...type, ...headers } });
}

const times = (line: string) => server.asked.filter((asked) => asked === line).length;
const isStreaming = () => until(() => times(EVENTS) > 0);

describe("watch", () => {
  it("tells of what other devices write, as it is written, and of nothing that this one does", async () => {
    const { seen } = watching();
    await isStreaming();
    const theirs = await other.backup(renamed("Theirs"));
    await until(() => seen.length === 1);
    expect(seen).toEqual([{ revision: 2, sha256: theirs.sha256 }]);
    await takeOver(wallet);
    await wallet.backup(renamed("Mine"));
    await takeOver(other);
    const last = await other.backup(renamed("Theirs again"));
    await until(() => seen.length === 2);
    expect(seen[1]).toEqual({ revision: 4, sha256: last.sha256 });
    expect(times(INFO)).toBeGreaterThan(0);
    expect(times(EVENTS)).toBe(1);
  });

  it("begins with what this device has not restored, and tells it once", async () => {
    await other.backup(renamed("Theirs"));
    const first = watching();
    await until(() => first.seen.length === 1);
    await isStreaming();
    await settle();
    expect(first.seen.map(({ revision }) => revision)).toEqual([2]);
    // A look is no restore.
    await wallet.verify(dump);
    const second = watching();
    await until(() => second.seen.length === 1);
    await takeOver(wallet);
    const third = watching();
    await until(() => times(EVENTS) === 3);
    await settle();
    expect(third.seen).toEqual([]);
  });

  it("takes the newest of several that came while the wallet was busy", async () => {
    const loop = wallet.watch();
    onTestFinished(async () => void (await loop.return?.()));
    const first = loop.next();
    await isStreaming();
    await other.backup(renamed("One"));
    expect((await first).value?.revision).toBe(2);
    await other.backup(renamed("Two"));
    await other.backup(renamed("Three"));
    // The stream has both by the time that somebody asks.
    await until(async () => (await wallet.history()).length === 4);
    let revision = (await loop.next()).value?.revision;
    if (revision === 3) revision = (await loop.next()).value?.revision;
    expect(revision).toBe(4);
  });

  it("waits for a wallet that is not there yet", async () => {
    const seed = new Uint8Array(64).fill(3);
    const mine = await (await server.signedIn("alice", { clock, ...PATIENT })).openWallet(seed);
    const theirs = await (await server.signedIn("alice")).openWallet(seed);
    const { seen } = watching({}, mine);
    await until(() => times(INFO) === 1);
    await theirs.backup(dump);
    await until(async () => {
      await clock.advance(MINUTE_MS);
      return seen.length === 1;
    });
    expect(seen[0]?.revision).toBe(1);
  });
});

describe("where answers do not stream", () => {
  it("asks about every minute, not all devices at once", async () => {
    server.intercept = withoutStreams;
    const { seen, failures } = watching();
    await isStreaming();
    await settle();
    const before = times(INFO);
    for (let minute = 0; minute < 10; minute++) {
      await clock.advance(MINUTE_MS);
      await until(() => clock.waiting.length > 0);
    }
    expect(times(INFO) - before).toBeGreaterThanOrEqual(7);
    expect(times(INFO) - before).toBeLessThanOrEqual(13);
    await other.backup(renamed("Theirs"));
    await until(async () => {
      await clock.advance(MINUTE_MS);
      return seen.length === 1;
    });
    expect(seen.map(({ revision }) => revision)).toEqual([2]);
    expect(failures).toEqual([]);
    // Whether they do by now is tried every quarter of an hour.
    expect(times(EVENTS)).toBe(1);
    server.intercept = undefined;
    await until(async () => {
      await clock.advance(MINUTE_MS);
      return times(EVENTS) === 2;
    });
  });

  it("asks as often as it is told to, in React Native too", async () => {
    const client = await server.signedIn("alice", { storage, clock, ...PATIENT, fetch: reactNativeFetch });
    const native = await client.openWallet(SEED);
    const { seen } = watching({ intervalMs: 5_000 }, native);
    await until(() => clock.waiting.length > 0);
    await other.backup(renamed("Theirs"));
    await until(async () => {
      await clock.advance(5_000);
      return seen.length === 1;
    });
  });

  it("leaves a server alone that has too many streams for as long as it asks to", async () => {
    const hour = String(60 * 60);
    server.intercept = ({ path }) =>
      path.endsWith("/events") ? problem(429, "too-many-streams", { "retry-after": hour }) : undefined;
    watching();
    await isStreaming();
    for (let minute = 0; minute < 55; minute++) {
      await clock.advance(MINUTE_MS);
      await until(() => clock.waiting.length > 0);
    }
    expect(times(EVENTS)).toBe(1);
    await until(async () => {
      await clock.advance(MINUTE_MS);
      return times(EVENTS) === 2;
    });
  });
});

describe("a watch goes on", () => {
  it("without a network, less and less often, and comes back", async () => {
    server.intercept = noNetwork;
    const { seen, failures } = watching();
    await until(() => failures.length === 1);
    for (let minute = 0; minute < 30; minute++) {
      await clock.advance(MINUTE_MS);
      await until(() => clock.waiting.length > 0);
    }
    expect(failures.length).toBeLessThan(60);
    expect(failures.length).toBeGreaterThan(5);
    expect(failures.every((error) => error instanceof UnreachableError)).toBe(true);
    await restarted();
    await until(async () => {
      await clock.advance(MINUTE_MS);
      return seen.length === 1;
    });
  });

  it("after a stream that was cut", async () => {
    let cut = () => {};
    server.intercept = async ({ path, forward }) => {
      const answer = await forward();
      if (!path.endsWith("/events") || !answer.body) return answer;
      const { readable, writable } = new TransformStream();
      const abort = new AbortController();
      cut = () => abort.abort(new Error("cut"));
      answer.body.pipeTo(writable, { signal: abort.signal }).catch(() => undefined);
      return new Response(readable, { headers: answer.headers });
    };
    const { seen, failures } = watching();
    await isStreaming();
    await other.backup(renamed("One"));
    await until(() => seen.length === 1);
    cut();
    await until(() => failures.length === 1);
    expect(failures[0]).toBeInstanceOf(UnreachableError);
    await other.backup(renamed("Two"));
    await until(async () => {
      await clock.advance(1_000);
      return seen.length === 2;
    });
    await until(() => times(EVENTS) === 2);
  });

  it("as often as without streams where each is cut at once", async () => {
    const headers = { "content-type": "text/event-stream" };
    server.intercept = ({ path }) => (path.endsWith("/events") ? new Response(":\n\n", { headers }) : undefined);
    watching();
    await isStreaming();
    for (let minute = 0; minute < 60; minute++) {
      await clock.advance(MINUTE_MS);
      await until(() => clock.waiting.length > 0);
    }
    expect(times(INFO)).toBeGreaterThan(45);
  });

  it("after a stream that fell silent", async () => {
    const { seen } = watching();
    server.intercept = ({ path }) =>
      path.endsWith("/events")
        ? new Response(new ReadableStream({ start: (stream) => stream.enqueue(new TextEncoder().encode(":\n\n")) }), {
            headers: { "content-type": "text/event-stream" },
          })
        : undefined;
    await isStreaming();
    await settle();
    await other.backup(renamed("Theirs"));
    server.intercept = undefined;
    await until(async () => {
      await clock.advance(MINUTE_MS);
      return seen.length === 1;
    });
  });

  async function restarted(): Promise<void> {
    server.intercept = undefined;
    await other.backup(renamed("Theirs"));
  }
});

describe("a watch ends", () => {
  it.each([
    ["with its signal", (_: WalletBackup, abort: AbortController) => abort.abort()],
    ["with the wallet", (closed: WalletBackup) => closed.close()],
    ["with the loop", async (_: WalletBackup, __: AbortController, loop: AsyncIterator<unknown>) => loop.return?.()],
  ])("%s, streaming or waiting, and leaves no timer", async (_, end) => {
    for (const intercept of [undefined, withoutStreams, noNetwork]) {
      server.intercept = undefined;
      const own = new FakeClock();
      const opened = await (await server.signedIn("alice", { storage, clock: own, ...PATIENT })).openWallet(SEED);
      server.clear();
      server.intercept = intercept;
      const abort = new AbortController();
      const state = watching({ signal: abort.signal }, opened);
      await until(() => own.waiting.length > 0 && server.asked.length > 0);
      await settle();
      expect(own.waiting.filter((kind) => kind !== "background")).toEqual([]);
      await end(opened, abort, state.loop);
      await until(() => state.isOver);
      expect(state.error).toBeUndefined();
      await settle();
      expect(own.waiting).toEqual([]);
      expect(await state.loop.next()).toEqual({ done: true, value: undefined });
    }
  });

  it("at once where its signal was aborted before", async () => {
    const { seen } = watching({ signal: AbortSignal.abort() });
    await settle();
    expect([seen, server.asked]).toEqual([[], []]);
  });

  it("where only a person can help", async () => {
    const gone = watching();
    await isStreaming();
    await other.delete();
    await until(async () => {
      await clock.advance(MINUTE_MS);
      return gone.isOver;
    });
    expect(gone.error).toBeInstanceOf(WalletGoneError);
  });

  it("where the wallet is another user's", async () => {
    const stranger = await (await server.signedIn("bob", { clock, ...PATIENT })).openWallet(SEED);
    expect(await errorOf(stranger.watch().next())).toBeInstanceOf(NotYoursError);
  });

  it("where the server went back", async () => {
    await wallet.backup(renamed("Mine"));
    const sha256 = "00".repeat(32);
    server.intercept = ({ path, forward }) =>
      /…$/.test(path)
        ? forward().then(async (answer) => Response.json({ ...(await answer.json()), revision: 1, sha256 }))
        : undefined;
    expect(await errorOf(wallet.watch().next())).toBeInstanceOf(WentBackError);
  });

  it("and knows its options, and a wallet that is closed", async () => {
    expect(() => wallet.watch({ interval: 1 } as object)).toThrow(TypeError);
    expect(() => wallet.watch({ intervalMs: 10 })).toThrow(RangeError);
    wallet.close();
    expect(await errorOf(wallet.watch().next())).toBeInstanceOf(TypeError);
  });
});

it("asks for nothing while nobody does", async () => {
  wallet.watch();
  await settle();
  expect(server.asked).toEqual([]);
});
