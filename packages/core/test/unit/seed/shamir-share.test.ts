import { describe, expect, it } from "vitest";
import { bytesToHex } from "../../../src/bytes.ts";
import { checkShare } from "../../../src/seed/shamir-check.ts";
import { checksumOf } from "../../../src/seed/shamir-checksum.ts";
import { InvalidShareError } from "../../../src/seed/shamir-errors.ts";
import { describeShare, formatShare, parseShare } from "../../../src/seed/shamir-share.ts";
import { slip39Words } from "../../../src/seed/slip39-words.ts";
import { errorOf } from "../../fixtures.ts";
import { noise } from "../../noise.ts";

const share =
  "shadow pistol academic always adequate wildlife fancy gross oasis cylinder mustang wrist rescue view short owner flip making coding armed";
const facts = {
  identifier: 25_653,
  extendable: false,
  iterationExponent: 2,
  group: 1,
  groupThreshold: 1,
  groupCount: 1,
  member: 3,
  memberThreshold: 2,
  secretBytes: 16,
};
const thrown = (run: () => unknown) => errorOf(run) as InvalidShareError;

/** A share of these words, its checksum made right. */
function withChecksum(words: number[], extendable: boolean): string {
  return [...words, ...checksumOf(words, extendable)].map((index) => slip39Words[index]).join(" ");
}
const indices = share.split(" ").map((word) => slip39Words.indexOf(word));

describe("a share", () => {
  it("says what it is", () => {
    expect(describeShare(share)).toEqual(facts);
    expect(checkShare(share)).toEqual({ ok: true, facts });
  });

  it("is written as it is read, at each length and each end of its numbers", () => {
    for (const [i, length] of [16, 18, 20, 22, 24, 26, 28, 30, 32].entries()) {
      for (const value of [noise(length), new Uint8Array(length), new Uint8Array(length).fill(255)]) {
        for (const number of [1, 16]) {
          const numbers = {
            group: number,
            groupThreshold: number,
            groupCount: 16,
            member: number,
            memberThreshold: number,
          };
          const identifier = number === 1 ? 0 : 0x7fff;
          const written = { identifier, extendable: i % 2 === 0, iterationExponent: number - 1, ...numbers };
          const text = formatShare({ ...written, secretBytes: length, value });
          expect(text.split(" ")).toHaveLength([20, 22, 23, 25, 27, 28, 30, 31, 33][i] as number);
          expect(parseShare(text)).toEqual({ ...written, secretBytes: length, value });
        }
      }
    }
    expect(formatShare(parseShare(share))).toBe(share);
  });

  it("may be typed in any white space and case, and with numbers in any order of columns", () => {
    const numbered = share.split(" ").map((word, i) => `${i + 1}. ${word}`);
    const columns = numbered.slice(0, 10).flatMap((word, i) => [word, numbered[i + 10]]);
    for (const typed of [
      `\n${share.toUpperCase().replaceAll(" ", "\t \u3000")} `,
      numbered.join("\n"),
      columns.join(" "),
    ]) {
      expect(describeShare(typed)).toEqual(facts);
    }
  });
});

const bad = [
  { id: "nothing", typed: "", problem: "word-count", count: 0 },
  { id: "19 words", typed: share.split(" ").slice(1).join(" "), problem: "word-count", count: 19 },
  { id: "21 words", typed: `${share} armed`, problem: "word-count", count: 21 },
  { id: "words of BIP-39", typed: "abandon ".repeat(24), problem: "word-count", count: 24 },
  { id: "thousands of words", typed: "academic ".repeat(5_000), problem: "word-count", count: 5_000 },
  {
    id: "an unknown word",
    typed: share.replace("fancy", "fnacy"),
    problem: "unknown-word",
    count: 20,
    position: 7,
    nearest: "fancy",
  },
  {
    id: "an abbreviation",
    typed: share.replace("wildlife", "wild"),
    problem: "unknown-word",
    count: 20,
    position: 6,
    nearest: "wildlife",
  },
  {
    id: "a name of Object",
    typed: share.replace("fancy", "constructor"),
    problem: "unknown-word",
    count: 20,
    position: 7,
  },
  {
    id: "wrong numbers",
    typed: share
      .split(" ")
      .map((word) => `1. ${word}`)
      .join(" "),
    problem: "numbering",
    count: 20,
  },
  { id: "a changed word", typed: share.replace("fancy", "family"), problem: "checksum", count: 20 },
  { id: "two words swapped", typed: share.replace("fancy gross", "gross fancy"), problem: "checksum", count: 20 },
  { id: "another kind's checksum", typed: withChecksum(indices.slice(0, -3), true), problem: "checksum", count: 20 },
  {
    id: "bits before the value",
    typed: withChecksum(
      indices.slice(0, -3).map((word, i) => (i === 4 ? word | 512 : word)),
      false,
    ),
    problem: "padding",
    count: 20,
  },
  {
    id: "more groups than there are",
    typed: formatShare({ ...facts, groupThreshold: 2, value: noise(16) }),
    problem: "group-threshold",
    count: 20,
  },
];

describe("is no share:", () => {
  it.each(bad)("$id", ({ typed, problem, count, position, nearest }) => {
    const check = checkShare(typed);
    expect(check).toMatchObject({ ok: false, problem, count });
    if (!check.ok && position !== undefined) expect(check.position).toBe(position);
    if (!check.ok && nearest !== undefined) expect(check.nearest).toContain(nearest);

    const error = thrown(() => describeShare(typed));
    expect(error).toBeInstanceOf(InvalidShareError);
    expect(error).toMatchObject({ code: "ERR_CB_INVALID_SHARE", reason: problem, retryable: false });
    expect(error.position).toBe(check.ok ? undefined : check.position);
    expect(error.message).not.toMatch(/shadow|pistol|fnacy|fancy|constructor|abandon/);
    expect("cause" in error).toBe(false);
    expect(() => parseShare(typed)).toThrow(InvalidShareError);
  });

  it("what is no text, as a programmer's mistake", () => {
    for (const typed of [undefined, null, 1, new Uint8Array(20), share.split(" ")]) {
      expect(() => describeShare(typed as unknown as string)).toThrow(TypeError);
      expect(() => checkShare(typed as unknown as string)).toThrow(TypeError);
    }
  });
});

describe("a check while a person types", () => {
  it("names the first unknown word, whatever else is wrong", () => {
    expect(checkShare("shadow pistl")).toEqual({
      ok: false,
      problem: "word-count",
      count: 2,
      position: 2,
      nearest: ["pistol"],
    });
    expect(checkShare("shadow pistol")).toEqual({ ok: false, problem: "word-count", count: 2 });
  });

  it("offers the word that four letters begin", () => {
    for (const word of slip39Words.filter((_, i) => i % 20 === 0)) {
      const check = checkShare(word.slice(0, 4));
      if (slip39Words.includes(word.slice(0, 4))) expect(check).not.toHaveProperty("nearest");
      else expect(check).toMatchObject({ nearest: expect.arrayContaining([word]) });
    }
  });
});

it("keeps a value that is the reader's own", () => {
  const [a, b] = [parseShare(share), parseShare(share)];
  a.value.fill(0);
  expect(bytesToHex(b.value)).not.toBe("00".repeat(16));
});
