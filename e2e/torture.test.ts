import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { torture } from "./torture/torture.ts";
import { killsOf } from "./torture/totals.ts";

/** `npm run torture` does more. */
const KILLS = 50;

it(`loses and tears no acknowledged backup in ${KILLS} kills`, { timeout: 10 * 60_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "cloudbackup-torture-"));
  // Stays where there is a finding, which says so.
  const totals = await torture({ kills: KILLS, seed: "npm test", folder });
  await rm(folder, { recursive: true });
  expect(killsOf(totals)).toBe(KILLS);
  // It was not killed while it slept: there was something to lose. What was under way depends on the machine; the report
  // of `npm run torture` says it.
  expect(totals.commits).toBeGreaterThan(KILLS);
  expect(totals.opened).toBeGreaterThanOrEqual(totals.commits);
  expect(totals.kills.start).toBeGreaterThan(0);
});
