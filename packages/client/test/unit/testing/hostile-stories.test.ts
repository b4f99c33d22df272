import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createClient } from "../../../src/account.ts";
import type { Fetch } from "../../../src/options.ts";
import { createTestServer, type TestServer, type TestSnapshot } from "../../../src/testing.ts";
import { errorOf } from "../../support/errors.ts";
import { until } from "../../support/fake-clock.ts";
import { type Besieged, besiege, contentOf, HISTORY, LATEST, NEXT, type Siege } from "../../support/siege.ts";
import { PASSWORD, renamed, SEED } from "../../support/wallets.ts";

/*
 * Attacks that are more than one wrong answer: a server that is consistent in what it hides, for as long as it takes.
 */

let siege: Siege;
let peace: TestSnapshot;
beforeAll(async () => {
  siege = await besiege(afterAll);
  peace = siege.server.snapshot();
});
beforeEach(() => {
  siege.answerBy(undefined);
  siege.server.restore(peace);
});

/** The same server, at that moment, to go on from there by itself. */
function copyOf(server: TestServer): TestServer {
  const copy = createTestServer({ url: server.url, realm: server.realm });
  copy.restore(server.snapshot());
  return copy;
}

async function idOf(device: Besieged): Promise<string> {
  return (await device.wallet()).id;
}

describe("every older revision, shown as the latest", () => {
  const older = [0, 1, 2, 3];

  it.each(older)("is refused by a device that has seen more: %i", async (revision) => {
    const device = await siege.client("seen");
    const past = copyOf(siege.server);
    past.goBack(await idOf(device), revision);
    siege.answerBy(past.fetch);
    const wallet = await device.wallet();
    for (const call of [() => wallet.restore(), () => wallet.verify(LATEST), () => wallet.backup(NEXT)]) {
      expect(await errorOf(call())).toMatchObject({ code: "ERR_CB_WENT_BACK" });
    }
    const auto = wallet.autoBackup({ read: () => NEXT });
    expect(await errorOf(auto.durable())).toMatchObject({ code: "ERR_CB_WENT_BACK" });
    expect(past.revisions(wallet.id)).toHaveLength(revision);
    siege.answerBy(undefined);
    expect(await wallet.backup(NEXT)).toMatchObject({ revision: 5 });
    wallet.close();
  });

  it.each(older.slice(1))(
    "cannot be noticed by a device that knows nothing, unless it is told what to expect: %i",
    async (revision) => {
      const device = await siege.client("new");
      const past = copyOf(siege.server);
      past.goBack(await idOf(device), revision);
      siege.answerBy(past.fetch);
      const wallet = await device.wallet();
      const restored = await wallet.restore();
      expect(contentOf(restored.dump)).toBe(contentOf(HISTORY[revision - 1] ?? LATEST));
      expect(restored).toMatchObject({ revision, gen: revision, at: expect.any(Date), device: expect.any(String) });
      expect(await errorOf(wallet.restore({ minGen: 4 }))).toMatchObject({ code: "ERR_CB_WENT_BACK" });
    },
  );
});

