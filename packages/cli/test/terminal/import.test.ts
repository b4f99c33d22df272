import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { formatDumpJson, parseDumpJson } from "@cloudbackup/core/interchange";
import { beforeEach, describe, expect, it } from "vitest";
import { dump, WORDS } from "../support/dumps.ts";
import { runPiped, Session, temporaryFolder } from "../support/program.ts";
import { startServer } from "../support/server.ts";
import { backedUp } from "../support/wallet.ts";

/** As Coldcard and Sparrow write it. */
const COLDCARD = `Name: Savings
Policy: 2 of 2
Derivation: m/48'/0'/100'/2'
Format: P2WSH

F57EC65D: xpub6DcqYQxnbefzFkaRBK63FSE2GzNuNnNhFGw1xV9RioVG7av6r3JDf1aELqBSq5gt5487CtNxvVtaiJjQU2HQWzgG5NzLyTPbYav6otW8qEc
00000006: xpub6EwJjKaiocGvqSuM2jRZSuQ9HEddiFUFu9RdjE47zG7kXVNDQpJ3GyvskwYiLmvU4SBTNZyv8UH53QcmFEE23YwozE61V3dwzZJEFQr6H2b
`;
const LABELS = `{"type":"tx","ref":"f91d0a8a78462bc59398f2c5d7a84fcff491c26ba54c4833478b202796c8aafd","label":"Rent","fee":5}
{"type":"addr","ref":"bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu","label":"Other"}
{"ref":"x"}
`;

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  await writeFile(join(folder, "multisig.txt"), COLDCARD);
  await writeFile(join(folder, "labels.jsonl"), LABELS);
  await writeFile(join(folder, "wallet.json"), formatDumpJson(dump));
});

const run = (...args: string[]) => runPiped({ args, cwd: folder });
const read = async (file: string) => parseDumpJson(await readFile(join(folder, file), "utf8"));

describe("import", () => {
  it("gives a dump, and says what it holds", async () => {
    const { code, stdout } = await run("import", "multisig.txt", "--out", "imported.json");
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: "1 account, 0 pairings. Saved as imported.json\n",
    });
    expect((await read("imported.json")).accounts).toMatchObject([
      { kind: "cloudbackup.multisig", name: "Savings", network: "mainnet" },
    ]);
    expect((await stat(join(folder, "imported.json"))).mode & 0o777).toBe(0o600);
    expect(await run("import", "multisig.txt", "--out", "imported.json")).toMatchObject({ code: 3 });
  });

  it("pairs an account where a key is this wallet's", async () => {
    const { code, stdout, stderr } = await run("import", "multisig.txt", "--fingerprint", "00000006");
    expect(code).toBe(0);
    expect(parseDumpJson(stdout)).toMatchObject({ accounts: [{ kind: "paired", name: "Savings" }], pairings: [{}] });
    expect(stderr).not.toContain("xpub");
  });

  it("asks for the words to tell that, and shows nothing of them", async () => {
    const session = await Session.start({
      args: ["import", "multisig.txt", "--words", "--out", "imported.json"],
      cwd: folder,
    });
    await session.answer("Words:", WORDS);
    await session.shows("1 account, 0 pairings.");
    expect(await session.ended).toBe(0);
    expect(session.output).not.toContain("sausage");
  });

  it("adds labels to a dump, which stays as it is where both say something", async () => {
    const { code, stderr } = await run("import", "labels.jsonl", "--into", "wallet.json", "--out", "both.json");
    expect(code).toBe(0);
    expect(stderr).toContain("Not taken: line 3:");
    expect(stderr).toContain("Not taken: labels: The dump has another label, which stays.");
    const both = await read("both.json");
    expect(both.accounts).toHaveLength(2);
    expect(both["acme.notes"]).toEqual(dump["acme.notes"]);
    expect(both.labels).toHaveLength(2);
    expect(both.labels).toContainEqual({
      type: "tx",
      ref: "f91d0a8a78462bc59398f2c5d7a84fcff491c26ba54c4833478b202796c8aafd",
      label: "Rent",
      more: '{"fee":5}',
    });
    expect(both.labels).toContainEqual(dump.labels?.[0]);
  });

  it("has a form for programs", async () => {
    const { code, stdout, stderr } = await run("import", "labels.jsonl", "--json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { dump: imported, ...rest } = JSON.parse(stdout);
    expect(rest).toEqual({
      sections: { accounts: 0, pairings: 0, labels: 2 },
      report: [{ what: "lost", where: "line 3", why: expect.any(String) }],
      file: null,
    });
    expect(parseDumpJson(JSON.stringify(imported)).labels).toHaveLength(2);
  });

  it.each([
    ["another form than it is said to be", ["multisig.txt", "--from", "caravan"], 3],
    ["a form that it does not know", ["multisig.txt", "--from", "electrum"], 2],
    ["a fingerprint that is none", ["multisig.txt", "--fingerprint", "xyz"], 2],
    ["a fingerprint beside the words", ["multisig.txt", "--fingerprint", "00000006", "--words"], 2],
    ["nothing of the kind", ["nothing.bin"], 3],
  ])("refuses %s", async (_, args, code) => {
    await writeFile(join(folder, "nothing.bin"), Uint8Array.of(0xff, 0xfe, 0x00));
    expect(await run("import", ...args)).toMatchObject({ code, stdout: "" });
  });
});

