import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { bytesToHex, concatBytes, hexToBytes } from "../../../src/bytes.ts";
import { type BlockHeaders, PERIOD } from "../../../src/dump/headers.ts";
import { InvalidDumpError } from "../../../src/errors.ts";
import { checkHeaders, InvalidHeadersError } from "../../../src/headers/check-headers.ts";
import type { HeaderRules } from "../../../src/headers/rules.ts";
import { decodeTarget, nextTarget } from "../../../src/headers/target.ts";
import { defaultPrimitives } from "../../../src/primitives/default.ts";
import { errorOf } from "../../fixtures.ts";
import { publicText } from "../../public-files.ts";

const { sha256 } = defaultPrimitives;
const hashOf = (header: Uint8Array) => sha256(sha256(header));
const reversed = (hex: string) => hexToBytes(hex).reverse();

interface Fields {
  before?: Uint8Array;
  root?: Uint8Array;
  time: number;
  bits: number;
  nonce?: number;
}

function headerOf({
  before = new Uint8Array(32),
  root = new Uint8Array(32),
  time,
  bits,
  nonce = 0,
}: Fields): Uint8Array {
  const header = concatBytes(new Uint8Array(4), before, root, new Uint8Array(12));
  const view = new DataView(header.buffer);
  view.setInt32(0, 1, true);
  for (const [at, value] of [time, bits, nonce].entries()) view.setUint32(68 + 4 * at, value, true);
  return header;
}

/** The first header with these fields whose hash satisfies its target. */
function mine(fields: Fields): Uint8Array {
  const target = decodeTarget(fields.bits) as bigint;
  for (let nonce = 0; ; nonce++) {
    const header = headerOf({ ...fields, nonce });
    if (BigInt(`0x${bytesToHex(hashOf(header).reverse())}`) <= target) return header;
  }
}

const OLD_ROOT = reversed("4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b");
const NEW_ROOT = reversed("7aa0a7ae1e223414cb807e40cd57e667b718e42aaf9306db9102fe28912b7b4e");
/** As Bitcoin Core has them: src/kernel/chainparams.cpp. */
const genesis = {
  mainnet: headerOf({ root: OLD_ROOT, time: 1_231_006_505, bits: 0x1d00ffff, nonce: 2_083_236_893 }),
  testnet: headerOf({ root: OLD_ROOT, time: 1_296_688_602, bits: 0x1d00ffff, nonce: 414_098_458 }),
  testnet4: headerOf({ root: NEW_ROOT, time: 1_714_777_860, bits: 0x1d00ffff, nonce: 393_743_547 }),
  signet: headerOf({ root: OLD_ROOT, time: 1_598_918_400, bits: 0x1e0377ae, nonce: 52_613_770 }),
  regtest: headerOf({ root: OLD_ROOT, time: 1_296_688_602, bits: 0x207fffff, nonce: 2 }),
};
/** Block 1 of mainnet. */
const second = headerOf({
  before: hashOf(genesis.mainnet),
  root: reversed("0e3e2357e806b6cdb1f70b54c3a3a17b6714ee1f0e68bebb44a74b1efd512098"),
  time: 1_231_469_665,
  bits: 0x1d00ffff,
  nonce: 2_573_394_689,
});

const recordOf = (network: string, start: number, ...headers: Uint8Array[]): BlockHeaders => {
  return { network, start, bytes: concatBytes(...headers) };
};
const problemOf = (...args: Parameters<typeof checkHeaders>) => {
  const error = errorOf(() => checkHeaders(...args)) as InvalidHeadersError;
  expect(error).toBeInstanceOf(InvalidHeadersError);
  expect(error.message).toContain(`${error.network}, height ${error.height}: `);
  return [error.network, error.height, error.problem];
};

const EASY = 0x207fffff;
const EASIER_THAN_ALLOWED = 0x21008000;

/** So many headers that take next to no work, from the genesis of regtest on. */
function chainOf(length: number, spacing = 600, bits = EASY): Uint8Array[] {
  const chain = [genesis.regtest];
  for (let i = 1; i < length; i++) {
    chain.push(mine({ before: hashOf(chain.at(-1) as Uint8Array), time: 1_296_688_602 + i * spacing, bits }));
  }
  return chain;
}

