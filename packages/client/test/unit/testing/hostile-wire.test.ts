import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Clock } from "../../../src/clock.ts";
import { errorOf } from "../../support/errors.ts";
import { answerOf, RAW_ATTACKS } from "../../support/raw-attacks.ts";
import { beliefOf, besiege, contentOf, LATEST, type Siege } from "../../support/siege.ts";

/** More than a backup here has, and far less than an attack sends. */
const MAX_DOWNLOAD_BYTES = 1024 * 1024;
/** How much faster the client's time runs: what takes it minutes is over in a second. */
const HASTE = 100;
const hasty: Clock = {
  now: () => Date.now() * HASTE,
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs / HASTE),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};
/** That, twice as the request is tried twice, and what the system's buffers between the two take. */
const MOST_TAKEN_BYTES = 32 * 1024 * 1024;

let siege: Siege;
/** The honest answer. */
let latest: Buffer;
beforeAll(async () => {
  siege = await besiege(afterAll);
  siege.answerBy(async (target, init) => {
    const response = await siege.server.fetch(target, init);
    if (target.endsWith("/backups/latest")) latest = Buffer.from(await response.clone().arrayBuffer());
    return response;
  });
  await (await (await siege.client("seen")).wallet()).restore();
  siege.answerBy(undefined);
});
beforeEach(() => siege.answerLatestBy(undefined));

describe("a server that", () => {
  it.each(RAW_ATTACKS.map((attack) => [attack.does, attack] as const))("%s", { timeout: 30_000 }, async (_, attack) => {
    const device = await siege.client("seen", {
      maxDownloadBytes: MAX_DOWNLOAD_BYTES,
      timeoutMs: 400 * HASTE,
      clock: hasty,
    });
    const wallet = await device.wallet();
    const believed = await beliefOf(device.storage);
    let taken = 0;
    const onTaken = (bytes: number) => {
      taken += bytes;
    };
    siege.answerLatestBy(answerOf(attack, latest, onTaken));
    if (attack.codes.length === 0) {
      expect(contentOf((await wallet.restore()).dump)).toBe(contentOf(LATEST));
    } else {
      const error = await errorOf(wallet.restore());
      expect(attack.codes, `${error.code} ${error.message}`).toContain(error.code);
    }
    expect(taken).toBeLessThan(MOST_TAKEN_BYTES);
    expect(await beliefOf(device.storage)).toEqual(believed);

    siege.answerLatestBy(undefined);
    expect(contentOf((await wallet.restore()).dump)).toBe(contentOf(LATEST));
    wallet.close();
  });
});
