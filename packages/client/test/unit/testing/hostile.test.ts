import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ATTACKS, type Attack, createTestServer, hostile, type TestSnapshot } from "../../../src/testing.ts";
import { errorOf } from "../../support/errors.ts";
import { type Besieged, beliefOf, besiege, contentOf, LATEST, NEXT, type Siege } from "../../support/siege.ts";
import { SEED } from "../../support/wallets.ts";

/** However often a client asks again, and asks who owns the wallet. */
const MOST_REQUESTS = 16;

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

/** Makes the attacked call. */
async function call({ against }: Attack, { client, wallet }: Besieged): Promise<unknown> {
  if (against === "serverInfo") return client.serverInfo();
  if (against === "signInWithSeed") return client.signInWithSeed(SEED);
  const opened = await wallet();
  if (against === "restore") return contentOf((await opened.restore()).dump);
  return against === "backup" ? opened.backup(NEXT) : opened.history();
}

/** Asks nothing before the call that is attacked. */
async function besieged(attack: Attack): Promise<Besieged> {
  const device = attack.device === "any" ? "new" : attack.device;
  // Who only asks the server for itself has not asked it before.
  if (attack.against === "serverInfo" && attack.device === "any") {
    const { client, ...rest } = await siege.client("new");
    return { client: (await siege.client("new")).client, ...rest };
  }
  return siege.client(device);
}

describe("a hostile server that", () => {
  it.each(ATTACKS.map((attack) => [attack.does, attack] as const))("%s", { timeout: 20_000 }, async (_, attack) => {
    const device = await besieged(attack);
    const believed = await beliefOf(device.storage);
    siege.answerBy(hostile(siege.server, attack));
    const asked = siege.http.requests.length;
    if (attack.codes.length === 0) {
      expect(await call(attack, device)).toBe(contentOf(LATEST));
    } else {
      const error = await errorOf(call(attack, device));
      expect(attack.codes, `${error.code} ${error.message}`).toContain(error.code);
      // Nothing that it said is believed.
      expect(await beliefOf(device.storage)).toEqual(believed);
    }
    expect(siege.http.requests.length - asked).toBeLessThan(MOST_REQUESTS);

    // Afterwards all is well, for this device and for a new one.
    siege.answerBy(undefined);
    const wallet = await device.wallet();
    const hasWritten = attack.against === "backup" && attack.device === "seen";
    if (hasWritten) {
      await wallet.backup(NEXT);
      const onAnother = await (await (await siege.client("new")).wallet()).restore();
      expect(contentOf(onAnother.dump)).toBe(contentOf(NEXT));
    }
    const restored = await wallet.restore();
    expect(contentOf(restored.dump)).toBe(contentOf(hasWritten ? NEXT : LATEST));
    await restored.accept();
    wallet.close();
  });
});

describe("attacks", () => {
  it("are many, and have names of their own", () => {
    const names = ATTACKS.map(({ name }) => name);
    expect(names.length).toBeGreaterThan(100);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(ATTACKS.map(({ does }) => does)).size).toBe(names.length);
  });

  it("that nobody knows are refused", () => {
    expect(() => hostile(createTestServer(), "unknown")).toThrow(RangeError);
  });
});