it("what was imported is backed up, and comes back in the forms of other wallets", async () => {
  const server = await startServer({ activation: "none" });
  const imported = await run("import", "multisig.txt", "--fingerprint", "00000006", "--json");
  const withLabels = { ...parseDumpJson(JSON.stringify(JSON.parse(imported.stdout).dump)), labels: dump.labels };
  await backedUp(server, [withLabels as typeof dump]);
  const home = await temporaryFolder();
  const by = (...args: string[]) =>
    runPiped({
      args: [...args, "--server", server.url, "--seed-fd", "3"],
      descriptors: [WORDS],
      cwd: folder,
      env: { HOME: home },
    });

  const coldcard = await by("show", "--format", "coldcard");
  expect(coldcard.code).toBe(0);
  for (const line of COLDCARD.split("\n").filter((each) => each.includes("xpub"))) {
    expect(coldcard.stdout.toLowerCase()).toContain(line.toLowerCase());
  }
  expect(coldcard.stderr).toContain("Not in it: labels:");
  const descriptors = await by("show", "--format", "descriptors");
  expect(descriptors.stdout).toMatch(/^wsh\(sortedmulti\(2,\[.*#[a-z0-9]{8}$/m);
  expect(JSON.parse((await by("show", "--format", "core")).stdout).descriptors).toHaveLength(2);
  expect(JSON.parse((await by("show", "--format", "caravan", "--account", "Savings")).stdout)).toMatchObject({
    name: "Savings",
    quorum: { requiredSigners: 2, totalSigners: 2 },
  });
  expect(await by("show", "--format", "caravan", "--account", "Spending")).toMatchObject({ code: 2, stdout: "" });
  expect(await by("show", "--format", "json", "--account", "Savings")).toMatchObject({ code: 2, stdout: "" });

  // A file that holds a part alone is no reason to let this machine write over the rest.
  const labels = await by("restore", "--out", "restored.jsonl");
  expect(labels.code).toBe(0);
  expect(labels.stderr).toContain("Not in the file: accounts:");
  expect(await readFile(join(folder, "restored.jsonl"), "utf8")).toBe(
    '{"type":"addr","ref":"bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu","label":"Rent"}\n',
  );
  expect(await by("backup", "wallet.json")).toMatchObject({ code: 9 });
  expect(await by("restore", "--out", "restored.json")).toMatchObject({ code: 0 });
  expect(await by("backup", "restored.json")).toMatchObject({ code: 0 });
});
