import { format, inspect } from "node:util";
import { expect, it } from "vitest";
import { Redacted } from "../../src/redacted.ts";

const secret = new Redacted({ seed: "hunter2" });

it.each([
  ["inspect", () => inspect(secret, { showHidden: true, depth: null, customInspect: true })],
  ["inspect without custom functions", () => inspect(secret, { customInspect: false, showHidden: true, depth: null })],
  ["inspect of what holds it", () => inspect({ secret, list: [secret], map: new Map([[1, secret]]) }, { depth: null })],
  ["format", () => format("%s %o %j", secret, secret, secret)],
  ["JSON", () => JSON.stringify({ secret })],
  ["String", () => `${secret} ${String(secret)}`],
  ["its own keys", () => JSON.stringify(Object.getOwnPropertyDescriptors(secret))],
  ["a clone", () => JSON.stringify(structuredClone(secret))],
])("%s shows nothing of it", (_, print) => {
  expect(print()).not.toContain("hunter2");
});

it("says that something is there, and gives it on request", () => {
  expect([inspect(secret), `${secret}`, JSON.stringify(secret)]).toEqual(["<redacted>", "<redacted>", '"<redacted>"']);
  expect(secret.reveal()).toEqual({ seed: "hunter2" });
});
