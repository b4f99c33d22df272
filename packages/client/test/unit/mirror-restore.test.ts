import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytesToHex } from "@noble/hashes/utils.js";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { ForkError, RevisionConflictError, WentBackError } from "../../src/errors.ts";
import { memoryStorage } from "../../src/storage.ts";
import { Mirrored, receiptsOf, settled, statesOf, takeOver } from "../support/mirrors.ts";
import {
  dump,
  noNetwork,
  type RealServer,
  renamed,
  SEED,
  type ServerOnDisk,
  startServer,
  startServerOnDisk,
} from "../support/wallets.ts";

/** The last of three servers, whose disk may be set back to an old copy. */
let disk: ServerOnDisk;
let folder: string;
let stage: Mirrored<[RealServer, RealServer, ServerOnDisk]>;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cloudbackup-mirrors-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  disk = await startServerOnDisk(join(folder, "data"));
  stage = new Mirrored([await startServer(), await startServer(), disk]);
});

const copy = () => disk.restart(() => cp(join(folder, "data"), join(folder, "copy"), { recursive: true }));
const goBack = () =>
  disk.restart(async () => {
    await rm(join(folder, "data"), { recursive: true });
    await cp(join(folder, "copy"), join(folder, "data"), { recursive: true });
  });

describe("a server that was set back to an old copy", () => {
  /** Three backups, the first of which is in the copy. */
  async function backedUp(storage = memoryStorage()) {
    const wallet = await stage.device(storage);
    await wallet.backup(dump);
    await settled(wallet);
    await copy();
    for (const name of ["Second", "Third"]) {
      await wallet.backup(renamed(name));
      await settled(wallet);
    }
    expect(receiptsOf(wallet)).toEqual([3, 3, 3]);
    await goBack();
    return wallet;
  }

  it("is noticed by a device that has seen more, and refilled by it", async () => {
    const wallet = await backedUp();
    const seen = await wallet.restore();
    expect([seen.dump, statesOf(seen)]).toEqual([renamed("Third"), ["ok", "ok", "lying"]]);
    expect(seen.servers[2]?.error).toBeInstanceOf(WentBackError);

    await wallet.backup(renamed("Fourth"));
    await settled(wallet);
    expect(receiptsOf(wallet)).toEqual([4, 4, 4]);
    const { heals } = await stage.manifestAt(2);
    expect(heals).toHaveLength(2);
    expect(await stage.contents()).toEqual([renamed("Fourth"), renamed("Fourth"), renamed("Fourth")]);
  });

  it("is noticed by a new device, which the other servers' backups tell, and refilled by it", async () => {
    const first = await backedUp();
    const fresh = await stage.device();
    const restored = await takeOver(fresh);
    expect([restored.dump, restored.conflicts]).toEqual([renamed("Third"), []]);
    expect(statesOf(restored)).toEqual(["ok", "ok", "lying"]);
    expect(restored.servers[2]).toMatchObject({ revision: 1, gen: 1 });
    expect(restored.servers[2]?.error).toBeInstanceOf(WentBackError);

    await fresh.backup(renamed("Fourth"));
    await settled(fresh);
    expect(receiptsOf(fresh)).toEqual([4, 4, 3]);
    expect(await stage.contents()).toEqual([renamed("Fourth"), renamed("Fourth"), renamed("Fourth")]);

    // The third backup there, which nobody had named yet, the new device could not know of. The first one does.
    const again = await takeOver(first);
    expect([again.dump, statesOf(again)]).toEqual([renamed("Fourth"), ["ok", "ok", "lying"]]);
    expect(again.servers[2]?.error).toBeInstanceOf(ForkError);
    await first.servers[2]?.wallet?.reconcile({ read: () => again.dump, apply: () => true });
    expect(statesOf(await first.restore())).toEqual(["ok", "ok", "ok"]);
    expect(statesOf(await fresh.restore())).toEqual(["ok", "ok", "ok"]);
  });

  it("is given what is newest, where nobody else answers, and said to be stale by nobody", async () => {
    await backedUp();
    stage.servers[0].intercept = noNetwork;
    stage.servers[1].intercept = noNetwork;
    const restored = await (await stage.device()).restore();
    expect([restored.dump, statesOf(restored)]).toEqual([dump, ["unreachable", "unreachable", "ok"]]);
  });

  it("is not written over where another device has gone on there", async () => {
    const wallet = await backedUp();
    const client = await disk.signedIn("user2");
    await using alone = await client.openWallet(SEED);
    await (await alone.restore()).accept();
    await alone.backup(renamed("Astray"));
    await wallet.backup(renamed("Fourth"));
    await settled(wallet);
    expect(receiptsOf(wallet)).toEqual([4, 4, undefined]);
    expect(wallet.servers[2]?.error).toBeInstanceOf(WentBackError);
    expect((await stage.contents())[2]).toEqual(renamed("Astray"));

    // Once it has passed what was seen there, it is a fork, for this device and for a new one.
    await alone.backup(renamed("Astray 2"));
    await alone.backup(renamed("Astray 3"));
    for (const device of [wallet, await stage.device()]) {
      const restored = await device.restore();
      expect(statesOf(restored)).toEqual(["ok", "ok", "lying"]);
      expect(restored.servers[2]?.error).toBeInstanceOf(ForkError);
    }
    // A person sees to it there alone.
    await wallet.servers[2]?.wallet?.reconcile({ read: () => renamed("Fourth"), apply: () => true });
    expect(statesOf(await wallet.restore())[2]).not.toBe("lying");
  });
});

