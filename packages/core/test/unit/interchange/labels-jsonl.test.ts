import { describe, expect, it } from "vitest";
import { decodeDump, encodeDump } from "../../../src/dump/codec.ts";
import type { Label } from "../../../src/dump/labels.ts";
import { InvalidDumpError } from "../../../src/errors.ts";
import { formatLabels, InvalidLabelsError, parseLabels } from "../../../src/interchange/labels-jsonl.ts";
import { codeOf, errorOf, textOf } from "../../fixtures.ts";
import { publicText } from "../../public-files.ts";

const tx = '{"type":"tx","ref":"f91d","label":"Rent"}';
/** Through a dump, as a backup holds it. */
const outAgain = (text: string) => {
  const { labels } = parseLabels(text);
  const read = decodeDump(encodeDump({ accounts: [], pairings: [], labels })).labels ?? [];
  return formatLabels(read);
};
const sorted = (text: string) => text.split("\n").filter(Boolean).sort();

describe("a line becomes a label", () => {
  it.each<{ id: string; line: string; label: Label }>([
    { id: "with nothing but type and ref", line: '{"type":"xpub","ref":"x"}', label: { type: "xpub", ref: "x" } },
    {
      id: "with all keys of BIP-329",
      line: '{"type":"output","ref":"a:1","label":"","origin":"wpkh([d34db33f/84\'/0\'/0\'])","spendable":false}',
      label: { type: "output", ref: "a:1", label: "", origin: "wpkh([d34db33f/84'/0'/0'])", spendable: false },
    },
    { id: "of a type unknown here", line: '{"type":"spscan","ref":"sp1"}', label: { type: "spscan", ref: "sp1" } },
    {
      id: "whose further keys are one text",
      line: '{"type":"tx","time":"2025-01-23T11:40:35Z","ref":"a","rate":{"USD":105620.00},"fmv":null}',
      label: { type: "tx", ref: "a", more: '{"fmv":null,"rate":{"USD":105620},"time":"2025-01-23T11:40:35Z"}' },
    },
    {
      id: "whose spendable is text",
      line: '{"type":"output","ref":"a:1","spendable":"false"}',
      label: { type: "output", ref: "a:1", more: '{"spendable":"false"}' },
    },
    {
      id: "whose label and origin are no text",
      line: '{"type":"tx","ref":"a","label":7,"origin":null}',
      label: { type: "tx", ref: "a", more: '{"label":7,"origin":null}' },
    },
    {
      id: "with half a surrogate pair",
      line: String.raw`{"type":"tx","ref":"a","label":"\ud83d"}`,
      label: { type: "tx", ref: "a", more: String.raw`{"label":"\ud83d"}` },
    },
    {
      id: "with keys that every object has, and one called more",
      line: '{"type":"tx","ref":"a","__proto__":{"b":1},"constructor":1,"more":"{}"}',
      label: { type: "tx", ref: "a", more: '{"__proto__":{"b":1},"constructor":1,"more":"{}"}' },
    },
    {
      id: "with more digits than a number of JavaScript has",
      line: '{"type":"tx","ref":"a","value":9007199254740993,"far":1e400}',
      label: { type: "tx", ref: "a", more: '{"far":1e400,"value":9007199254740993}' },
    },
    {
      id: "with a line separator of Unicode",
      line: '{"type":"tx","ref":"a","label":"b\u2028c"}',
      label: { type: "tx", ref: "a", label: "b\u2028c" },
    },
  ])("$id", ({ line, label }) => {
    expect(parseLabels(line)).toEqual({ labels: [label], problems: [] });
    expect(parseLabels(outAgain(line))).toEqual({ labels: [label], problems: [] });
  });
});

it("passes over a byte order mark, CRLF, white space and empty lines", () => {
  const { labels, problems } = parseLabels(`\ufeff${tx}\r\n\r\n  \n\t${tx.replace("f91d", "b")} \r\n\n`);
  expect([labels.map(({ ref }) => ref), problems]).toEqual([["f91d", "b"], []]);
  expect(parseLabels("")).toEqual({ labels: [], problems: [] });
});

describe("a text is refused by the number of the line, and by nothing that stands in it", () => {
  it.each([
    { id: "no JSON", line: "type,ref,secret" },
    { id: "cut off", line: '{"type":"tx","ref":"secret' },
    { id: "an array", line: '["secret"]' },
    { id: "text", line: '"secret"' },
    { id: "two objects", line: '{"a":"secret"}{"b":1}' },
    { id: "too deep", line: `{"secret":${"[".repeat(5_000)}${"]".repeat(5_000)}}` },
  ])("$id", ({ line }) => {
    const error = errorOf(() => parseLabels(`${tx}\n\n${line}\n${tx}`));
    expect(error).toBeInstanceOf(InvalidLabelsError);
    expect([(error as InvalidLabelsError).line, (error as InvalidLabelsError).code]).toEqual([
      3,
      "ERR_CB_INVALID_LABELS",
    ]);
    expect(textOf(error)).not.toContain("secret");
  });

  it("what is no text at all is a mistake of the program", () => {
    expect(() => parseLabels(new Uint8Array() as never)).toThrow(TypeError);
    expect(() => formatLabels("x" as never)).toThrow(TypeError);
  });
});

