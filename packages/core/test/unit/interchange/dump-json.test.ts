import { describe, expect, it } from "vitest";
import { encodeCborSequence } from "../../../src/cbor.ts";
import { decodeDump, encodeDump } from "../../../src/dump/codec.ts";
import { type Dump, RawSection } from "../../../src/dump/dump.ts";
import { InvalidDumpError } from "../../../src/errors.ts";
import { formatDumpJson, parseDumpJson } from "../../../src/interchange/dump-json.ts";
import type { InvalidDumpJsonError } from "../../../src/interchange/dump-json-reader.ts";
import { errorOf } from "../../fixtures.ts";

const dump: Dump = {
  accounts: [
    {
      id: "mainnet/m/84'/0'/0'",
      kind: "standard",
      network: "mainnet",
      name: "Spending",
      path: "m/84'/0'/0'",
      script: "p2wpkh",
      origin: { fingerprint: Uint8Array.of(0x73, 0xc5, 0xda, 0x0a), path: "m/84'/0'/0'" },
      external: { next: 7 },
    },
  ],
  pairings: [],
  labels: [{ type: "tx", ref: "f91d", label: "Rent" }],
};

const wrap = (accounts: string, rest = "") =>
  `{"format":"cloudbackup-dump/1","sections":{"accounts":${accounts},"pairings":[]${rest}}}`;
const refusal = (text: string) => errorOf(() => parseDumpJson(text)) as InvalidDumpJsonError;

describe("formatDumpJson", () => {
  it("writes a record a line", () => {
    expect(formatDumpJson({ ...dump, "acme.empty": [] })).toBe(
      [
        "{",
        '  "format": "cloudbackup-dump/1",',
        '  "sections": {',
        '    "accounts": [',
        `      {"id":"mainnet/m/84'/0'/0'","kind":"standard","network":"mainnet","name":"Spending","path":"m/84'/0'/0'","script":"p2wpkh","origin":{"fingerprint":{"$hex":"73c5da0a"},"path":"m/84'/0'/0'"},"external":{"next":7}}`,
        "    ],",
        '    "acme.empty": [],',
        '    "labels": [',
        '      {"type":"tx","ref":"f91d","label":"Rent"}',
        "    ],",
        '    "pairings": []',
        "  }",
        "}",
        "",
      ].join("\n"),
    );
  });

  it("gives back what it wrote", () => {
    expect(parseDumpJson(formatDumpJson(dump))).toEqual(dump);
  });

  it.each([
    ["bytes", { a: Uint8Array.of(0, 255), b: new Uint8Array() }],
    ["what looks like bytes", { $hex: "00ff" }],
    ["what looks like an integer", { $int: "5" }],
    ["what looks escaped", { $$hex: "00ff", $: 1, a$: 2 }],
    ["integers beyond a double", [2n ** 64n - 1n, -(2n ** 64n), 2n ** 53n, 2 ** 53 - 1]],
    ["a key that every object inherits", JSON.parse('{"__proto__":{"$x":1},"constructor":2}')],
    ["plain values", [null, true, false, "", "\u0000\u2028\u202e", [], {}, [[]]]],
    ["a record that is no map", 5],
  ])("keeps %s of a section that it does not know", (_, record) => {
    const bodies = encodeDump({ ...dump, "acme.things": [record] });
    // As it comes out of a backup: opaque.
    const text = formatDumpJson(decodeDump(bodies));
    expect(encodeDump(parseDumpJson(text))).toEqual(bodies);
    expect(formatDumpJson(parseDumpJson(text))).toBe(text);
  });

  it("keeps what is as deep as a record may be, and bytes in there", () => {
    let record: unknown = Uint8Array.of(1);
    for (let depth = 0; depth < 16; depth++) record = depth % 2 ? { a: record } : [record];
    const deep = { ...dump, "acme.deep": [record] };
    expect(encodeDump(parseDumpJson(formatDumpJson(deep)))).toEqual(encodeDump(deep));
    expect(() => formatDumpJson({ ...dump, "acme.deep": [[record]] })).toThrow(InvalidDumpError);
  });

  it("carries a body that is no list of records", () => {
    const body = Uint8Array.of(0xff, 0x00);
    const text = formatDumpJson({ ...dump, "acme.odd": new RawSection("acme.odd", body) });
    expect(text).toContain('"acme.odd": {"$hex":"ff00"}');
    expect(parseDumpJson(text)["acme.odd"]).toEqual(new RawSection("acme.odd", body));
  });

  it("writes the records of an opaque section one by one", () => {
    const body = encodeCborSequence([{ id: 1 }, { id: 2 }]);
    const text = formatDumpJson({ ...dump, "acme.notes": new RawSection("acme.notes", body) });
    expect(parseDumpJson(text)["acme.notes"]).toEqual([{ id: 1 }, { id: 2 }]);
  });

  it("holds nothing that steers a terminal or turns a line", () => {
    const label = "\u001b[2J\u009b31m\u202etxet\u2066\u200b\u007f\ufeff";
    const text = formatDumpJson({ ...dump, labels: [{ type: "tx", ref: "f91d", label }] });
    expect(text.replaceAll("\n", "")).toMatch(/^[\u0020-\u007e]*$/);
    expect(parseDumpJson(text).labels?.[0]?.label).toBe(label);
  });

  it("refuses what no backup would hold", () => {
    expect(() => formatDumpJson({ ...dump, "acme.x": [0.5] })).toThrow(InvalidDumpError);
    expect(() => formatDumpJson({ ...dump, accounts: [{ id: "" }] } as unknown as Dump)).toThrow(InvalidDumpError);
  });
});

