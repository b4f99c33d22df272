import { bytesToHex } from "@noble/hashes/utils.js";
import { beforeEach, describe, expect, it } from "vitest";
import type { Client } from "../../src/account.ts";
import {
  NotSignedInError,
  NoWalletError,
  QuorumError,
  RestoreFirstError,
  RevisionConflictError,
  SameRealmError,
  TamperedError,
  UnreachableError,
  WalletGoneError,
  WentBackError,
  WouldShrinkError,
} from "../../src/errors.ts";
import { createMirrors, type MirrorsOptions } from "../../src/mirrors.ts";
import { memoryStorage, type Storage } from "../../src/storage.ts";
import { errorOf } from "../support/errors.ts";
import { type FakeClock, until } from "../support/fake-clock.ts";
import { Mirrored, receiptsOf, settled, statesOf, takeOver } from "../support/mirrors.ts";
import { account, dump, labels, noNetwork, type RealServer, renamed, SEED, startServer } from "../support/wallets.ts";

let servers: [RealServer, RealServer, RealServer];
let stage: Mirrored<readonly RealServer[]>;
let clock: FakeClock;
let storage: Storage;
beforeEach(async () => {
  servers = [await startServer(), await startServer(), await startServer()];
  stage = new Mirrored(servers);
  clock = stage.clock;
  storage = memoryStorage();
});

const device = (of?: Storage, options?: MirrorsOptions) => stage.device(of, options);
const contents = () => stage.contents();
const manifestAt = (which: number) => stage.manifestAt(which);
const realmOf = (which: number) => stage.realmOf(which);