describe("a server that was away", () => {
  it("goes on where a new device knows by the others what it holds", async () => {
    const first = await stage.device();
    await first.backup(dump);
    await settled(first);
    await first.backup(renamed("Second"));
    await settled(first);
    stage.servers[1].intercept = noNetwork;
    const fresh = await stage.device();
    await takeOver(fresh);
    stage.servers[1].intercept = undefined;
    await fresh.backup(renamed("Third"));
    await settled(fresh);
    // What the others name is revision 1: of the second nobody has told yet.
    expect(receiptsOf(fresh)).toEqual([3, undefined, 3]);
    await takeOver(fresh);
    await fresh.backup(renamed("Third"));
    await settled(fresh);
    expect(receiptsOf(fresh)).toEqual([3, 3, 3]);

    stage.servers[1].intercept = noNetwork;
    await fresh.backup(renamed("Fourth"));
    await settled(fresh);
    const third = await stage.device();
    await takeOver(third);
    stage.servers[1].intercept = undefined;
    await third.backup(renamed("Fifth"));
    await settled(third);
    expect(receiptsOf(third)).toEqual([5, 4, 5]);
    expect((await stage.manifestAt(1)).mirrors.map(({ revision }) => revision)).toEqual([4, 4]);
  });

  it("is not written over where another device has written there alone", async () => {
    const first = await stage.device();
    await first.backup(dump);
    await settled(first);
    const second = await stage.device(memoryStorage(), { quorum: 1 });
    await takeOver(second);
    stage.servers[0].intercept = noNetwork;
    stage.servers[1].intercept = noNetwork;
    await second.backup(renamed("Second"));
    await settled(second);
    stage.servers[0].intercept = undefined;
    stage.servers[1].intercept = undefined;
    second.close();
    const { servers } = await first.backup(renamed("First"));
    expect(servers.filter(({ receipt }) => receipt)).toHaveLength(2);
    await settled(first);
    expect(first.servers[2]?.error).toBeInstanceOf(RevisionConflictError);
    const restored = await takeOver(first);
    expect(restored.conflicts).toHaveLength(1);
    await first.backup(restored.dump);
    await settled(first);
    const shas = await Promise.all([0, 1, 2].map(async (i) => bytesToHex((await stage.manifestAt(i)).checksum)));
    expect(new Set(shas).size).toBe(1);
  });
});

it("knows a server that took what it was sent and gave no answer", async () => {
  const wallet = await stage.device();
  await wallet.backup(dump);
  await settled(wallet);
  stage.servers[1].intercept = ({ method, path, forward }) =>
    method === "POST" && path.endsWith("/backups") ? forward().then(noNetwork) : undefined;
  await wallet.backup(renamed("Second"));
  await settled(wallet);
  expect(receiptsOf(wallet)).toEqual([2, undefined, 2]);
  stage.servers[1].intercept = undefined;
  expect(receiptsOf(await wallet.sync())).toEqual([2, 2, 2]);
});
