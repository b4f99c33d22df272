import { expect, it, vi } from "vitest";
import { Turns, Work } from "../../src/work.ts";
import { settle } from "../support/fake-clock.ts";

/** Work that ends when the test says so. */
function job(): { run: () => Promise<string>; end: (error?: Error) => void; started: () => boolean } {
  let isStarted = false;
  let end: (error?: Error) => void = () => undefined;
  const result = new Promise<string>((resolve, reject) => {
    end = (error) => (error ? reject(error) : resolve("done"));
  });
  const run = () => {
    isStarted = true;
    return result;
  };
  return { run, end, started: () => isStarted };
}

it("turns come one after the other, also after a failure", async () => {
  const turns = new Turns();
  const [one, two] = [job(), job()];
  const first = turns.run(one.run);
  const second = turns.run(two.run);
  await settle();
  expect([one.started(), two.started()]).toEqual([true, false]);
  one.end(new Error("mine"));
  await expect(first).rejects.toThrow("mine");
  await settle();
  expect(two.started()).toBe(true);
  two.end();
  expect(await second).toBe("done");
});

it("work runs side by side until it is closed, and its end is told once", async () => {
  const work = new Work("this thing");
  const [one, two] = [job(), job()];
  const running = [work.run(one.run), work.run(two.run)];
  expect([one.started(), two.started()]).toEqual([true, true]);
  const onIdle = vi.fn();
  work.close(onIdle);
  work.close(onIdle);
  await expect(work.run(job().run)).rejects.toThrow("this thing is closed");
  one.end();
  await running[0];
  expect(onIdle).not.toHaveBeenCalled();
  two.end(new Error("mine"));
  await expect(running[1]).rejects.toThrow("mine");
  await work.ended;
  expect(onIdle).toHaveBeenCalledTimes(1);
});

it("work that is not there ends at once", async () => {
  const work = new Work("this thing");
  const onIdle = vi.fn();
  work.close(onIdle);
  expect(onIdle).toHaveBeenCalledTimes(1);
  await work.ended;
});
