import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Dump, encodeDump } from "@cloudbackup/core";
import fc from "fast-check";
import { expect, it, onTestFinished } from "vitest";
import type { Client } from "../../src/account.ts";
import {
  addAccount,
  type Changed,
  Device,
  type Habits,
  removeLabel,
  renameAccount,
  useAddresses,
  writeLabel,
} from "../support/device.ts";
import { settle } from "../support/fake-clock.ts";
import { History } from "../support/history.ts";
import { account, type RealServer, startServer, startServerOnDisk } from "../support/wallets.ts";

const GIVEN: Dump = {
  accounts: [0, 1, 2].map((index) => account(index)),
  pairings: [],
  labels: ["a", "b"].map((ref) => ({ type: "tx", ref, label: `given ${ref}` })),
};
const HABITS: readonly Habits[] = [{}, { isSlow: true }, { resolve: ({ local }) => local }];
/** More than the ways of three devices take to meet, also where each must mend the server first. */
const MAX_ROUNDS = 15;

const device = fc.nat(HABITS.length - 1);
const ref = fc.constantFrom("a", "b", "c");
type ChangeKind = { to: number } & (
  | { kind: "rename" | "use"; index: number }
  | { kind: "label" | "unlabel"; ref: string }
  | { kind: "account" }
);
const change: fc.Arbitrary<ChangeKind> = fc.oneof(
  fc.record({ to: device, kind: fc.constantFrom("rename" as const, "use" as const), index: fc.nat(2) }),
  fc.record({ to: device, kind: fc.constantFrom("label" as const, "label" as const, "unlabel" as const), ref }),
  fc.record({ to: device, kind: fc.constant("account" as const) }),
);
type Step =
  | { do: "change"; change: ChangeKind }
  /** All is to be stored; a change comes after so many turns of the event loop. */
  | { do: "durable"; of: number; after: number | undefined }
  | { do: "both"; of: number; and: number }
  | { do: "wait" | "offline" | "online" | "loseReply" | "restart"; of: number }
  | { do: "crash"; of: number; after: number }
  | { do: "keepOrGoBack" };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ do: fc.constant("change" as const), change }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("durable" as const),
      of: device,
      after: fc.option(fc.nat(40), { nil: undefined }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("both" as const), of: device, and: device }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom(
        "wait" as const,
        "offline" as const,
        "online" as const,
        "loseReply" as const,
        "restart" as const,
      ),
      of: device,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("crash" as const), of: device, after: fc.nat(60) }) },
);

/** One history: three devices that all hold the same at first. */
class World {
  static #count = 0;
  readonly history: History;
  readonly devices: Device[];
  readonly #seed = new Uint8Array(32).fill(1);
  readonly #server: RealServer;
  readonly #keepOrGoBack: (() => Promise<void>) | undefined;
  #changes = 0;

