import { describe, expect, it } from "vitest";
import { importColdcard } from "../../../src/interchange/coldcard.ts";
import { ImportError } from "../../../src/interchange/errors.ts";
import { errorOf } from "../../fixtures.ts";
import { keyAt, SEEDS, type TestKey } from "../../wallet-files.ts";

const path = "m/48'/0'/0'/2'";
const [a, b] = SEEDS.map((seed) => keyAt(seed, path)) as [TestKey, TestKey];
const lines = [
  "Name: Savings",
  "Policy: 2 of 2",
  "Format: P2WSH",
  `Derivation: ${path}`,
  `${a.fingerprint}: ${a.xpub}`,
  `${b.fingerprint}: ${b.xpub}`,
];
const text = lines.join("\n");
const having = (line: number, instead: string) => lines.map((each, i) => (i === line - 1 ? instead : each)).join("\n");
const xprv = a.node.privateExtendedKey;

describe("refused, and said where", () => {
  it.each([
    { id: "nothing", given: "", line: undefined },
    { id: "no policy", given: having(2, ""), line: undefined },
    { id: "a policy of none", given: having(2, "Policy: 0 of 2"), line: 2 },
    { id: "a policy of more", given: having(2, "Policy: 3 of 2"), line: 2 },
    { id: "a policy of other keys", given: having(2, "Policy: 2 of 3"), line: 2 },
    { id: "a policy in words", given: having(2, "Policy: two of two"), line: 2 },
    { id: "another format", given: having(3, "Format: P2TR"), line: 3 },
    { id: "two formats", given: having(4, "Format: P2WSH"), line: 4 },
    { id: "no path", given: having(4, ""), line: 5 },
    { id: "a path that is none", given: having(4, "Derivation: m/x"), line: 4 },
    { id: "a short fingerprint", given: having(5, `f57ec6: ${a.xpub}`), line: 5 },
    { id: "a long fingerprint", given: having(5, `f57ec65d0: ${a.xpub}`), line: 5 },
    { id: "a key alone", given: having(5, a.xpub), line: 5 },
    { id: "a private key", given: having(5, `${a.fingerprint}: ${xprv}`), line: 5 },
    { id: "a private key alone", given: having(5, xprv), line: 5 },
    { id: "words", given: having(5, "abandon abandon about"), line: 5 },
    { id: "a mistyped key", given: having(6, `${b.fingerprint}: ${b.xpub.slice(0, -1)}1`), line: 6 },
    { id: "no key", given: having(6, `${b.fingerprint}:`), line: 6 },
    { id: "the same key twice", given: having(6, lines[4] as string), line: undefined },
    {
      id: "keys of two networks",
      given: having(6, `${b.fingerprint}: ${keyAt(SEEDS[1] as Uint8Array, path, false).xpub}`),
      line: undefined,
    },
    { id: "half a character", given: having(1, "Name: \ud800"), line: 1 },
    { id: "many keys", given: `${lines.slice(0, 4).join("\n")}\n${`${lines[4]}\n`.repeat(21)}`, line: 25 },
    { id: "many lines", given: "\n".repeat(2_000), line: undefined },
  ])("$id", ({ given, line }) => {
    const error = errorOf(() => importColdcard(given)) as ImportError;
    expect(error).toBeInstanceOf(ImportError);
    expect(error.line).toBe(line);
    expect(`${error.message} ${error.cause ?? ""}`).not.toMatch(/x(pub|prv)[0-9A-Za-z]{5}|abandon/);
  });
});

it("reads paths for each key, other names of formats, and any case and space", () => {
  const { dump } = importColdcard(
    `\ufeff# comment\r\n  NAME :  My: wallet \r\nformat: p2wsh-p2sh\r\npolicy: 1/2\r\nDerivation: 48h/0h/0h/1h\r\n${a.fingerprint.toUpperCase()} : ${a.xpub}\r\nDerivation: m/0'\r\n${b.fingerprint}:${b.xpub}`,
  );
  const [account] = dump.accounts ?? [];
  expect([account?.name, account?.script]).toEqual(["My: wallet", "p2sh-p2wsh"]);
  expect(account?.descriptor).toContain(`[${a.fingerprint}/48h/0h/0h/1h]${a.xpub}/<0;1>/*`);
  expect(account?.descriptor).toContain(`[${b.fingerprint}/0h]${b.xpub}/<0;1>/*`);
  expect(account?.descriptor).toMatch(/^sh\(wsh\(sortedmulti\(1,/);
});

it("says what it assumes", () => {
  const { dump, report } = importColdcard(having(3, "").replace("Name: Savings", ""));
  expect(dump.accounts?.[0]?.script).toBe("p2sh");
  expect(report.map(({ what }) => what)).toEqual(["assumed", "assumed"]);
});

it("takes the network of who asks", () => {
  const tpubs = SEEDS.slice(0, 2).map((seed) => keyAt(seed, path, false));
  const test = [...lines.slice(0, 4), ...tpubs.map(({ fingerprint, xpub }) => `${fingerprint}: ${xpub}`)].join("\n");
  expect(importColdcard(test).dump.accounts?.[0]?.network).toBe("testnet");
  const asked = importColdcard(test, { network: "signet" });
  expect([asked.dump.accounts?.[0]?.network, asked.report]).toEqual(["signet", []]);
  expect(() => importColdcard(test, { network: "mainnet" })).toThrow("its keys are of a test network, not of mainnet");
  expect(() => importColdcard(text, { network: "regtest" })).toThrow("its keys are of mainnet, not of regtest");
});