describe("what cannot be a label of its own is reported, with the line", () => {
  it.each([
    { reason: "no-type", line: '{"ref":"a"}' },
    { reason: "no-type", line: '{"type":"","ref":"a"}' },
    { reason: "no-type", line: '{"type":["tx"],"ref":"a"}' },
    { reason: "no-ref", line: '{"type":"tx"}' },
    { reason: "no-ref", line: '{"type":"tx","ref":7}' },
    { reason: "no-ref", line: String.raw`{"type":"tx","ref":"\udead"}` },
    { reason: "key-twice", line: '{"type":"tx","ref":"a","label":"b","label":"c"}' },
    { reason: "key-twice", line: '{"type":"tx","ref":"a","fee":1,"fee":1}' },
  ])("$reason: $line", ({ reason, line }) => {
    const { labels, problems } = parseLabels(`${tx}\n${line}`);
    expect(labels.length).toBe(1);
    expect(problems).toEqual([{ line: 2, reason, text: line }]);
  });

  it("the earlier of two that label the same otherwise", () => {
    const lines = [
      tx,
      tx.replace("Rent", "Rent, May"),
      tx.replace("}", ',"origin":"wpkh"}'),
      tx.replace("Rent", "Rent, June"),
    ];
    const { labels, problems } = parseLabels(lines.join("\n"));
    expect(labels.map(({ label }) => label)).toEqual(["Rent, June", "Rent"]);
    expect(problems).toEqual([
      { line: 1, reason: "repeated", text: lines[0] },
      { line: 2, reason: "repeated", text: lines[1] },
    ]);
  });

  it("but not one that says the same again", () => {
    const again = '{ "ref": "f91d", "type": "tx", "label": "\\u0052ent" }';
    expect(parseLabels(`${tx}\n${again}`)).toEqual({ labels: [JSON.parse(tx)], problems: [] });
  });
});

describe("written", () => {
  it("a key of the record stands before one of its more", () => {
    const label = {
      type: "output",
      ref: "a:1",
      spendable: true,
      more: '{"spendable":"false","ref":"b","fee":1}',
      fee: 2,
    };
    expect(formatLabels([label])).toBe('{"type":"output","ref":"a:1","spendable":true,"fee":2}\n');
  });

  it("on one line, whatever white space is in more", () => {
    const label = { type: "tx", ref: "a", more: '{\n  "b": [\r\n 1 ],\n "a": "\\n"\n}' };
    expect(formatLabels([label])).toBe('{"type":"tx","ref":"a","b":[1],"a":"\\n"}\n');
  });

  it("with the keys that programs put into the record", () => {
    const label = { type: "tx", ref: "a", hash: Uint8Array.of(1, 171), value: 2n ** 60n, seen: { b: null, a: [true] } };
    expect(formatLabels([label])).toBe(
      '{"type":"tx","ref":"a","hash":"01ab","value":1152921504606846976,"seen":{"a":[true],"b":null}}\n',
    );
  });

  it("nothing of no labels", () => expect(formatLabels([])).toBe(""));

  it("not what is no label, or is there twice, and not what is too deep", () => {
    const label = { type: "tx", ref: "a" };
    expect(codeOf(() => formatLabels([label, { ...label, label: "b" }]))).toBe("ERR_CB_INVALID_DUMP");
    const deep = `{"a":${"[".repeat(600)}${"]".repeat(600)}}`;
    for (const [wrong, path] of [
      [{ type: "tx" }, "ref"],
      [{ ...label, more: "[]" }, "more"],
      [{ ...label, more: deep }, "more"],
    ] as const) {
      const error = errorOf(() => formatLabels([{ type: "addr", ref: "b" }, wrong as Label])) as InvalidDumpError;
      expect(error).toBeInstanceOf(InvalidDumpError);
      expect([error.section, error.index, error.path]).toEqual(["labels", 1, path]);
    }
  });
});

const files = ["bip329/test_vector.jsonl", "bip329/labelbase-test-vectors.jsonl"].flatMap(
  (path) => publicText(path) ?? [],
);
const hasFiles = files.length === 2;
/** Lines of BIP-329's own example. */
const written = `{ "type": "tx", "ref": "f91d0a8a78462bc59398f2c5d7a84fcff491c26ba54c4833478b202796c8aafd", "label": "Transaction", "origin": "wpkh([d34db33f/84'/0'/0'])" }
{ "type": "output", "ref": "f91d0a8a78462bc59398f2c5d7a84fcff491c26ba54c4833478b202796c8aafd:1", "label": "Output" , "spendable" : "false" }
`;
const sources = [written, ...files];

it(`comes out as it went in: ${hasFiles ? "the files of bip329/" : "lines of BIP-329 (the files of bip329/ are not there)"}`, () => {
  for (const text of sources) {
    expect(parseLabels(text).problems).toEqual([]);
    const meaning = (lines: string[]) =>
      lines.map((line) => JSON.stringify(Object.entries(JSON.parse(line)).sort())).sort();
    expect(meaning(sorted(outAgain(text)))).toEqual(meaning(sorted(text)));
  }
  expect(sources.join("")).toContain('"false"');
});
