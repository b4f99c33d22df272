import { expect, it } from "vitest";
import { sleep, systemClock } from "../../src/clock.ts";
import { errorOf } from "../support/errors.ts";
import { FakeClock, settle } from "../support/fake-clock.ts";

it("sleeps in the foreground, for as long as it is told", async () => {
  const clock = new FakeClock();
  let awake = false;
  void sleep(clock, 100).then(() => {
    awake = true;
  });
  expect(clock.waiting).toEqual(["foreground"]);
  await clock.advance(99);
  expect(awake).toBe(false);
  await clock.advance(1);
  expect(awake).toBe(true);
});

it("wakes up when it is aborted, and leaves nothing behind", async () => {
  const clock = new FakeClock();
  const controller = new AbortController();
  const asleep = errorOf(sleep(clock, 100, controller.signal));
  controller.abort("enough");
  expect(await asleep).toBe("enough");
  expect(await errorOf(sleep(clock, 100, controller.signal))).toBe("enough");
  await settle();
  expect(clock.waiting).toEqual([]);
});

it("lets the process go where a timer is in the background", () => {
  const background = systemClock.setTimeout(() => undefined, 60_000, "background") as NodeJS.Timeout;
  const foreground = systemClock.setTimeout(() => undefined, 60_000, "foreground") as NodeJS.Timeout;
  expect([background.hasRef(), foreground.hasRef()]).toEqual([false, true]);
  systemClock.clearTimeout(background);
  systemClock.clearTimeout(foreground);
});
