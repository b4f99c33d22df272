import { describe, expect, it } from "vitest";
import { ImportError } from "../../../src/interchange/errors.ts";
import { importWallet } from "../../../src/interchange/import-wallet.ts";
import { exportLabels, importLabels } from "../../../src/interchange/labels.ts";
import { InvalidLabelsError } from "../../../src/interchange/labels-jsonl.ts";
import { caravanOf, expressionOf, keyAt, missingText, publicFiles, SEEDS } from "../../wallet-files.ts";

const path = "m/48'/0'/0'/2'";
const keys = SEEDS.slice(0, 2).map((seed) => keyAt(seed, path));
const descriptor = `wsh(sortedmulti(2,${keys.map((key) => expressionOf(key)).join()}))`;

it.each([
  { format: "caravan", text: JSON.stringify(caravanOf(keys)) },
  { format: "caravan", text: `\ufeff\n${JSON.stringify(caravanOf(keys), null, 1)}` },
  {
    format: "coldcard",
    text: `policy: 1 of 1\nderivation: ${path}\nformat: p2wsh\n${keys[0]?.fingerprint}: ${keys[0]?.xpub}`,
  },
  { format: "descriptors", text: descriptor },
  { format: "descriptors", text: `# Name: not of Coldcard\n\n  ${descriptor}  ` },
  { format: "descriptors", text: JSON.stringify({ wallet_name: "", descriptors: [{ desc: descriptor }] }, null, 2) },
  { format: "descriptors", text: JSON.stringify([{ desc: descriptor }]) },
  { format: "labels", text: '{"type":"tx","ref":"f91d","label":"Rent"}' },
  { format: "labels", text: '\n{"type":"tx","ref":"f91d","label":"{ \\"quorum\\""}\r\n{"type":"addr","ref":"bc1q"}\n' },
])("knows $format (%#)", ({ format, text }) => {
  const imported = importWallet(text);
  expect(imported.format).toBe(format);
  expect(Object.keys(imported.dump)).toEqual(
    format === "labels"
      ? ["labels"]
      : format === "descriptors"
        ? ["accounts", "pairings", "descriptors"]
        : ["accounts", "pairings"],
  );
});

it.each([
  "",
  " ",
  "hello",
  "{}",
  "[1]",
  '{"format":"cloudbackup-dump/1","sections":{}}',
  '{"type":1',
  "Seed=00112233445566778899aabbccddeeff&Time=1",
  "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about",
])("refuses what is none of them, and does not show it: %s", (text) => {
  expect(() => importWallet(text)).toThrow(ImportError);
  expect(() => importWallet(text)).not.toThrow(/abandon|0011/);
});

const files = ["bip329/labelbase-test-vectors.jsonl", "bip329/test_vector.jsonl"];

describe(`labels, ${missingText(files)}`, () => {
  const byHand = {
    path: "written by hand",
    text: '{"type":"tx","ref":"f91d","label":"Rent","fee":250}\n{"type":"output","ref":"f91d:1","spendable":false}\n',
  };

  it.each([byHand, ...publicFiles(files)])("$path go in, and out as they were", ({ text }) => {
    const { dump, report } = importLabels(text);
    const exported = exportLabels(dump);
    expect(exported.report).toEqual([]);
    expect(importLabels(exported.text)).toEqual({ dump, report: [] });
    const left = exported.text.trimEnd().split("\n").length;
    expect(left + report.length).toBe(text.split("\n").filter((line) => line.trim() !== "").length);
    expect(importWallet(text).dump).toEqual(dump);
  });

  it("that are none are said by line", () => {
    const { dump, report } = importLabels(
      '{"type":"tx","ref":"a"}\n{"ref":"b"}\n\n{"type":"tx","ref":"a","label":"x"}',
    );
    expect(dump.labels).toEqual([{ type: "tx", ref: "a", label: "x" }]);
    expect(report.map(({ what, where }) => [what, where])).toEqual([
      ["lost", "line 1"],
      ["lost", "line 2"],
    ]);
    expect(() => importWallet('{"type":"tx","ref":"a"}\nhello')).toThrow(InvalidLabelsError);
    expect(() => importWallet('{"type":"tx","ref":"a"}', { color: 1 } as object)).toThrow(TypeError);
    expect(exportLabels({})).toEqual({ text: "", report: [] });
  });
});
