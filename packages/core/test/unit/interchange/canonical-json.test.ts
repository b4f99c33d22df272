import { describe, expect, it } from "vitest";
import { canonicalJson, formatJsonObject, parseJsonObject } from "../../../src/interchange/canonical-json.ts";

const canonical = (text: string) => formatJsonObject(parseJsonObject(text) ?? []);

describe("RFC 8785", () => {
  it("section 3.2.2: the sample of primitive types", () => {
    const input = String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`;
    // The first number has a digit more than a double: RFC 8785 would drop it.
    expect(canonical(input)).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.33333329,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
  });

  it("section 3.2.3: keys ascend by their UTF-16 units", () => {
    const input = String.raw`{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}`;
    expect(parseJsonObject(canonical(input))?.map(([, json]) => json)).toEqual(["2", "4", "6", "7", "1", "5", "3"]);
  });

  it.each([
    ["0", "0"],
    ["-0", "0"],
    ["-0.0e7", "0"],
    ["0e99999999999999999999", "0"],
    ["105620.00", "105620"],
    ["1.50", "1.5"],
    ["15e-1", "1.5"],
    ["-0.015E+2", "-1.5"],
    ["1e21", "1e+21"],
    ["100000000000000000000", "100000000000000000000"],
    ["9007199254740992", "9007199254740992"],
    ["5e-324", "5e-324"],
  ])("appendix B and others: the number %s is %s", (text, expected) => {
    expect(canonical(`{"a":${text}}`)).toBe(`{"a":${expected}}`);
  });
});

describe("what RFC 8785 has no form for stays as it is", () => {
  it.each([
    "9007199254740993",
    "123456789012345678901234567890",
    "1e400",
    "-1e-400",
    "0.1000000000000000055511151231257827",
    "1e99999999999999999999",
  ])("the number %s", (text) => {
    expect(canonical(`{"a":[${text}]}`)).toBe(`{"a":[${text}]}`);
  });

  it("half a surrogate pair, a key that stands twice", () => {
    const text = String.raw`{"\udc00":"\ud800","a":1,"a":2}`;
    expect(canonical(text)).toBe(String.raw`{"a":1,"a":2,"\udc00":"\ud800"}`);
  });
});

describe("no JSON object", () => {
  it.each([
    "",
    "null",
    "[]",
    '"a"',
    "{",
    "{}{}",
    "{'a':1}",
    "{a:1}",
    '{"a":1,}',
    '{"a":[1,]}',
    '{"a":01}',
    '{"a":NaN}',
    '{"a":+1}',
    '{"a":1} // b',
    '{"a":/* b */1}',
    '{"a":"\t"}',
    '{"a":"\\x"}',
    '{"a" 1}',
    `{"a":${"[".repeat(500)}${"]".repeat(500)}}`,
    `${'{"a":'.repeat(100_000)}1`,
  ])("%#", (text) => {
    expect(parseJsonObject(text)).toBeNull();
  });
});

it("keeps entries in their order, and a key that every object has", () => {
  expect(parseJsonObject(' {"b": {"d": 1, "c": [ ]}, "__proto__": {}, "constructor": true} ')).toEqual([
    ["b", '{"c":[],"d":1}'],
    ["__proto__", "{}"],
    ["constructor", "true"],
  ]);
});

it("writes values of records", () => {
  const value = { b: 2n ** 64n - 1n, a: [null, true, "é\n", -1, undefined], c: Uint8Array.of(0, 255), d: undefined };
  expect(canonicalJson({ ...value, a: value.a.slice(0, 4) })).toBe(
    String.raw`{"a":[null,true,"é\n",-1],"b":18446744073709551615,"c":"00ff"}`,
  );
});
