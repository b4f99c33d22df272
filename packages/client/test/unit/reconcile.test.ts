import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Account, type Dump, encodeDump, openBackup } from "@cloudbackup/core";
import { decodeBundle, encodeBundle } from "@cloudbackup/core/wire";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { Client } from "../../src/account.ts";
import {
  ForkError,
  IncompleteError,
  InvalidDumpError,
  NotYoursError,
  RevisionConflictError,
  TamperedError,
  UnreachableError,
  UnsupportedVersionError,
  WalletGoneError,
  WentBackError,
  WouldShrinkError,
} from "../../src/errors.ts";
import type { Reconciled, ReconcileFindings, ReconcileOptions } from "../../src/reconcile.ts";
import { memoryStorage, type Storage } from "../../src/storage.ts";
import type { WalletBackup } from "../../src/wallet-backup.ts";
import { errorOf } from "../support/errors.ts";
import { account, dump, noNetwork, renamed, SEED, type ServerOnDisk, startServerOnDisk } from "../support/wallets.ts";

let server: ServerOnDisk;
let folder: string;
let dataDir: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cloudbackup-reconcile-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  dataDir = join(folder, "data");
  server = await startServerOnDisk(dataDir);
  await server.signedIn("alice");
});

/** A copy of the server's disk as it is now. Played back, the server honestly believes in it. */
async function copyOfDisk(): Promise<() => Promise<void>> {
  const copy = await mkdtemp(join(folder, "copy-"));
  await server.restart(() => cp(dataDir, copy, { recursive: true }));
  return () =>
    server.restart(async () => {
      await rm(dataDir, { recursive: true });
      await cp(copy, dataDir, { recursive: true });
    });
}

/** A wallet on a device, with a store of its own. */
class Device {
  readonly storage: Storage = memoryStorage();
  readonly found: ReconcileFindings[] = [];
  content: Dump = dump;
  client!: Client;
  wallet!: WalletBackup;

  static async open(): Promise<Device> {
    const device = new Device();
    device.client = await server.signedIn("alice", { storage: device.storage });
    device.wallet = await device.client.openWallet(SEED);
    server.clear();
    return device;
  }

  /** Takes over what the server holds. */
  async restore(): Promise<this> {
    const restored = await this.wallet.restore();
    this.content = restored.dump;
    await restored.accept();
    return this;
  }

  async write(content: Dump): Promise<string> {
    this.content = content;
    return (await this.wallet.backup(content)).sha256;
  }

  reconcile(more: Partial<ReconcileOptions> = {}): Promise<Reconciled> {
    return this.wallet.reconcile({
      read: () => this.content,
      apply: (merged, found) => {
        this.content = merged;
        this.found.push(found);
      },
      ...more,
    });
  }

