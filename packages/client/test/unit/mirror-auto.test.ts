import type { Dump } from "@cloudbackup/core";
import { beforeEach, describe, expect, it } from "vitest";
import type { AutoBackupOptions } from "../../src/auto-backup.ts";
import { NotSignedInError, QuorumError, RevisionConflictError } from "../../src/errors.ts";
import type { MirroredWallet } from "../../src/mirrored-wallet.ts";
import { createMirrors } from "../../src/mirrors.ts";
import { memoryStorage } from "../../src/storage.ts";
import { errorOf } from "../support/errors.ts";
import { settle, until } from "../support/fake-clock.ts";
import { Mirrored, receiptsOf, settled, takeOver } from "../support/mirrors.ts";
import { account, dump, noNetwork, type RealServer, renamed, SEED, startServer } from "../support/wallets.ts";

let stage: Mirrored<[RealServer, RealServer, RealServer]>;
beforeEach(async () => {
  stage = new Mirrored([await startServer(), await startServer(), await startServer()]);
});

/** A wallet's store, and its automatic backup. */
function auto(wallet: MirroredWallet, first: Dump = dump, options: Partial<AutoBackupOptions> = {}) {
  const store = { dump: first };
  const started = wallet.autoBackup({ read: () => store.dump, ...options });
  const change = (next: Dump) => {
    store.dump = next;
    started.changed();
  };
  return { store, auto: started, change };
}

const merging = (store: { dump: Dump }) => (merged: Dump) => {
  store.dump = merged;
};

