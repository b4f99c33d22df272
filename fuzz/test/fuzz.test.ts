import { describe, expect, it } from "vitest";
import { fuzz, replay } from "../src/fuzz.ts";

const everything = new URL("../src/targets/index.ts", import.meta.url).href;
const planted = new URL("planted.ts", import.meta.url).href;

/** Half a minute of one processor; this is for a machine that has much else to do. */
const TIMEOUT_MS = 15 * 60_000;

it("a hundred thousand cases of every parser bring nothing to light", { timeout: TIMEOUT_MS }, async () => {
  const { findings, cases, targets } = await fuzz({ targets: everything, cases: 100_000, seed: 1 });
  expect(findings).toEqual([]);
  expect(cases).toBeGreaterThanOrEqual(100_000);
  for (const { name, cases: ofTarget, outcomes } of targets) {
    const counts = Object.values(outcomes);
    expect(
      counts.reduce((total, count) => total + count, 0),
      name,
    ).toBe(ofTarget);
    // Both what is taken and what is refused must come up for a target to say anything.
    expect(counts.length, `outcomes of ${name}`).toBeGreaterThan(1);
  }
});

describe("what a run must find", () => {
  const find = async (only: string, cases = 5_000, caseLimitMs = 5_000) => {
    const { findings } = await fuzz({ targets: planted, cases, seed: 3, only, caseLimitMs });
    expect(findings.length).toBe(1);
    return findings[0] as (typeof findings)[number];
  };

  it("is nothing where there is nothing", async () => {
    const { findings, targets } = await fuzz({ targets: planted, cases: 1_000, seed: 3, only: "good" });
    expect(findings).toEqual([]);
    expect(Object.keys(targets[0]?.outcomes ?? {}).sort()).toEqual(["accepted", "refused"]);
  });

  it.each([
    ["throws", "TypeError: cannot read properties of undefined"],
    ["rejects later", "TypeError: nobody awaits this"],
    ["hangs", "it takes longer than 5000 ms"],
    ["fills the heap", "ERR_WORKER_OUT_OF_MEMORY"],
    ["believes lengths", "no array of a gigabyte is made for two bytes"],
  ])("a parser that %s, with its input, which replays", async (name, error) => {
    const finding = await find(name);
    expect(finding).toMatchObject({ target: name, seed: 3, input: expect.stringMatching(/^07[0-9a-f]{2}$/) });
    expect(finding.error).toContain(error);
    const options = { targets: planted, seed: finding.seed, caseLimitMs: 5_000 };
    const again = await replay(options, finding.target, finding.index);
    expect(again).toMatchObject({ input: finding.input, isFinding: true, outcome: expect.stringContaining(error) });
    expect(await replay(options, name, finding.index - 1)).toMatchObject({ isFinding: false, outcome: "accepted" });
  });

  it("a parser that leaks", async () => {
    expect((await find("leaks", 10_000)).error).toMatch(/grew by \d{8} bytes over 10000 cases/);
  });

  it("a parser that takes much at once, outside of the heap", async () => {
    expect((await find("takes much at once", 300, 60_000)).error).toMatch(/^the process grew by \d{9,10} bytes/);
  });

  it("what comes of the cases before, which are replayed too", async () => {
    const { target, seed, index, error } = await find("remembers");
    expect(error).toContain("do not come to 50");
    expect(await replay({ targets: planted, seed }, target, index)).toMatchObject({ isFinding: true });
  });
});

it("goes on with the next target behind a finding", async () => {
  const { findings, targets } = await fuzz({ targets: planted, cases: 2_700, seed: 3, caseLimitMs: 5_000 });
  const [found, passed] = [findings.map(({ target }) => target), targets.map(({ name }) => name)];
  expect(found).toContain("hangs");
  expect(passed).toContain("good");
  // The last.
  expect([...found, ...passed]).toContain("remembers");
});

it("names its targets to who asks for another", async () => {
  const asked = fuzz({ targets: planted, cases: 1, seed: 1, only: "nothing" });
  await expect(asked).rejects.toThrow(/there is no target nothing; there are good, throws/);
});