describe("parseDumpJson", () => {
  it.each([
    ["nothing", "", 1, ""],
    ["no JSON", '{"format":"cloudbackup-dump/1",\n"sections" {}}', 2, "sections"],
    ["a comment", "// mine\n{}", 1, ""],
    ["more after it", `${wrap("[]")}\n{}`, 2, ""],
    ["a comma too many", wrap("[1,]"), 1, "sections.accounts[1]"],
    ["a fraction", wrap('[{"external":\n{"next":0.5}}]'), 2, "sections.accounts[0].external.next"],
    ["a fraction that a double rounds", wrap('[{"next":0.99999999999999999999}]'), 1, "sections.accounts[0].next"],
    ["a fraction that a double takes for 0", wrap('[{"next":1e-400}]'), 1, "sections.accounts[0].next"],
    ["a number that no double holds", wrap('[{"n":\n9007199254740993}]'), 2, "sections.accounts[0].n"],
    ["a number without end", wrap("[1e400]"), 1, "sections.accounts[0]"],
    ["a key twice", wrap('[{"id":"a",\n"id":"b"}]'), 2, "sections.accounts[0].id"],
    ["a section twice", wrap("[]", ',"pairings":[]'), 1, "sections.pairings"],
    ["odd hex", wrap('[{"x":{"$hex":"0"}}]'), 1, "sections.accounts[0].x"],
    ["no hex", wrap('[{"x":{"$hex":"zz"}}]'), 1, "sections.accounts[0].x"],
    ["bytes that are no text", wrap('[{"x":{"$hex":5}}]'), 1, "sections.accounts[0].x"],
    ["an integer that is none", wrap('[{"$int":"05"}]'), 1, "sections.accounts[0]"],
    ["an integer as a number", wrap('[{"$int":5}]'), 1, "sections.accounts[0]"],
    ["an integer of more than 64 bits", wrap('[{"$int":"18446744073709551616"}]'), 1, "sections.accounts[0]"],
    ["a tag that it does not know", wrap('[{"$date":"2026"}]'), 1, "sections.accounts[0]"],
    ["a tag beside something", wrap('[{"$hex":"00","a":1}]'), 1, "sections.accounts[0]"],
    ["too deep", wrap(`${"[".repeat(30)}${"]".repeat(30)}`), 1, `sections.accounts${"[0]".repeat(18)}`],
    ["another format", wrap("[]").replace("dump/1", "dump/2"), 1, ""],
    ["a list", "[]", 1, ""],
    ["more beside the sections", wrap("[]").replace("{", '{"x":1,'), 1, ""],
    ["a section that is no list", wrap("{}"), 1, ""],
    ["no pairings", '{"format":"cloudbackup-dump/1","sections":{"accounts":[]}}', 1, ""],
    ["a section of another name", wrap("[]", ',"Acme":[]'), 1, ""],
  ])("refuses %s, and says where", (_, text, line, path) => {
    const error = refusal(text);
    expect(error).toMatchObject({ code: "ERR_CB_INVALID_DUMP_JSON", line, path });
    expect(error.message).toContain(`Line ${line}, column ${error.column}`);
  });

  it("never says a value, nor a key that is none", () => {
    const secret = "abandon abandon about";
    for (const text of [secret, `"${secret}`, wrap(`[{"${secret}": 0.5}]`), wrap(`[{"x":{"$hex":"${secret}"}}]`)]) {
      const error = refusal(text);
      expect(error.message).not.toContain("abandon");
      expect(error.path).not.toContain("abandon");
      expect(error.cause).toBeUndefined();
    }
  });

  it("checks the records by the rules of their section", () => {
    expect(() => parseDumpJson(wrap('[{"id":"a"}]'))).toThrow(InvalidDumpError);
  });

  it("takes a byte order mark, upper-case hex, and any white space", () => {
    const text = `\ufeff${wrap("[]", ',\r\n\t"acme.x":[{"$hex":"AB"}]')}`;
    expect(parseDumpJson(text)["acme.x"]).toEqual([Uint8Array.of(0xab)]);
  });

  it("takes a deep text without an end", () => {
    expect(refusal("[".repeat(1_000_000)).code).toBe("ERR_CB_INVALID_DUMP_JSON");
  });

  it("refuses wrong arguments", () => {
    expect(() => parseDumpJson(5 as unknown as string)).toThrow(TypeError);
    expect(() => parseDumpJson(wrap("[]"), { section: [] } as object)).toThrow(TypeError);
  });
});