describe("accepted", () => {
  it.each(Object.entries(genesis))("the first header of %s", (network, header) => {
    const [chain] = checkHeaders([recordOf(network, 0, header)]);
    expect(chain).toMatchObject({ network, start: 0, end: 0 });
    expect(chain?.hash).toEqual(hashOf(header).reverse());
  });

  it("the first two of mainnet, with their work, in one record or two", () => {
    const expected = [
      {
        network: "mainnet",
        start: 0,
        end: 1,
        hash: hexToBytes("00000000839a8e6886ab5951d76f411475428afc90947ee320161bbf18eb6048"),
        work: 0x200020002n,
      },
    ];
    expect(checkHeaders([recordOf("mainnet", 0, genesis.mainnet, second)])).toEqual(expected);
    expect(checkHeaders([recordOf("mainnet", 1, second), recordOf("mainnet", 0, genesis.mainnet)])).toEqual(expected);
  });

  it("nothing of nothing", () => expect(checkHeaders([])).toEqual([]));

  it("runs of heights with a gap, each as a chain of its own, network by network", () => {
    const chain = chainOf(9);
    const records = [
      recordOf("regtest", 6, ...chain.slice(6)),
      recordOf("mainnet", 1, second),
      recordOf("regtest", 2, ...chain.slice(2, 4)),
      recordOf("regtest", 0, ...chain.slice(0, 2)),
    ];
    const ends = checkHeaders(records).map(({ network, start, end, work }) => [network, start, end, work]);
    expect(ends).toEqual([
      ["mainnet", 1, 1, 0x100010001n],
      ["regtest", 0, 3, 8n],
      ["regtest", 6, 8, 6n],
    ]);
  });

  it("records that overlap and say the same", () => {
    const chain = chainOf(9);
    const records = [
      [0, 7],
      [2, 4],
      [3, 9],
      [5, 6],
    ].map(([from, to]) => recordOf("regtest", from as number, ...chain.slice(from, to)));
    expect(checkHeaders(records)).toMatchObject([{ start: 0, end: 8, work: 18n }]);
  });

  it("of a network without rules, what is linked", () => {
    const bits = 0;
    const first = headerOf({ time: 1, bits });
    const then = headerOf({ before: hashOf(first), time: 2, bits });
    expect(checkHeaders([recordOf("mars", 0, first, then)])).toMatchObject([{ end: 1, work: undefined }]);
  });
});

describe("refused, by network, height and what is wrong", () => {
  it("a header that does not name the one before, within a record and across two", () => {
    const chain = chainOf(5);
    const other = mine({ before: new Uint8Array(32).fill(1), time: 1, bits: EASY });
    expect(problemOf([recordOf("regtest", 0, ...chain.slice(0, 3), other)])).toEqual(["regtest", 3, "link"]);
    const records = [recordOf("regtest", 3, other), recordOf("regtest", 0, ...chain.slice(0, 3))];
    expect(problemOf(records)).toEqual(["regtest", 3, "link"]);
    expect(problemOf([recordOf("mars", 5, chain[1] as Uint8Array, chain[3] as Uint8Array)])).toEqual([
      "mars",
      6,
      "link",
    ]);
  });

  it("the first header of another network", () => {
    expect(problemOf([recordOf("testnet", 0, genesis.mainnet)])).toEqual(["testnet", 0, "genesis"]);
  });

  it.each([
    { id: "zero", bits: 0 },
    { id: "negative", bits: 0x1d80ffff },
    { id: "beyond 256 bits", bits: 0xff123456 },
    { id: "easier than the network allows", bits: EASIER_THAN_ALLOWED },
  ])("a target: $id", ({ bits }) => {
    expect(problemOf([recordOf("regtest", 7, headerOf({ time: 1, bits }))])).toEqual(["regtest", 7, "target"]);
  });

  it("on mainnet the target of regtest", () => {
    expect(problemOf([recordOf("mainnet", 9, mine({ time: 1, bits: EASY }))])).toEqual(["mainnet", 9, "target"]);
  });

  it("a header without the work, whichever bit of it was changed", () => {
    fc.assert(
      fc.property(fc.nat(80 * 8 - 1), (bit) => {
        const forged = second.slice();
        forged[bit >> 3] = (forged[bit >> 3] as number) ^ (1 << (bit & 7));
        const problem = problemOf([recordOf("mainnet", 0, genesis.mainnet, forged)]);
        const [from, to] = [32, 36 * 8];
        const expected = bit >= from && bit < to ? ["link"] : ["work", "target"];
        expect([problem[1], expected.includes(problem[2] as string)]).toEqual([1, true]);
      }),
    );
  });

  it("records that overlap and do not say the same", () => {
    const chain = chainOf(5);
    const fork = mine({ before: hashOf(chain[2] as Uint8Array), time: 9, bits: EASY });
    const records = [recordOf("regtest", 0, ...chain), recordOf("regtest", 2, chain[2] as Uint8Array, fork)];
    expect(problemOf(records)).toEqual(["regtest", 3, "fork"]);
  });

  it("what is no record of the section", () => {
    expect(() => checkHeaders([{ network: "mainnet", start: 0, bytes: genesis.mainnet.subarray(1) }])).toThrow(
      InvalidDumpError,
    );
    expect(() => checkHeaders([recordOf("mainnet", 0, second), recordOf("mainnet", 0, second)])).toThrow(
      InvalidDumpError,
    );
  });
});

