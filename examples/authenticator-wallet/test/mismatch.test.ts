import { expect, test } from "vitest";
import { assertSame, assertSameAddresses, MismatchError } from "../src/demo/mismatch.ts";

const before = new Map([["a external", ["1", "2"]]]);

test("equal is fine", () => {
  assertSame(1, 1, "One");
  assertSameAddresses(new Map(before), before);
});

test("the order of accounts does not matter", () => {
  const [a, b] = [
    ["a external", ["1"]],
    ["b external", ["2"]],
  ] as const;
  assertSameAddresses(
    new Map([
      [a[0], [...a[1]]],
      [b[0], [...b[1]]],
    ]),
    new Map([
      [b[0], [...b[1]]],
      [a[0], [...a[1]]],
    ]),
  );
});

test.each([
  ["an account is missing", new Map(), "The list of accounts should be a external, it is "],
  [
    "an address is missing",
    new Map([["a external", ["1"]]]),
    "The number of addresses of a external should be 2, it is 1",
  ],
  ["an address differs", new Map([["a external", ["1", "3"]]]), "Address 1 of a external should be 2, it is 3"],
])("%s", (_, after, sentence) => {
  expect(() => assertSameAddresses(after, before)).toThrow(new MismatchError(sentence));
});