describe("a backup at three servers", () => {
  it("is at each, with a receipt of each, and says at each what the others had acknowledged", async () => {
    const wallet = await device();
    await wallet.backup(dump);
    await settled(wallet);
    expect(receiptsOf(wallet)).toEqual([1, 1, 1]);
    const { servers: after } = await wallet.backup(renamed("Savings"));
    expect(after.filter(({ receipt }) => receipt?.revision === 2).length).toBeGreaterThanOrEqual(2);
    await settled(wallet);
    expect(await contents()).toEqual([renamed("Savings"), renamed("Savings"), renamed("Savings")]);
    for (const i of [0, 1, 2]) {
      const { gen, mirrors } = await manifestAt(i);
      expect(gen).toBe(2);
      const others = await Promise.all([0, 1, 2].filter((other) => other !== i).map(realmOf));
      expect(mirrors.map(({ realm, revision }) => [bytesToHex(realm), revision])).toEqual(
        others.sort().map((realm) => [realm, 1]),
      );
    }
    expect(wallet.servers.map(({ url }) => url)).toEqual(servers.map(({ url }) => `${url}/`));
    expect(wallet.servers.map(({ realm }) => realm)).toEqual(await Promise.all([0, 1, 2].map(realmOf)));
  });

  it("sends nothing where nothing has changed", async () => {
    const wallet = await device();
    await wallet.backup(dump);
    await settled(wallet);
    await wallet.backup(dump);
    await settled(wallet);
    expect(wallet.servers.map(({ receipt }) => receipt?.changed)).toEqual([false, false, false]);
  });

  it("is done when two have it, and the third follows when it returns", async () => {
    const wallet = await device(storage);
    servers[1].intercept = noNetwork;
    await wallet.backup(dump);
    await settled(wallet);
    expect(receiptsOf(wallet)).toEqual([1, undefined, 1]);
    expect(wallet.servers[1]?.error).toBeInstanceOf(UnreachableError);
    await wallet.backup(renamed("Savings"));
    await settled(wallet);
    servers[1].intercept = undefined;
    expect(clock.waiting).toEqual(["background"]);
    await clock.advance(5_000);
    await settled(wallet);
    expect(receiptsOf(wallet)).toEqual([2, 1, 2]);
    expect(await contents()).toEqual([renamed("Savings"), renamed("Savings"), renamed("Savings")]);
    expect(clock.waiting).toEqual([]);
  });

  it("follows in the next process, too, from what this one keeps", async () => {
    const wallet = await device(storage);
    servers[1].intercept = noNetwork;
    await wallet.backup(dump);
    await settled(wallet);
    wallet.close();
    const next = await device(storage);
    servers[1].intercept = undefined;
    await until(() => clock.waiting.length > 0);
    await clock.advance(5_000);
    await until(() => next.servers.every(({ receipt }) => receipt));
    expect(await contents()).toEqual([dump, dump, dump]);
  });

  it("tries a server that stays away less and less often", async () => {
    const wallet = await device(storage);
    await wallet.backup(dump);
    await settled(wallet);
    servers[1].intercept = noNetwork;
    await wallet.backup(renamed("Savings"));
    await settled(wallet);
    servers[1].clear();
    for (let minute = 0; minute < 60; minute++) {
      await clock.advance(60_000);
      await until(() => clock.waiting.length > 0);
    }
    expect(servers[1].asked.length).toBeGreaterThan(5);
    expect(servers[1].asked.length).toBeLessThan(80);
  });

  it("fails where fewer than the quorum have it, which keep it", async () => {
    const wallet = await device();
    servers[0].intercept = noNetwork;
    servers[2].intercept = noNetwork;
    const error = (await errorOf(wallet.backup(dump))) as QuorumError;
    expect(error).toBeInstanceOf(QuorumError);
    expect([error.code, error.retryable, error.quorum]).toEqual(["ERR_CB_QUORUM", true, 2]);
    expect(receiptsOf(error)).toEqual([undefined, 1, undefined]);
    expect(error.servers.map((each) => each.error?.code)).toEqual([
      "ERR_CB_UNREACHABLE",
      undefined,
      "ERR_CB_UNREACHABLE",
    ]);
    expect(error.cause).toBeInstanceOf(UnreachableError);
    servers[0].intercept = undefined;
    expect(receiptsOf(await wallet.backup(dump))).toEqual([1, 1, undefined]);
  });

  it("asks for as many as it is told", async () => {
    servers[0].intercept = noNetwork;
    const all = await device(memoryStorage(), { quorum: 3 });
    expect(await errorOf(all.backup(dump))).toBeInstanceOf(QuorumError);
    servers[0].intercept = undefined;
    expect(receiptsOf(await all.backup(dump))).toEqual([1, 1, 1]);
  });

  it("is refused where the dump is wrong, or loses too much", async () => {
    const wallet = await device();
    const wrong = { ...dump, accounts: [account(0), account(0)] };
    expect(await errorOf(wallet.backup(wrong))).toMatchObject({ code: "ERR_CB_INVALID_DUMP" });
    await wallet.backup(dump);
    await settled(wallet);
    const shrunk = { ...dump, pairings: [] };
    const error = (await errorOf(wallet.backup(shrunk))) as QuorumError;
    expect(error.cause).toBeInstanceOf(WouldShrinkError);
    expect(error.retryable).toBe(false);
    await wallet.backup(shrunk, { allowShrink: true });
  });

  it("carries over what the dump does not name as the newest has it, also to a server that missed it", async () => {
    const wallet = await device();
    await wallet.backup(dump);
    await settled(wallet);
    servers[2].intercept = noNetwork;
    const other = labels.slice(0, 200);
    await wallet.backup({ ...dump, labels: other });
    await settled(wallet);
    servers[2].intercept = undefined;
    const { labels: _, ...unnamed } = renamed("Savings");
    await wallet.backup(unnamed);
    await settled(wallet);
    const expected = { ...unnamed, labels: other };
    expect(await contents()).toEqual([expected, expected, expected]);

    servers[2].intercept = noNetwork;
    await wallet.backup(unnamed, { remove: ["labels"] });
    await settled(wallet);
    servers[2].intercept = undefined;
    await wallet.backup(dump.labels ? { ...unnamed, accounts: dump.accounts } : unnamed);
    await settled(wallet);
    const removed = { accounts: dump.accounts, pairings: dump.pairings };
    expect(await contents()).toEqual([removed, removed, removed]);
  });

  it("adds up the progress of all", async () => {
    const wallet = await device(memoryStorage(), { quorum: 3 });
    const seen: number[] = [];
    await wallet.backup(dump, {
      onProgress: ({ done, total }) => {
        seen.push(done);
        expect(done).toBeLessThanOrEqual(total);
      },
    });
    const sent = wallet.servers.reduce((bytes, { receipt }) => bytes + (receipt?.bytesSent ?? 0), 0);
    expect(seen.at(-1)).toBe(sent);
  });

  it("stops where it is aborted", async () => {
    const wallet = await device();
    const reason = new Error("enough");
    expect(await errorOf(wallet.backup(dump, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    const abort = new AbortController();
    servers[0].intercept = () => {
      abort.abort(reason);
      return noNetwork();
    };
    expect(await errorOf(wallet.backup(dump, { signal: abort.signal }))).toBe(reason);
  });
});

describe("a restore from three servers", () => {
  it("gives what they hold, and lets this device go on at each", async () => {
    const first = await device();
    await first.backup(dump);
    await settled(first);
    const second = await device();
    expect(((await errorOf(second.backup(dump))) as QuorumError).cause).toBeInstanceOf(RestoreFirstError);
    const restored = await takeOver(second);
    expect(restored).toMatchObject({ dump, gen: 1, conflicts: [], unsavedChanges: false });
    expect(statesOf(restored)).toEqual(["ok", "ok", "ok"]);
    await second.backup(renamed("Savings"));
    await settled(second);
    expect(receiptsOf(second)).toEqual([2, 2, 2]);
  });

  it("takes the newest, and says who is stale, missing or away", async () => {
    const first = await device();
    servers[1].intercept = noNetwork;
    await first.backup(dump);
    await settled(first);
    servers[2].intercept = noNetwork;
    servers[1].intercept = undefined;
    await first.backup(renamed("Savings"));
    await settled(first);
    first.close();
    servers[2].intercept = undefined;
    expect(statesOf(await (await device()).restore())).toEqual(["ok", "ok", "stale"]);

    const another = await servers[1].signedIn("user1");
    await (await another.openWallet(SEED)).delete();
    servers[0].intercept = noNetwork;
    const restored = await (await device()).restore();
    expect(statesOf(restored)).toEqual(["unreachable", "missing", "ok"]);
    expect(restored.dump).toEqual(dump);
    expect(restored.servers[0]?.error).toBeInstanceOf(UnreachableError);
    expect(restored.servers[1]?.error).toBeInstanceOf(NoWalletError);
  });

  it("unites what two devices wrote to different servers at once, and names what gave way", async () => {
    const first = await device();
    await first.backup(dump);
    await settled(first);
    const second = await device();
    await takeOver(second);
    servers[2].intercept = noNetwork;
    await first.backup({ ...renamed("First"), accounts: [...renamed("First").accounts, account(7)] });
    await settled(first);
    servers[2].intercept = undefined;
    servers[0].intercept = noNetwork;
    servers[1].intercept = noNetwork;
    const theirs = { ...renamed("Second"), accounts: [...renamed("Second").accounts, account(8)] };
    const split = (await errorOf(second.backup(theirs))) as QuorumError;
    expect(receiptsOf(split)).toEqual([undefined, undefined, 2]);
    servers[0].intercept = undefined;
    servers[1].intercept = undefined;
    first.close();

    const conflict = (await errorOf(second.backup(theirs))) as QuorumError;
    expect(conflict.cause).toBeInstanceOf(RevisionConflictError);
    const restored = await takeOver(second);
    const ids = restored.dump.accounts.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining([account(7).id, account(8).id]));
    expect(restored.conflicts).toMatchObject([{ section: "accounts", key: "name", local: "Second", remote: "First" }]);
    await second.backup(restored.dump);
    await settled(second);
    expect(receiptsOf(second)).toEqual([3, 3, 3]);
    expect(await contents()).toEqual([restored.dump, restored.dump, restored.dump]);
  });

  it("does not bring back what the newest removed", async () => {
    const first = await device();
    await first.backup({ ...dump, accounts: [...dump.accounts, account(7)] });
    await settled(first);
    servers[2].intercept = noNetwork;
    await first.backup(dump);
    await settled(first);
    first.close();
    servers[2].intercept = undefined;
    const restored = await (await device()).restore();
    expect(restored.dump).toEqual(dump);
    expect(statesOf(restored)).toEqual(["ok", "ok", "stale"]);
  });

  it("never takes a server that is away for an empty one", async () => {
    const nothing = await device();
    expect(await errorOf(nothing.restore())).toBeInstanceOf(NoWalletError);
    servers[1].intercept = noNetwork;
    const error = await errorOf(nothing.restore());
    expect(error).toBeInstanceOf(UnreachableError);
    expect((error.cause as AggregateError).errors).toHaveLength(2);
    expect((error.cause as AggregateError).errors[0]).toBeInstanceOf(NoWalletError);

    const wallet = await device();
    servers[0].intercept = noNetwork;
    servers[1].intercept = undefined;
    await wallet.backup(dump);
    await settled(wallet);
    const unsigned = createMirrors([servers[1].client(), servers[2].client()]);
    expect(await errorOf((await unsigned.openWallet(SEED)).restore())).toBeInstanceOf(NotSignedInError);
  });

  it("believes no damaged backup while another is whole", async () => {
    const first = await device();
    await first.backup(dump);
    await settled(first);
    const damaged: RealServer["intercept"] = async ({ path, forward }) => {
      const answer = await forward();
      if (!path.endsWith("/latest")) return answer;
      const bytes = new Uint8Array(await answer.arrayBuffer());
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      return new Response(bytes, { status: 200, headers: { "content-type": "application/cbor-seq" } });
    };
    servers[0].intercept = damaged;
    const restored = await (await device()).restore();
    expect([restored.dump, statesOf(restored)]).toEqual([dump, ["lying", "ok", "ok"]]);
    expect(restored.servers[0]?.error).toBeInstanceOf(TamperedError);
    for (const server of servers) server.intercept = damaged;
    expect(await errorOf((await device()).restore())).toBeInstanceOf(TamperedError);
  });

  it("keeps to minGen", async () => {
    const wallet = await device();
    await wallet.backup(dump);
    await settled(wallet);
    expect((await wallet.restore({ minGen: 1 })).gen).toBe(1);
    expect(await errorOf(wallet.restore({ minGen: 2 }))).toBeInstanceOf(WentBackError);
  });
});

describe("a server that lost what it had", () => {
  const lose = (which: number) => stage.lose(which);

  it("gets the wallet again, above all that it ever had, so that other devices go on", async () => {
    const first = await device(storage);
    await first.backup(dump);
    await settled(first);
    const second = await device();
    await takeOver(second);
    await lose(1);
    await first.backup(renamed("Savings"));
    await settled(first);
    expect(receiptsOf(first)).toEqual([2, 2, 2]);
    expect((await manifestAt(1)).heals).toHaveLength(1);
    const restored = await takeOver(second);
    expect(statesOf(restored)).toEqual(["ok", "ok", "ok"]);
    await second.backup(renamed("Third"));
    await settled(second);
    expect(receiptsOf(second)).toEqual([3, 3, 3]);
  });

  it("gets it by sync alone", async () => {
    const first = await device();
    await first.backup(dump);
    await settled(first);
    await lose(0);
    expect(receiptsOf(await first.sync())).toEqual([2, 1, 1]);
    expect(await contents()).toEqual([dump, dump, dump]);
  });

  it("gets it from a new device, too, which learns of the loss from the others", async () => {
    const first = await device();
    await first.backup(dump);
    await settled(first);
    await first.backup(renamed("Savings"));
    await settled(first);
    first.close();
    await lose(1);
    const second = await device();
    const restored = await takeOver(second);
    expect(statesOf(restored)).toEqual(["ok", "missing", "ok"]);
    await second.backup(renamed("Third"));
    await settled(second);
    expect(receiptsOf(second)).toEqual([3, 3, 3]);
  });

  it("gets nothing where no other server has it", async () => {
    const wallet = await device(memoryStorage(), { quorum: 1 });
    await wallet.backup(dump);
    await settled(wallet);
    for (const which of [0, 1, 2]) await lose(which);
    const error = (await errorOf(wallet.backup(renamed("Savings")))) as QuorumError;
    expect(error.servers.map((each) => each.error?.constructor)).toEqual([
      WalletGoneError,
      WalletGoneError,
      WalletGoneError,
    ]);
  });
});

describe("mirrors", () => {
  it("refuses two clients of one server as soon as it knows", async () => {
    const twice = await servers[0].signedIn("user0", { url: servers[0].url.replace("127.0.0.1", "localhost") });
    const mirrors = createMirrors([await servers[0].signedIn("user0"), twice]);
    expect(await errorOf(mirrors.openWallet(SEED))).toBeInstanceOf(SameRealmError);

    servers[0].intercept = noNetwork;
    const wallet = await createMirrors([servers[0].client(), await servers[1].signedIn("user1")]).openWallet(SEED);
    servers[0].intercept = undefined;
    wallet.close();
    const first = servers[0].client();
    const second = servers[0].client({ url: servers[0].url.replace("127.0.0.1", "localhost") });
    let isAway = true;
    servers[0].intercept = () => (isAway ? noNetwork() : undefined);
    const late = await createMirrors([first, second]).openWallet(SEED);
    isAway = false;
    expect(await errorOf(late.backup(dump))).toBeInstanceOf(SameRealmError);
    expect(await errorOf(late.restore())).toBeInstanceOf(SameRealmError);
    expect(await errorOf(late.verify(dump))).toBeInstanceOf(SameRealmError);
  });

  it("knows what it takes", async () => {
    const [a, b] = [servers[0].client(), servers[1].client()];
    expect(() => createMirrors([a])).toThrow(RangeError);
    expect(() => createMirrors([a, a])).toThrow(RangeError);
    expect(() => createMirrors([a, {} as Client])).toThrow(TypeError);
    expect(() => createMirrors([a, b], { quorum: 3 })).toThrow(RangeError);
    expect(() => createMirrors([a, b], { quorums: 1 } as object)).toThrow(TypeError);
    const wallet = await createMirrors([a, b]).openWallet(SEED);
    expect(await errorOf(wallet.restore({ revision: 1 } as object))).toBeInstanceOf(TypeError);
    expect(receiptsOf(await wallet.sync())).toEqual([undefined, undefined]);
    wallet.close();
    for (const call of [
      () => wallet.backup(dump),
      () => wallet.restore(),
      () => wallet.verify(dump),
      () => wallet.sync(),
    ]) {
      expect(await errorOf(call())).toBeInstanceOf(TypeError);
    }
  });

  it("drills at each server", async () => {
    const wallet = await device();
    servers[2].intercept = noNetwork;
    await wallet.backup(dump);
    await settled(wallet);
    const report = await wallet.verify(dump);
    expect(report.ok).toBe(true);
    expect(report.servers.map((each) => each.report?.ok)).toEqual([true, true, undefined]);
    expect(report.servers[2]?.error).toBeInstanceOf(UnreachableError);
    servers[2].intercept = undefined;
    const other = await wallet.verify(renamed("Savings"));
    expect(other.ok).toBe(false);
    expect(other.servers[2]?.error).toBeInstanceOf(NoWalletError);
  });

  it("ends with close, whatever is under way", async () => {
    const wallet = await device();
    servers[2].intercept = () => new Promise(() => undefined);
    await wallet.backup(dump);
    await wallet[Symbol.asyncDispose]();
    expect(clock.waiting).toEqual([]);
  });
});