  constructor(server: RealServer, keepOrGoBack: (() => Promise<void>) | undefined) {
    this.history = new History(GIVEN, keepOrGoBack !== undefined);
    new DataView(this.#seed.buffer).setUint32(0, ++World.#count);
    this.#server = server;
    this.#keepOrGoBack = keepOrGoBack;
    this.devices = HABITS.map((habits, i) => new Device(`device ${i}`, server, this.#seed, this.history, habits));
  }

  async begin(owner: Client): Promise<void> {
    const wallet = await owner.openWallet(this.#seed);
    await wallet.backup(GIVEN);
    wallet.close();
    for (const each of this.devices) await each.start(true);
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const each of steps) {
      await this.#run(each);
      for (const dead of this.devices) if (dead.isDead) await dead.start();
    }
  }

  /** All are online, and back up until nobody has anything to say. @returns what all hold then */
  async meet(): Promise<Dump> {
    for (const each of this.devices) each.isOnline = true;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const before = this.devices.map(({ content }) => textOf(content));
      const stored: boolean[] = [];
      for (const each of this.devices) stored.push(await each.durable());
      const after = this.devices.map(({ content }) => textOf(content));
      if (stored.every(Boolean) && new Set([...before, ...after]).size === 1) break;
    }
    expect(this.devices.map(({ auto }) => auto.status.state)).toEqual(["idle", "idle", "idle"]);
    const [first, ...others] = this.devices.map(({ content }) => textOf(content));
    for (const other of others) expect(other).toBe(first);
    const client = this.#server.client();
    await client.signInWithSeed(this.#seed);
    const wallet = await client.openWallet(this.#seed);
    const { dump } = await wallet.restore();
    wallet.close();
    expect(textOf(dump)).toBe(first);
    return dump;
  }

  close(): void {
    for (const each of this.devices) each.close();
  }

  async #run(step: Step): Promise<void> {
    const of = "of" in step ? (this.devices[step.of] as Device) : undefined;
    switch (step.do) {
      case "change":
        this.#change(step.change);
        break;
      case "durable":
        await of?.durable(async () => {
          if (step.after === undefined) return;
          for (let turn = 0; turn < step.after; turn++) await new Promise((resolve) => setImmediate(resolve));
          this.#change({ to: step.of, kind: "rename", index: 0 });
        });
        break;
      case "both":
        if (step.of !== step.and) await Promise.all([of?.durable(), this.devices[step.and]?.durable()]);
        break;
      case "wait":
        await of?.wait(10_000);
        break;
      case "offline":
      case "online":
        if (of) of.isOnline = step.do === "online";
        break;
      case "loseReply":
        of?.loseReply();
        break;
      case "restart":
        of?.close();
        await settle();
        await of?.start();
        break;
      case "crash":
        of?.die(step.after);
        await of?.durable();
        of?.die();
        break;
      case "keepOrGoBack":
        await this.#keepOrGoBack?.();
    }
  }

  #change(change: ChangeKind): void {
    const number = ++this.#changes;
    const text = `change ${number}`;
    const what = (): ((content: Dump) => Changed) => {
      switch (change.kind) {
        case "rename":
          return renameAccount(change.index, text);
        case "use":
          return useAddresses(change.index, 1 + (number % 3));
        case "label":
          return writeLabel(change.ref, text);
        case "unlabel":
          return removeLabel(change.ref);
        case "account":
          return addAccount(account(100 + number, { name: text }));
      }
    };
    this.devices[change.to]?.change(what());
  }
}

/** The same for equal content. */
function textOf(dump: Dump): string {
  return JSON.stringify([...encodeDump(dump)].map(([name, bytes]) => [name, Buffer.from(bytes).toString("base64")]));
}

async function play(server: RealServer, owner: Client, steps: readonly Step[], keepOrGoBack?: () => Promise<void>) {
  const world = new World(server, keepOrGoBack);
  try {
    await world.begin(owner);
    await world.run(steps);
    expect(world.history.faultsOf(await world.meet())).toEqual([]);
  } finally {
    world.close();
  }
  return world.history;
}

/** Of a machine that does other things as well. */
const TIMEOUT = { timeout: 300_000 };

it("three devices come to hold the same, and nothing acknowledged is lost without being named", TIMEOUT, async () => {
  const server = await startServer();
  const owner = await server.signedIn();
  let acknowledged = 0;
  let reported = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40, size: "max" }), async (steps) => {
      const history = await play(server, owner, steps);
      acknowledged += history.acknowledged;
      reported += history.reported;
    }),
    { seed: 20_261_130, numRuns: 15 },
  );
  // The histories are such that something can go wrong in them.
  expect(acknowledged).toBeGreaterThan(100);
  expect(reported).toBeGreaterThan(5);
});

it("so they do where the server goes back to an old copy, and persons have it mended", TIMEOUT, async () => {
  const folder = await mkdtemp(join(tmpdir(), "cloudbackup-devices-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [dataDir, copy] = [join(folder, "data"), join(folder, "copy")];
  const server = await startServerOnDisk(dataDir);
  const owner = await server.signedIn();
  const keep = () => server.restart(() => cp(dataDir, copy, { recursive: true, force: true }));
  const goBack = () =>
    server.restart(async () => {
      await rm(dataDir, { recursive: true });
      await cp(copy, dataDir, { recursive: true });
    });
  const some = fc.array(step, { minLength: 5, maxLength: 12, size: "max" });
  await fc.assert(
    fc.asyncProperty(some, some, some, async (before, between, after) => {
      await rm(copy, { recursive: true, force: true });
      let hasCopy = false;
      const keepOrGoBack = async () => {
        await (hasCopy ? goBack() : keep());
        hasCopy = true;
      };
      const step: Step = { do: "keepOrGoBack" };
      await play(server, owner, [...before, step, ...between, step, ...after, ...between, step], keepOrGoBack);
    }),
    { seed: 20_261_130, numRuns: 5 },
  );
});
