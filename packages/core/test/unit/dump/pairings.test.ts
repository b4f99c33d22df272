import { describe, expect, it } from "vitest";
import { pairingsSection } from "../../../src/dump/pairings.ts";
import { decodeSection, encodeSection } from "../../../src/dump/sections.ts";
import { InvalidDumpError } from "../../../src/errors.ts";
import { errorOf, pairing } from "../../fixtures.ts";

const encode = (...records: unknown[]) => encodeSection(pairingsSection, records);

describe("a pairing is refused", () => {
  it.each([
    { id: "no map", record: [], path: undefined },
    { id: "text", record: "p", path: undefined },
    { id: "no id", record: { ...pairing, id: undefined }, path: "id" },
    { id: "no network", record: { ...pairing, network: undefined }, path: "network" },
    { id: "no account", record: { ...pairing, account: undefined }, path: "account" },
    { id: "no name", record: { ...pairing, name: undefined }, path: "name" },
    { id: "a name that is no text", record: { ...pairing, name: 7 }, path: "name" },
    { id: "no public key", record: { ...pairing, publicKey: undefined }, path: "publicKey" },
    {
      id: "a public key of 32 bytes",
      record: { ...pairing, publicKey: new Uint8Array(32).fill(2) },
      path: "publicKey",
    },
    {
      id: "an uncompressed public key",
      record: { ...pairing, publicKey: new Uint8Array(65).fill(4) },
      path: "publicKey",
    },
    {
      id: "a public key that begins with 04",
      record: { ...pairing, publicKey: new Uint8Array(33).fill(4) },
      path: "publicKey",
    },
    { id: "a public key in hex", record: { ...pairing, publicKey: "02".repeat(33) }, path: "publicKey" },
    { id: "no chain code", record: { ...pairing, chainCode: undefined }, path: "chainCode" },
    { id: "a chain code of 31 bytes", record: { ...pairing, chainCode: new Uint8Array(31) }, path: "chainCode" },
    { id: "a secret of 16 bytes", record: { ...pairing, secret: new Uint8Array(16) }, path: "secret" },
    { id: "a push token that is no text", record: { ...pairing, pushToken: 1 }, path: "pushToken" },
    { id: "keys below 0", record: { ...pairing, keys: -1 }, path: "keys" },
    { id: "a date", record: { ...pairing, pairedAt: new Date(0) }, path: "pairedAt" },
  ])("$id", ({ record, path }) => {
    const error = errorOf(() => encode(record)) as InvalidDumpError;
    expect(error).toBeInstanceOf(InvalidDumpError);
    expect([error.section, error.index, error.path]).toEqual(["pairings", 0, path]);
  });
});

it("keeps every key, those it does not know too", () => {
  const full = {
    ...pairing,
    secret: new Uint8Array(32).fill(8),
    pushToken: "token",
    keys: 4,
    pairedAt: 0,
    extra: [null, true],
  };
  expect(decodeSection(pairingsSection, encode(full))).toEqual([full]);
});

it("may have a name of any length: the format sets no limit", () => {
  const long = { ...pairing, name: "n".repeat(300) };
  expect(decodeSection(pairingsSection, encode(long))).toEqual([long]);
});

it("takes an odd public key", () => {
  const odd = { ...pairing, publicKey: new Uint8Array(33).fill(3) };
  expect(decodeSection(pairingsSection, encode(odd))).toEqual([odd]);
});

it("refuses two of one id", () => {
  expect(() => encode(pairing, { ...pairing, name: "Old phone" })).toThrow("pairings[1]: has the identity of record 0");
});

it("merges keys by the larger", () => {
  expect(Object.keys(pairingsSection.merge)).toEqual(["keys"]);
  expect([pairingsSection.merge.keys?.(1, 5), pairingsSection.merge.keys?.(5, 1)]).toEqual([5, 5]);
});

it("never says the secret", () => {
  const error = errorOf(() => encode({ ...pairing, secret: new Uint8Array(31).fill(0xab), name: 5 }));
  expect(error.message).not.toMatch(/abab|171/);
});
