import { describe, expect, it } from "vitest";
import { RateLimitedError, UnreachableError } from "../../src/errors.ts";
import { askedDelayMs, isRetryable, parseRetryAfter, retryDelayMs } from "../../src/retry.ts";

const DAY_MS = 86_400_000;
const least = () => Uint8Array.of(0, 0);
const most = () => Uint8Array.of(255, 255);
const options = { baseMs: 250, maxMs: 5_000 };
const limited = (retryAfterMs?: number) =>
  new RateLimitedError({ status: 429, code: "rate-limited", members: {}, retryAfterMs });

describe("the wait before the next try", () => {
  it("doubles up to its ceiling, and is never 0", () => {
    expect([1, 2, 3, 4, 5, 6, 7, 5_000].map((attempt) => retryDelayMs(attempt, options, most))).toEqual([
      250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000,
    ]);
    expect([1, 2, 5_000].map((attempt) => retryDelayMs(attempt, options, least))).toEqual([1, 1, 1]);
  });

  it("is anywhere below its ceiling", () => {
    expect(retryDelayMs(3, options, () => Uint8Array.of(128, 0))).toBe(501);
  });

  it("is never shorter than the server asks", () => {
    expect(retryDelayMs(1, options, most, limited(60_000))).toBe(60_000);
    expect(retryDelayMs(1, options, most, limited(10))).toBe(250);
    expect(retryDelayMs(1, options, most, limited())).toBe(250);
    expect(retryDelayMs(1, options, most, new UnreachableError("no"))).toBe(250);
  });

  it("is a day at most: a longer timer would run at once", () => {
    expect(askedDelayMs(limited(1e15))).toBe(DAY_MS);
    expect(retryDelayMs(1, options, most, limited(Number.POSITIVE_INFINITY))).toBe(DAY_MS);
  });
});

it("reads Retry-After as seconds or as a date", () => {
  const now = Date.parse("2026-01-02T03:04:05Z");
  expect(parseRetryAfter("120", now)).toBe(120_000);
  expect(parseRetryAfter("0", now)).toBe(0);
  expect(parseRetryAfter("Fri, 02 Jan 2026 03:05:05 GMT", now)).toBe(60_000);
  expect(parseRetryAfter("Fri, 02 Jan 2026 03:00:00 GMT", now)).toBe(0);
  for (const none of [null, "", "soon", "-5"]) expect(parseRetryAfter(none, now) ?? 0).toBe(0);
});

it("tells what can succeed later from what cannot", () => {
  expect(isRetryable(new UnreachableError("no"))).toBe(true);
  expect(isRetryable(limited())).toBe(true);
  expect(isRetryable(new UnreachableError("no", { retryable: false }))).toBe(false);
  expect(isRetryable(new Error("no"))).toBe(false);
  expect(isRetryable(undefined)).toBe(false);
});