  /** All that is kept, to compare. */
  async kept(): Promise<Map<string, string>> {
    const keys = (await this.storage.keys("")).filter((key) => key.includes("/wallets/"));
    const entries = keys.map(async (key) => [key, hex((await this.storage.get(key)) as Uint8Array)] as const);
    return new Map(await Promise.all(entries));
  }
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const withAccounts = (from: Dump, ...more: Account[]): Dump => ({ ...from, accounts: [...from.accounts, ...more] });
const idsOf = ({ accounts }: Dump) => accounts.map(({ id }) => id).sort();
const ids = (...indices: number[]) => indices.map((index) => account(index).id);

describe("a server that went back to an old copy", () => {
  it("gets back what this device has, and the others go on by themselves", async () => {
    const [a, b, c] = [await Device.open(), await Device.open(), await Device.open()];
    await a.write(dump);
    const late = await (await Device.open()).restore();
    const goBack = await copyOfDisk();
    const second = await a.write(withAccounts(dump, account(3)));
    await b.restore();
    await c.restore();
    const third = await b.write(renamed("Rent", b.content));
    await a.restore();
    await goBack();

    for (const device of [a, b, c]) await expect(device.wallet.restore()).rejects.toThrow(WentBackError);
    await expect(a.wallet.backup(a.content)).rejects.toThrow(WentBackError);
    const { receipt, healed, ...rest } = await a.reconcile();
    expect(receipt).toMatchObject({ revision: 4, changed: true });
    expect(healed).toEqual([second, third]);
    expect(rest).toMatchObject({ missed: undefined, unreadable: [] });
    // What the server still had is older than what this device holds: its value gives way, and is named.
    expect(rest.conflicts).toMatchObject([{ section: "accounts", key: "name", local: "Rent", remote: "No. 0" }]);
    expect(a.content).toEqual(renamed("Rent", withAccounts(dump, account(3))));

    // B has seen a lost revision, C an older one of those, the last none of them.
    for (const device of [b, c, late]) expect((await device.restore()).content).toEqual(a.content);
    expect(await b.wallet.backup(renamed("Rent, May", b.content))).toMatchObject({ revision: 5 });
  });

  it("is healed for those, too, who come back when others have written since", async () => {
    const [a, b] = [await Device.open(), await Device.open()];
    await a.write(dump);
    const goBack = await copyOfDisk();
    await a.write(renamed("Rent"));
    await b.restore();
    await goBack();
    await a.reconcile();
    for (const name of ["Food", "Bikes"]) await a.write(renamed(name, a.content));
    expect((await b.restore()).content).toEqual(renamed("Bikes"));
  });

  it("and went back once more, is healed of both losses", async () => {
    const [a, b] = [await Device.open(), await Device.open()];
    await a.write(dump);
    const goBack = await copyOfDisk();
    const lost = await a.write(renamed("Rent"));
    await b.restore();
    await goBack();
    const { receipt } = await a.reconcile();
    await goBack();
    expect((await a.reconcile()).healed).toEqual([lost, receipt.sha256]);
    expect((await b.restore()).content).toEqual(renamed("Rent"));
  });

  it("does not hide what this device never took over: its writer is told, and brings it back", async () => {
    const [a, b] = [await Device.open(), await Device.open()];
    await a.write(dump);
    await b.restore();
    const goBack = await copyOfDisk();
    const lost = await b.write(withAccounts(dump, account(3)));
    // Looked at, so that the mark is raised, and not taken over.
    await a.wallet.verify(a.content);
    await goBack();

    const { healed, missed } = await a.reconcile();
    expect(healed).toEqual([]);
    expect(missed).toEqual({ revision: 2, sha256: lost });
    expect(a.found).toMatchObject([{ missed: { revision: 2 } }]);
    await expect(b.wallet.restore()).rejects.toThrow(ForkError);
    await b.reconcile();
    expect(idsOf((await a.restore()).content)).toEqual(ids(0, 1, 2, 3));
  });

  it("before the first backup", async () => {
    const [a, b] = [await Device.open(), await Device.open()];
    // The wallet is registered, and its first commit gets lost.
    server.intercept = ({ method, path }) => (method === "POST" && path.endsWith("/backups") ? noNetwork() : undefined);
    await expect(a.wallet.backup(dump)).rejects.toThrow(UnreachableError);
    server.intercept = undefined;
    const goBack = await copyOfDisk();
    const lost = await a.write(dump);
    await b.restore();
    await goBack();
    await expect(a.wallet.backup(dump)).rejects.toThrow(/no backup/);
    expect(await a.reconcile()).toMatchObject({ receipt: { revision: 2 }, healed: [lost], conflicts: [] });
    expect((await b.restore()).content).toEqual(dump);
  });

  it("before the wallet was registered, or that lost it", async () => {
    const [a, b] = [await Device.open(), await Device.open()];
    const goBack = await copyOfDisk();
    const lost = await a.write(dump);
    await b.restore();
    await goBack();
    await expect(a.wallet.restore()).rejects.toThrow(WalletGoneError);
    expect(await a.reconcile()).toMatchObject({ receipt: { revision: 2 }, healed: [lost] });
    expect((await b.restore()).content).toEqual(dump);
  });

  it("in sections that the wallet does not name gets those back, too", async () => {
    const a = await Device.open();
    await a.write(dump);
    const goBack = await copyOfDisk();
    await a.write({ ...dump, "acme.new": ["x"] });
    await goBack();
    // A version of the wallet that knows nothing of it.
    a.content = renamed("Rent");
    await a.reconcile();
    const { dump: restored } = await (await Device.open()).wallet.restore();
    expect(restored["acme.new"]).toMatchObject({ body: new Uint8Array([0x61, 0x78]) });
    expect(restored.accounts[0]?.name).toBe("Rent");
  });
});

it("a wallet that another device deleted comes back above its last revision", async () => {
  const [a, b] = [await Device.open(), await Device.open()];
  await a.write(dump);
  await b.restore();
  await b.write(renamed("Rent", b.content));
  await b.wallet.delete();
  await expect(a.wallet.restore()).rejects.toThrow(WalletGoneError);
  expect(await a.reconcile()).toMatchObject({ receipt: { revision: 3 } });
  expect((await (await Device.open()).restore()).content).toEqual(dump);
});

describe("a fork", () => {
  let a: Device;
  let other: Device;
  let lost: string;
  beforeEach(async () => {
    a = await Device.open();
    await a.write(dump);
    const goBack = await copyOfDisk();
    lost = await a.write(renamed("Rent", withAccounts(dump, account(3))));
    await goBack();
    // A device that cannot know what was lost goes on from there.
    other = await (await Device.open()).restore();
    await other.write(renamed("Food", withAccounts(dump, account(4))));
  });

  it("is united: nothing of either is lost", async () => {
    await expect(a.wallet.restore()).rejects.toThrow(ForkError);
    const { receipt, healed, conflicts } = await a.reconcile();
    expect(receipt.revision).toBe(3);
    expect(healed).toEqual([lost]);
    expect(conflicts).toMatchObject([{ key: "name", local: "Rent", remote: "Food" }]);
    expect(idsOf(a.content)).toEqual(ids(0, 1, 2, 3, 4));
    expect(a.content.accounts[0]?.name).toBe("Food");
    expect(encodeDump((await other.restore()).content)).toEqual(encodeDump(a.content));
  });

  it("is resolved by the wallet where it wants to", async () => {
    await a.reconcile({ resolve: ({ local, remote }) => `${local} and ${remote}` });
    expect(a.content.accounts[0]?.name).toBe("Rent and Food");
  });

  it("ends above all generations", async () => {
    await a.reconcile();
    await other.restore();
    const { gen } = await other.wallet.restore();
    expect(gen).toBe(3);
  });
});

describe("until the wallet has taken the united dump over", () => {
  let a: Device;
  let kept: Map<string, string>;
  beforeEach(async () => {
    a = await Device.open();
    await a.write(dump);
    const goBack = await copyOfDisk();
    await a.write(renamed("Rent"));
    await goBack();
    kept = await a.kept();
    server.clear();
  });

  const nothingWasSent = async () => {
    expect(server.asked.filter((request) => request.startsWith("POST") && !request.endsWith("/sessions"))).toEqual([]);
    expect(await a.kept()).toEqual(kept);
  };

  it("nothing is sent, and never where it throws", async () => {
    const full = new Error("the disk is full");
    const refuse = () => {
      throw full;
    };
    expect(await errorOf(a.reconcile({ apply: refuse }))).toBe(full);
    expect(await errorOf(a.reconcile({ apply: async () => refuse() }))).toBe(full);
    expect(await errorOf(a.reconcile({ read: refuse }))).toBe(full);
    await nothingWasSent();
  });

  it("it is asked again where it says that it has changed", async () => {
    const contents = [renamed("one"), renamed("two"), renamed("three")];
    const applied: (string | undefined)[] = [];
    await a.reconcile({
      read: () => contents.shift() as Dump,
      apply: ({ accounts }) => {
        applied.push(accounts[0]?.name);
        return applied.length === 3;
      },
    });
    expect(applied).toEqual(["one", "two", "three"]);
    expect((await (await Device.open()).restore()).content.accounts[0]?.name).toBe("three");
  });

  it("it is asked again only after a while: the rest of the program goes on", async () => {
    let isReady = false;
    let calls = 0;
    const apply = () => {
      if (++calls === 1) {
        setTimeout(() => {
          isReady = true;
        });
      }
      if (calls > 100) throw new Error("nothing else ran");
      return isReady;
    };
    expect((await a.reconcile({ apply })).receipt.changed).toBe(true);
  });

  it("a person may abort, in the download and after", async () => {
    const abort = new AbortController();
    server.intercept = ({ path }) => {
      if (path.endsWith("/latest")) abort.abort(new Error("no more"));
      return undefined;
    };
    await expect(a.reconcile({ signal: abort.signal })).rejects.toThrow("no more");
    server.intercept = undefined;
    const later = new AbortController();
    const read = () => {
      later.abort(new Error("not now"));
      return a.content;
    };
    await expect(a.reconcile({ signal: later.signal, read })).rejects.toThrow("not now");
    expect(a.found).toEqual([]);
    await nothingWasSent();
  });

  it("a dump that breaks a rule is refused", async () => {
    const broken = { ...dump, labels: [{ type: "tx", ref: "" }] };
    await expect(a.reconcile({ read: () => broken })).rejects.toThrow(InvalidDumpError);
    await nothingWasSent();
  });

  it("tells what is wrong in its options", async () => {
    const refused = (options: object) => errorOf(a.reconcile(options));
    for (const options of [
      { read: 5 },
      { apply: undefined },
      { resolve: 1 },
      { allowShrink: "yes" },
      { replace: true },
    ]) {
      expect(await refused(options), JSON.stringify(options)).toBeInstanceOf(TypeError);
    }
    await nothingWasSent();
  });
});

describe("where the wallet lacks what this device has backed up", () => {
  it("nothing is sent unless a person allows it: it may not have loaded", async () => {
    const a = await Device.open();
    const goBack = await copyOfDisk();
    await a.write(dump);
    await goBack();
    a.content = { accounts: [], pairings: [] };
    await expect(a.reconcile()).rejects.toThrow(WouldShrinkError);
    expect(a.found).toEqual([]);
    expect(await a.reconcile({ allowShrink: true })).toMatchObject({ receipt: { revision: 2 } });
  });

  it("and the server still has it, it is in the union", async () => {
    const a = await Device.open();
    await a.write(dump);
    const goBack = await copyOfDisk();
    await a.write(renamed("Rent"));
    await goBack();
    a.content = { accounts: [], pairings: [] };
    await a.reconcile();
    expect(a.content).toEqual(dump);
  });
});

describe("what does not open", () => {
  let a: Device;
  beforeEach(async () => {
    a = await Device.open();
    await a.write(dump);
    await a.write({ ...renamed("Rent"), "acme.new": ["x".repeat(6_000)] });
    server.clear();
  });

  /** Changes the last byte of what the server sends as the latest; of its head, too. */
  const damageDownloads = (from = -1) => {
    server.intercept = async ({ method, path, forward }) => {
      if (method !== "GET" || !path.includes("/backups/latest")) return forward();
      const response = await forward();
      const body = new Uint8Array(await response.arrayBuffer());
      body[from < 0 ? body.length + from : from] = (body.at(from) as number) ^ 1;
      return new Response(body, { status: 200, headers: response.headers });
    };
  };

  it("is named before anything is sent, and replaced by what this device has", async () => {
    damageDownloads();
    const { unreadable, receipt } = await a.reconcile();
    server.intercept = undefined;
    expect(unreadable).toEqual([{ of: "server", revision: 2, error: expect.any(TamperedError) }]);
    expect(a.found[0]?.unreadable).toEqual(unreadable);
    expect(receipt.revision).toBe(3);
    const other = await (await Device.open()).restore();
    expect(other.content.accounts[0]?.name).toBe("Rent");
    // Its chain goes on, so that nobody takes it for a fork.
    expect((await a.restore()).content.accounts[0]?.name).toBe("Rent");
  });

  it("because it is not whole is made whole again", async () => {
    const chunks: string[] = [];
    server.intercept = async ({ method, path, forward }) => {
      if (method !== "GET" || !path.includes("/backups/latest")) return forward();
      const { head, items } = decodeBundle(new Uint8Array(await (await forward()).arrayBuffer()));
      chunks.push(...items.map(({ id }) => hex(id)));
      const body = encodeBundle({ head, items: [] });
      return new Response(body as BodyInit, { headers: { "content-type": "application/cbor-seq" } });
    };
    expect((await a.reconcile()).unreadable).toMatchObject([{ of: "server", error: { code: "ERR_CB_INCOMPLETE" } }]);
    server.intercept = undefined;
    const { items } = decodeBundle(await a.wallet.exportFile());
    expect(chunks.length).toBeGreaterThan(0);
    expect(items.map(({ id }) => hex(id))).toEqual(chunks);
  });

  it("may be left alone", async () => {
    damageDownloads();
    const stop = new Error("ask a person");
    const apply = (_: Dump, { unreadable }: ReconcileFindings) => {
      if (unreadable.length > 0) throw stop;
    };
    expect(await errorOf(a.reconcile({ apply }))).toBe(stop);
    server.intercept = undefined;
    expect((await a.wallet.restore()).revision).toBe(2);
  });

  it("on this device is named, too", async () => {
    for (const key of await a.storage.keys("")) if (key.includes("/chunks/")) await a.storage.delete(key);
    a.content = renamed("Food");
    const { unreadable } = await a.reconcile();
    expect(unreadable).toEqual([{ of: "device", revision: 2, error: expect.any(IncompleteError) }]);
  });

  it("because a newer version wrote it stays as it is", async () => {
    server.intercept = async ({ path, forward }) => {
      if (!path.includes("/backups/latest")) return forward();
      const response = await forward();
      const body = Buffer.from(await response.arrayBuffer());
      // The bundle's first key, "format": 1.
      const at = body.indexOf("format") + "format".length;
      body[at] = 2;
      return new Response(new Uint8Array(body), { status: 200, headers: response.headers });
    };
    await expect(a.reconcile()).rejects.toThrow(UnsupportedVersionError);
    expect(a.found).toEqual([]);
  });
});

describe("meanwhile", () => {
  it("another device writes: it is a conflict, and the next time it works", async () => {
    const [a, b] = [await Device.open(), await Device.open()];
    await a.write(dump);
    await b.restore();
    const apply = async (merged: Dump) => {
      a.content = merged;
      if (a.found.length === 0) await b.write(withAccounts(dump, account(3)));
      a.found.push({} as ReconcileFindings);
    };
    await expect(a.reconcile({ apply })).rejects.toThrow(RevisionConflictError);
    expect(await a.reconcile({ apply })).toMatchObject({ receipt: { revision: 3 } });
    expect(idsOf(a.content)).toEqual(ids(0, 1, 2, 3));
  });

  it("the network goes: the wallet has the union, and the next time stores it", async () => {
    const a = await Device.open();
    await a.write(dump);
    const goBack = await copyOfDisk();
    await a.write(renamed("Rent"));
    await goBack();
    server.intercept = ({ method, path }) => (method === "POST" && path.endsWith("/backups") ? noNetwork() : undefined);
    await expect(a.reconcile()).rejects.toThrow(UnreachableError);
    server.intercept = undefined;
    // Nothing was acknowledged: the server is still behind.
    await expect(a.wallet.restore()).rejects.toThrow(WentBackError);
    expect(await a.reconcile()).toMatchObject({ receipt: { revision: 3 } });
  });

  it("the answer is lost: the backup is found by the next", async () => {
    const a = await Device.open();
    await a.write(dump);
    const goBack = await copyOfDisk();
    await a.write(renamed("Rent"));
    await goBack();
    server.intercept = async ({ method, path, forward }) => {
      if (method !== "POST" || !path.endsWith("/backups")) return forward();
      await forward();
      return noNetwork();
    };
    await expect(a.reconcile()).rejects.toThrow(UnreachableError);
    server.intercept = undefined;
    expect(await a.wallet.backup(a.content)).toMatchObject({ revision: 3, changed: false });
  });
});

it("tells an automatic backup, which has nothing more to do", async () => {
  const a = await Device.open();
  await a.write(dump);
  const goBack = await copyOfDisk();
  await a.write(renamed("Rent"));
  await goBack();
  await using auto = a.wallet.autoBackup({ read: () => a.content });
  a.content = renamed("Food");
  await expect(auto.durable()).rejects.toThrow(WentBackError);
  await a.reconcile();
  expect(await auto.durable()).toMatchObject({ revision: 3, changed: false });
  expect(auto.status).toMatchObject({ state: "idle", error: undefined });
});

it("leaves another user's wallet to its user", async () => {
  const a = await Device.open();
  await a.write(dump);
  const stranger = await (await server.signedIn("bob")).openWallet(SEED);
  const read = () => dump;
  await expect(stranger.reconcile({ read, apply: () => undefined })).rejects.toThrow(NotYoursError);
});

it("names what it heals in the manifest, 32 at most", async () => {
  const a = await Device.open();
  await a.write(dump);
  const goBack = await copyOfDisk();
  const lost: string[] = [];
  for (let i = 0; i < 35; i++) lost.push(await a.write(renamed(`No. ${i}`)));
  await goBack();
  const { healed, receipt } = await a.reconcile();
  expect(healed).toEqual(lost.slice(-32));
  const { manifest } = openBackup(await a.wallet.exportFile(), { seed: SEED });
  expect(manifest.heals.map(hex)).toEqual(healed);
  expect(manifest.revision).toBe(receipt.revision);
});