describe("where the target follows the time that a period took", () => {
  const rules: Record<string, HeaderRules> = {
    easy: { limit: EASY, genesis: hashOf(genesis.regtest).reverse(), retargets: true },
  };
  /** Fast enough that the next period's target is a quarter. */
  let period: Uint8Array[];
  let harder: number;
  beforeAll(() => {
    period = chainOf(PERIOD, 60);
    harder = nextTarget(EASY, 2015 * 60, decodeTarget(EASY) as bigint);
  });
  const next = (bits: number) => mine({ before: hashOf(period.at(-1) as Uint8Array), time: 1, bits });

  it("the one that follows is accepted, and no other", () => {
    expect(harder).toBe(0x201fffff);
    const whole = recordOf("easy", 0, ...period);
    expect(checkHeaders([whole, recordOf("easy", PERIOD, next(harder))], { rules })).toMatchObject([{ end: PERIOD }]);
    expect(problemOf([whole, recordOf("easy", PERIOD, next(EASY))], { rules })).toEqual(["easy", PERIOD, "difficulty"]);
    expect(problemOf([whole, recordOf("easy", PERIOD, next(0x201ffffe))], { rules })).toEqual([
      "easy",
      PERIOD,
      "difficulty",
    ]);
  });

  it("within a period it stays", () => {
    const third = mine({ before: hashOf(period[1] as Uint8Array), time: 1, bits: 0x207ffffe });
    const records = [recordOf("easy", 0, ...period.slice(0, 2), third)];
    expect(problemOf(records, { rules })).toEqual(["easy", 2, "difficulty"]);
    expect(
      checkHeaders(records, { rules: { easy: { ...(rules.easy as HeaderRules), retargets: false } } }),
    ).toHaveLength(1);
  });

  it("where the period's first header is not there, nothing can be told", () => {
    const records = [recordOf("easy", 1, ...period.slice(1)), recordOf("easy", PERIOD, next(EASY))];
    expect(checkHeaders(records, { rules })).toMatchObject([{ start: 1, end: PERIOD }]);
  });
});

it("wrong options are mistakes of the program", () => {
  const rules = { limit: EASY, genesis: new Uint8Array(32), retargets: true };
  expect(() => checkHeaders("x" as never)).toThrow(TypeError);
  expect(() => checkHeaders([], { strict: true } as never)).toThrow(TypeError);
  for (const [wrong, error] of [
    [null, TypeError],
    [{ ...rules, more: 1 }, TypeError],
    [{ ...rules, limit: "1d00ffff" }, TypeError],
    [{ ...rules, limit: 0 }, RangeError],
    [{ ...rules, limit: -1 }, RangeError],
    [{ ...rules, limit: 0xff123456 }, RangeError],
    [{ ...rules, genesis: new Uint8Array(31) }, RangeError],
    [{ ...rules, retargets: 1 }, TypeError],
  ] as const) {
    expect(() => checkHeaders([], { rules: { easy: wrong as never } })).toThrow(error);
  }
});

const path = "spv/testnet-19.json";
const vectors = publicText(path);
const hasVectors = vectors !== undefined;
const blocks: [height: number, hash: string, block: string][] = hasVectors
  ? JSON.parse(vectors).slice(1)
  : [[0, bytesToHex(hashOf(genesis.testnet).reverse()), bytesToHex(genesis.testnet)]];

it(`headers of testnet: ${hasVectors ? path : `the first one (${path} is not there)`}`, () => {
  for (const [height, hash, block] of blocks) {
    const header = hexToBytes(block.slice(0, 160));
    const chains = checkHeaders([recordOf("testnet", height, header)]);
    expect(chains).toMatchObject([{ start: height, end: height, hash: hexToBytes(hash) }]);
    const forged = header.slice();
    forged[76] = (forged[76] as number) ^ 1;
    expect(problemOf([recordOf("testnet", height, forged)])).toEqual([
      "testnet",
      height,
      height === 0 ? "genesis" : "work",
    ]);
  }
});
