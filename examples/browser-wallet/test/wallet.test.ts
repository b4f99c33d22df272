import { readFile } from "node:fs/promises";
import { UnreachableError } from "@cloudbackup/client";
import { decodeDump, encodeDump } from "@cloudbackup/core";
import { expect, it } from "vitest";
import { explain } from "../src/advice.ts";
import { Wallet } from "../src/wallet.ts";

const xpub =
  "xpub6CCHViYn5VzPfSR7baop9FtGcbm3UnqHwa54Z2eNvJnRFCJCdo9HtCYoLJKZCoATMLUowDDA1BMGfQGauY3fDYU3HyMzX4NDkoLYCSkLpbH";

it("tells of every change by its sections, and makes a dump that comes back", () => {
  const wallet = new Wallet();
  const told: string[] = [];
  wallet.onChange = (sections) => told.push(sections.join());
  wallet.addAccount("Spending");
  wallet.addAccount("Savings");
  wallet.pair("My phone", xpub);
  wallet.renameAccount("mainnet/m/84'/0'/0'", "Everyday");
  wallet.archiveAccount("mainnet/m/84'/0'/1'", true);
  wallet.setLabel("ff".repeat(32), "Rent");
  wallet.setLabel("ff".repeat(32), "Rent of May");
  expect(told).toEqual([
    "accounts", "accounts", "accounts,pairings", "accounts", "accounts", "labels", "labels",
  ]); // biome-ignore format: a list

  const copy = new Wallet();
  copy.load(decodeDump(encodeDump(wallet.dump())));
  const namesOf = ({ accounts }: Wallet) => accounts.map(({ name, archived }) => `${name} ${archived ?? false}`).sort();
  expect(namesOf(copy)).toEqual(["Everyday false", "My phone false", "Savings true"]);
  expect(copy.labels).toMatchObject([{ type: "tx", label: "Rent of May" }]);
  expect(copy.pairings).toEqual(wallet.pairings);
  for (const label of copy.labels) copy.removeLabel(label);
  expect(copy.labels).toEqual([]);
});

it("leaves labels alone that others gave, and removes those of any kind", () => {
  const wallet = new Wallet();
  const ref = "ff".repeat(32);
  const theirs = { type: "tx", ref, origin: "wpkh([d34db33f/84'/0'/0'])", label: "Rent" };
  const ofInput = { type: "input", ref: `${ref}:0`, label: "Coffee" };
  wallet.load({ accounts: [], pairings: [], labels: [theirs, ofInput] });
  wallet.setLabel(ref, "Mine");
  expect(wallet.labels).toEqual([theirs, ofInput, { type: "tx", ref, label: "Mine" }]);
  wallet.removeLabel(ofInput);
  expect(wallet.labels.map(({ label }) => label)).toEqual(["Rent", "Mine"]);
});

it("refuses what is no xpub, and a device twice", () => {
  const wallet = new Wallet();
  expect(() => wallet.pair("My phone", "xpub6CC")).toThrow();
  wallet.pair("My phone", xpub);
  expect(() => wallet.pair("My phone", xpub)).toThrow("paired already");
  expect(wallet.pairings).toHaveLength(1);
});

it("has advice only for codes that there are", async () => {
  const known = await readFile(new URL("../../../docs/errors.md", import.meta.url), "utf8");
  const source = await readFile(new URL("../src/advice.ts", import.meta.url), "utf8");
  const codes = source.match(/ERR_CB_[A-Z_]+/g) ?? [];
  expect(codes.length).toBeGreaterThan(15);
  expect(codes.filter((code) => !known.includes(`### ${code}\n`))).toEqual([]);
  expect(explain(new UnreachableError("No network"))).toMatchObject({
    what: "No network.",
    code: "ERR_CB_UNREACHABLE",
  });
  expect(explain(new Error("mine"))).toEqual({ what: "mine", advice: "", code: "" });
});