describe("a backup that was acknowledged and dropped", () => {
  it("is missed by the next look", async () => {
    const device = await siege.client("seen");
    const shadow = copyOf(siege.server);
    // What is written goes to a shadow; what is read comes from the honest one.
    const dropping: Fetch = (target, init) =>
      init.method === "POST" ? shadow.fetch(target, init) : siege.server.fetch(target, init);
    siege.answerBy(dropping);
    const wallet = await device.wallet();
    expect(await wallet.backup(NEXT)).toMatchObject({ revision: 5, changed: true });
    for (const call of [() => wallet.verify(NEXT), () => wallet.restore(), () => wallet.backup(NEXT)]) {
      expect(await errorOf(call())).toMatchObject({ code: "ERR_CB_WENT_BACK" });
    }
  });

  it("never looks safe to an automatic backup where the receipt is for something else", async () => {
    const device = await siege.client("seen");
    siege.answerBy(async (target, init) => {
      const response = await siege.server.fetch(target, init);
      if (init.method !== "POST" || !target.endsWith("/backups")) return response;
      return Response.json({ ...(await response.json()), sha256: "ab".repeat(32) }, { status: 201 });
    });
    const wallet = await device.wallet();
    const auto = wallet.autoBackup({ read: () => NEXT });
    expect(await errorOf(auto.durable())).toMatchObject({ code: "ERR_CB_BAD_RESPONSE" });
    expect(auto.status.state).not.toBe("idle");
    siege.answerBy(undefined);
    await auto.durable();
    await until(() => auto.status.state === "idle");
    wallet.close();
    expect(contentOf((await (await (await siege.client("new")).wallet()).restore()).dump)).toBe(contentOf(NEXT));
  });
});

describe("two histories, one for each device,", () => {
  it("are noticed as soon as one device sees the other's", async () => {
    const [phone, laptop] = [await siege.client("seen"), await siege.client("new")];
    const [ours, theirs] = [copyOf(siege.server), copyOf(siege.server)];
    siege.answerBy(ours.fetch);
    const here = await phone.wallet();
    await here.backup(renamed("Here"));
    siege.answerBy(theirs.fetch);
    const there = await laptop.wallet();
    await (await there.restore()).accept();
    await there.backup(renamed("There"));
    expect(await errorOf(here.restore())).toMatchObject({ code: "ERR_CB_FORK" });
    expect(await errorOf(here.backup(NEXT))).toMatchObject({ code: "ERR_CB_FORK" });
    // The other history goes on: a higher number does not make it this one's.
    await there.backup(NEXT);
    expect(await errorOf(here.restore())).toMatchObject({ code: "ERR_CB_FORK" });
    expect(await errorOf(here.verify(NEXT))).toMatchObject({ code: "ERR_CB_FORK" });
  });
});

describe("another server", () => {
  it("in the middle of a session is known for one, and by the next process", async () => {
    const device = await siege.client("seen");
    const wallet = await device.wallet();
    await wallet.restore();
    const other = createTestServer({ url: siege.server.url });
    siege.answerBy(other.fetch);
    for (const call of [() => wallet.restore(), () => wallet.backup(NEXT), () => wallet.delete()]) {
      expect(await errorOf(call())).toMatchObject({ code: "ERR_CB_ANOTHER_REALM" });
    }
    expect(other.wallets()).toEqual([]);
    const next = createClient({ url: siege.server.url, storage: device.storage });
    expect(await errorOf((await next.openWallet(SEED)).restore())).toMatchObject({ code: "ERR_CB_ANOTHER_REALM" });
    await expect(next.signIn({ username: "alice", password: PASSWORD })).rejects.toMatchObject({
      code: "ERR_CB_ANOTHER_REALM",
    });
  });

  it("that claims this one's realm cannot use here what is signed for it there", async () => {
    // It asks the honest server for a challenge, has the wallet sign it, and passes the signature on.
    const relay: Fetch = (target, init) =>
      siege.server.fetch(target.replace("https://evil.example", siege.server.url), init);
    const client = createClient({ url: "https://evil.example", fetch: relay });
    expect(await errorOf(client.signInWithSeed(SEED))).toMatchObject({
      code: "ERR_CB_REFUSED",
      problem: "bad-signature",
    });
    await client.signIn({ username: "alice", password: PASSWORD });
    const wallet = await client.openWallet(SEED);
    await (await wallet.restore()).accept();
    expect(await errorOf(wallet.backup(NEXT))).toMatchObject({ problem: "bad-signature" });
    expect(await errorOf(wallet.delete())).toMatchObject({ problem: "bad-signature" });
    expect(siege.server.revisions(wallet.id)).toHaveLength(4);
  });
});