describe("an automatic backup at three servers", () => {
  it("is stored when two have it, and waits for as many as it is asked to", async () => {
    const wallet = await stage.device();
    stage.servers[2].intercept = noNetwork;
    const { auto: backup, change } = auto(wallet);
    expect(await backup.durable()).toMatchObject({ revision: 1, changed: true });
    await until(() => backup.status.state === "idle");
    expect(backup.status.storedAt).toBeInstanceOf(Date);

    change(renamed("Savings"));
    const all = backup.durable({ servers: 3 });
    await until(() => backup.status.state === "failed");
    expect(backup.status.error).toBeInstanceOf(QuorumError);
    expect(backup.status.retryAt).toBeInstanceOf(Date);
    stage.servers[2].intercept = undefined;
    await until(async () => {
      await stage.clock.advance(1_000);
      return backup.status.state === "idle";
    });
    await all;
    expect(await stage.contents()).toEqual([renamed("Savings"), renamed("Savings"), renamed("Savings")]);
    expect(await errorOf(backup.durable({ servers: 4 }))).toBeInstanceOf(RangeError);
  });

  it("fails for a person where waiting does not help", async () => {
    const clients = [stage.servers[0].client(), stage.servers[1].client(), await stage.servers[2].signedIn("user2")];
    await using wallet = await createMirrors(clients).openWallet(SEED);
    const { auto: backup } = auto(wallet);
    expect(await errorOf(backup.durable())).toBeInstanceOf(NotSignedInError);
    expect(backup.status.state).toBe("failed");
  });

  it("merges what another device wrote", async () => {
    const first = await stage.device();
    const second = await stage.device();
    const mine = auto(first);
    await mine.auto.durable();
    await settled(first);
    await takeOver(second);
    const theirs: { dump: Dump } = { dump };
    const their = second.autoBackup({ read: () => theirs.dump, apply: merging(theirs) });
    mine.change({ ...dump, accounts: [...dump.accounts, account(7)] });
    await mine.auto.durable({ servers: 3 });
    theirs.dump = renamed("Theirs");
    await their.durable({ servers: 3 });
    const merged = { ...renamed("Theirs"), accounts: [...renamed("Theirs").accounts, account(7)] };
    expect(theirs.dump.accounts.map(({ id, name }) => [id, name])).toEqual(
      merged.accounts.map(({ id, name }) => [id, name]),
    );
    expect(await stage.contents()).toEqual([theirs.dump, theirs.dump, theirs.dump]);
  });

  it("merges what another device wrote to one of them alone, also where that comes to light late", async () => {
    const first = await stage.device();
    const store: { dump: Dump } = { dump };
    const applied: Dump[] = [];
    const backup = first.autoBackup({
      read: () => store.dump,
      apply(merged) {
        store.dump = merged;
        applied.push(merged);
      },
    });
    await backup.durable({ servers: 3 });
    const second = await stage.device(memoryStorage(), { quorum: 1 });
    await takeOver(second);
    stage.servers[0].intercept = noNetwork;
    stage.servers[1].intercept = noNetwork;
    await second.backup({ ...dump, accounts: [...dump.accounts, account(7)] });
    await settled(second);
    second.close();
    // The third server answers only when the two others have.
    let isFree = false;
    stage.servers[0].intercept = undefined;
    stage.servers[1].intercept = undefined;
    stage.servers[2].intercept = async ({ forward }) => {
      await until(() => isFree);
      return forward();
    };
    store.dump = renamed("First");
    await backup.durable();
    expect(applied).toEqual([]);
    isFree = true;
    await until(async () => {
      await stage.clock.advance(1_000);
      return applied.length === 1;
    });
    await backup.durable({ servers: 3 });
    expect(store.dump.accounts.map(({ name }) => name)).toEqual(["First", "No. 1", "No. 2", "No. 7"]);
    expect(await stage.contents()).toEqual([store.dump, store.dump, store.dump]);
  });

  it("shows such a conflict, once, where the wallet does not merge", async () => {
    const first = await stage.device();
    const { auto: backup, change } = auto(first);
    await backup.durable({ servers: 3 });
    const second = await stage.device();
    await takeOver(second);
    await second.backup(renamed("Theirs"));
    await settled(second);
    change(renamed("Mine"));
    await until(async () => {
      await stage.clock.advance(1_000);
      return backup.status.state === "conflict";
    });
    expect(backup.status.error).toBeInstanceOf(RevisionConflictError);
    for (const server of stage.servers) server.clear();
    await stage.clock.advance(60_000);
    await settle();
    expect(stage.servers.flatMap(({ asked }) => asked)).toEqual([]);
    const restored = await first.restore();
    expect(restored.unsavedChanges).toBe(true);
  });

  it("goes on where one of them forked, which it cannot merge", async () => {
    const wallet = await stage.device();
    const store: { dump: Dump } = { dump };
    const backup = wallet.autoBackup({ read: () => store.dump, apply: merging(store) });
    await backup.durable({ servers: 3 });
    await stage.lose(2);
    await using alone = await (await stage.servers[2].signedIn("user2")).openWallet(SEED);
    await alone.backup(renamed("Astray"));

    store.dump = renamed("Mine");
    await backup.durable();
    await settled(wallet);
    await until(async () => {
      await stage.clock.advance(1_000);
      return backup.status.state === "idle";
    });
    store.dump = renamed("Mine, later");
    await backup.durable();
    expect(backup.status.state).toBe("idle");
    expect(await stage.contents()).toEqual([renamed("Mine, later"), renamed("Mine, later"), renamed("Astray")]);
    expect(wallet.servers[2]?.error).toBeInstanceOf(RevisionConflictError);
    expect(await errorOf(backup.durable({ servers: 3 }))).toBeInstanceOf(RevisionConflictError);
  });

  it("finds after a restart what was not stored", async () => {
    const storage = memoryStorage();
    const wallet = await stage.device(storage);
    const { auto: backup, change } = auto(wallet);
    await backup.durable({ servers: 3 });
    for (const server of stage.servers) server.intercept = noNetwork;
    change(renamed("Savings"));
    await settle();
    await wallet[Symbol.asyncDispose]();
    for (const server of stage.servers) server.intercept = undefined;
    const next = await stage.device(storage);
    const { auto: again } = auto(next, renamed("Savings"));
    await until(async () => {
      await stage.clock.advance(1_000);
      return again.status.state === "idle";
    });
    await settled(next);
    expect(receiptsOf(next)).toEqual([2, 2, 2]);
  });

  it("is one at a time, and ends with the wallet", async () => {
    const wallet = await stage.device();
    const { auto: backup } = auto(wallet);
    expect(() => auto(wallet)).toThrow(TypeError);
    await backup.durable({ servers: 3 });
    wallet.close();
    expect(backup.status.state).toBe("closed");
    await settle();
    expect(stage.clock.waiting).toEqual([]);
  });
});
