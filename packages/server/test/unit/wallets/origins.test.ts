import { expect, test } from "vitest";
import {
  acceptedOrigins,
  foreignOrigins,
  LOOPBACK_ORIGINS,
  parseOriginRule,
  type RequestAddress,
} from "../../../src/wallets/origins.ts";

const rules = (...texts: string[]) => texts.map((text) => parseOriginRule(text, "origins"));
const loopback = rules(...LOOPBACK_ORIGINS);
const address = (rest: Partial<RequestAddress> = {}): RequestAddress => ({
  host: undefined,
  forwardedHost: undefined,
  forwardedProto: undefined,
  listeningPort: undefined,
  ...rest,
});

test.each([
  ["https://backup.example", "https://backup.example"],
  ["https://Backup.Example:443/", "https://backup.example"],
  ["http://127.0.0.1:8787", "http://127.0.0.1:8787"],
  ["http://[::1]:*", "http://[::1]:*"],
  ["http://abcdefghij.onion", "http://abcdefghij.onion"],
])("reads %s", (text, listed) => {
  expect(parseOriginRule(text, "origins").text).toBe(listed);
});

test.each([
  "backup.example",
  "https://backup.example/path",
  "https://a@b.example",
  "ftp://x.example",
  "https://x.example?y",
  "*",
  "http://x:1:*",
  7,
])("refuses %s", (text) => expect(() => parseOriginRule(text, "origins")).toThrow(TypeError));

test("a configured origin is tried whatever the request says", () => {
  const accepted = acceptedOrigins(
    rules("https://backup.example"),
    address({ host: "10.0.0.7:8787", listeningPort: 8787 }),
  );
  expect(accepted).toEqual(["https://backup.example"]);
});

test("of several, the one that the request names comes first", () => {
  const both = rules("https://a.example", "https://b.example");
  expect(acceptedOrigins(both, address({ host: "b.example" }))).toEqual(["https://b.example", "https://a.example"]);
});

test("Host adds no origin, nor do the headers of a proxy", () => {
  const relayed = address({ host: "evil.example", forwardedHost: "worse.example", forwardedProto: "https" });
  expect(acceptedOrigins(rules("https://backup.example"), relayed)).toEqual(["https://backup.example"]);
  expect(acceptedOrigins(loopback, relayed)).toEqual([]);
  expect(foreignOrigins(loopback, relayed)).toEqual([
    "http://evil.example",
    "https://evil.example",
    "http://worse.example",
    "https://worse.example",
  ]);
});

test("loopback is accepted at the port of the request and at that of the server", () => {
  const accepted = acceptedOrigins(loopback, address({ host: "localhost:9000", listeningPort: 8787 }));
  expect(accepted).toEqual([
    "http://localhost:9000",
    "http://localhost:8787",
    "http://127.0.0.1:8787",
    "http://[::1]:8787",
  ]);
});

test("a name that only looks like loopback is foreign", () => {
  for (const host of ["localhost.evil.example:80", "127.0.0.1.evil.example", "localhost@evil.example"]) {
    expect(acceptedOrigins(loopback, address({ host }))).toEqual([]);
  }
});

test("nonsense in Host is no origin", () => {
  for (const host of ["", " ", "a b", "[", "x/../y", "\u0000"]) {
    expect(acceptedOrigins(loopback, address({ host }))).toEqual([]);
  }
});
