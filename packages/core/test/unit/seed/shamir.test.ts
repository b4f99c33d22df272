import { HDKey } from "@scure/bip32";
import { describe, expect, it } from "vitest";
import { bytesToHex, hexToBytes } from "../../../src/bytes.ts";
import { combineShares, splitSecret } from "../../../src/seed/shamir.ts";
import { InvalidShareError, NotEnoughSharesError, ShareOfAnotherSetError } from "../../../src/seed/shamir-errors.ts";
import { describeShare } from "../../../src/seed/shamir-share.ts";
import { noise, seededRandom } from "../../noise.ts";
import { publicText } from "../../public-files.ts";

/** What it is, shares, secret (empty where they must be refused), root xprv: rows of python-shamir-mnemonic's vectors.json. */
type Row = [description: string, shares: string[], secret: string, xprv: string];
const PASSPHRASE = "TREZOR";
const two =
  "shadow pistol academic acid actress prayer class unknown daughter sweater depict flip twice unkind craft early superior advocate guest smoking";
const three =
  "shadow pistol academic always adequate wildlife fancy gross oasis cylinder mustang wrist rescue view short owner flip making coding armed";
const byHand: Row[] = [
  [
    "4. Basic sharing 2-of-3 (128 bits)",
    [two, three],
    "b43ceb7e57a0ea8766221624d01b0864",
    "xprv9s21ZrQH143K2nNuAbfWPHBtfiSCS14XQgb3otW4pX655q58EEZeC8zmjEUwucBu9dPnxdpbZLCn57yx45RBkwJHnwHFjZK4XPJ8SyeYjYg",
  ],
  ["5. Basic sharing 2-of-3 (128 bits)", [three], "", ""],
  ["2. Mnemonic with invalid checksum (128 bits)", [two.replace("acid", "acne"), three], "", ""],
];
const file = publicText("slip39/vectors.json");
const hasFile = file !== undefined;

/** The reason for which each kind of bad vector must be refused. */
const REASONS: [description: RegExp, expected: { reason: string; differs?: string }][] = [
  [/invalid checksum/, { reason: "checksum" }],
  [/invalid padding/, { reason: "padding" }],
  [/insufficient length|invalid master secret length/, { reason: "word-count" }],
  [/different identifiers/, { reason: "another-set", differs: "identifier" }],
  [/different iteration exponents/, { reason: "another-set", differs: "iterationExponent" }],
  [/mismatching group thresholds/, { reason: "another-set", differs: "groupThreshold" }],
  [/mismatching group counts/, { reason: "another-set", differs: "groupCount" }],
  [/mismatching member thresholds/, { reason: "another-set", differs: "memberThreshold" }],
  [/greater group threshold than group counts/, { reason: "group-threshold" }],
  [/duplicate member indices/, { reason: "conflict" }],
  [/invalid digest/, { reason: "digest" }],
  [/[Ii]nsufficient number|Basic sharing 2-of-3/, { reason: "not-enough" }],
];

const failure = (work: Promise<unknown>): Promise<InvalidShareError> =>
  work.then(
    () => Promise.reject(new Error("it did not fail")),
    (error) => error,
  );

async function replay([description, shares, secret, xprv]: Row): Promise<void> {
  if (secret === "") {
    const expected = REASONS.find(([pattern]) => pattern.test(description))?.[1];
    const error = await failure(combineShares(shares, { passphrase: PASSPHRASE }));
    expect(error, description).toBeInstanceOf(InvalidShareError);
    expect(error, description).toMatchObject(expected as object);
    expect(error).toBeInstanceOf(
      { "another-set": ShareOfAnotherSetError, "not-enough": NotEnoughSharesError }[error.reason as string] ??
        InvalidShareError,
    );
    const words = new RegExp(`\\b(${[...new Set(shares.join(" ").split(" "))].join("|")})\\b`);
    expect(JSON.stringify({ ...error }).replaceAll("false", ""), description).not.toMatch(words);
    return;
  }
  const combined = await combineShares(shares, { passphrase: PASSPHRASE });
  expect(bytesToHex(combined), description).toBe(secret);
  expect(HDKey.fromMasterSeed(combined).privateExtendedKey, description).toBe(xprv);
}

describe("SLIP-39 rows", () => {
  it.each(byHand)("written by hand: %s", (...row) => replay(row));

  it(
    hasFile ? "of slip39/vectors.json, every one" : "by hand alone: CLOUDBACKUP_VECTORS has no slip39/vectors.json",
    async () => {
      const rows: Row[] = hasFile ? JSON.parse(file) : byHand;
      const good = rows.filter(([, , secret]) => secret !== "");
      expect([good.length, rows.length - good.length]).toEqual(hasFile ? [15, 30] : [1, 2]);
      for (const row of rows) await replay(row);
    },
  );
});

const secret = noise(16, 1);
/** The same draws in every test. */
const random = () => seededRandom(2);
const split = (given: object) =>
  splitSecret({ secret, groups: [{ threshold: 2, count: 3 }], random: random(), iterationExponent: 0, ...given });

describe("a secret that is split", () => {
  it("comes back from the shares that are needed, in any order, and from all of them", async () => {
    const [shares = []] = await split({});
    expect(shares.map((share) => share.split(" ").length)).toEqual([20, 20, 20]);
    for (const some of [
      [0, 1],
      [2, 0],
      [1, 2],
      [0, 1, 2],
    ]) {
      expect(await combineShares(some.map((i) => shares[i] as string))).toEqual(secret);
    }
  });

  it("comes back from enough groups, each with enough members", async () => {
    const groups = [
      { threshold: 1, count: 1 },
      { threshold: 2, count: 3 },
      { threshold: 3, count: 5 },
    ];
    const [[a = ""] = [], [b = "", , c = ""] = [], [, d = "", e = "", f = ""] = []] = await split({
      groups,
      groupThreshold: 2,
    });
    expect(await combineShares([b, a, c])).toEqual(secret);
    expect(await combineShares([d, a, e, f])).toEqual(secret);
    expect(await combineShares([a, b, c, d, e, f])).toEqual(secret);
    // A group that is not complete is no obstacle.
    expect(await combineShares([a, b, c, d])).toEqual(secret);
    expect(await failure(combineShares([a, b, d, e]))).toMatchObject({
      code: "ERR_CB_NOT_ENOUGH_SHARES",
      message:
        "There are not enough shares: 1 of 1 in group 1, 1 of 2 in group 2, 2 of 3 in group 3; 1 of 2 groups complete",
      progress: { isComplete: false, completeGroups: 1, groupThreshold: 2, groupCount: 3 },
    });
  });

  it("says in each share what it is", async () => {
    const groups = [
      { threshold: 1, count: 1 },
      { threshold: 16, count: 16 },
    ];
    const shares = await split({ groups, groupThreshold: 1, iterationExponent: 2, extendable: false });
    const { identifier, ...facts } = describeShare(shares[1]?.[15] as string);
    expect(facts).toEqual({
      extendable: false,
      iterationExponent: 2,
      group: 2,
      groupThreshold: 1,
      groupCount: 2,
      member: 16,
      memberThreshold: 16,
      secretBytes: 16,
    });
    expect(new Set(shares.flat().map((share) => describeShare(share).identifier))).toEqual(new Set([identifier]));
  });

  it("is extendable by default, with 20,000 rounds of PBKDF2", async () => {
    const [[share = ""] = []] = await splitSecret({ secret, groups: [{ threshold: 1, count: 1 }], random: random() });
    expect(describeShare(share)).toMatchObject({ extendable: true, iterationExponent: 1 });
  });

  it.each([true, false])(
    "needs its passphrase, and another gives another secret without a word, extendable %s",
    async (extendable) => {
      const [shares = []] = await split({ passphrase: "correct horse ~", extendable });
      expect(await combineShares(shares, { passphrase: "correct horse ~" })).toEqual(secret);
      const others = await Promise.all(
        ["", "correct horse", "Correct horse ~"].map((passphrase) => combineShares(shares, { passphrase })),
      );
      expect(new Set([secret, ...others].map(bytesToHex)).size).toBe(4);
    },
  );

  it("keeps its passphrases' meaning when it is split again, where it is extendable", async () => {
    const wrongly = async (extendable: boolean, seed: number) => {
      const [shares = []] = await split({ passphrase: "a", extendable, random: seededRandom(seed) });
      return bytesToHex(await combineShares(shares, { passphrase: "b" }));
    };
    expect(await wrongly(true, 3)).toBe(await wrongly(true, 4));
    expect(await wrongly(false, 3)).not.toBe(await wrongly(false, 4));
  });

  it.each([16, 18, 20, 22, 24, 26, 28, 30, 32])("may have %i bytes", async (length) => {
    const long = noise(length, length);
    const [shares = []] = await split({ secret: long });
    expect(await combineShares(shares.slice(1))).toEqual(long);
    expect(describeShare(shares[0] as string).secretBytes).toBe(length);
  });

  it("may have only zeros, or only ones", async () => {
    for (const byte of [0, 255]) {
      const plain = new Uint8Array(32).fill(byte);
      const [shares = []] = await split({ secret: plain, groups: [{ threshold: 3, count: 4 }] });
      expect(await combineShares(shares.slice(1))).toEqual(plain);
    }
  });

  it("asks for rounds by its exponent, a quarter of them four times, and leaves the secret alone", async () => {
    const asked: [iterations: number, length: number][] = [];
    const pbkdf2HmacSha256 = async (_: Uint8Array, __: Uint8Array, iterations: number, length: number) => {
      asked.push([iterations, length]);
      return new Uint8Array(length);
    };
    const before = bytesToHex(secret);
    await split({ iterationExponent: 15, primitives: { pbkdf2HmacSha256 } });
    expect(asked).toEqual(Array(4).fill([2_500 * 2 ** 15, 8]));
    expect(bytesToHex(secret)).toBe(before);
  });

  it("leaves nothing of a passphrase, a secret or a key in the arrays that primitives saw", async () => {
    const seen: Uint8Array[] = [];
    const pbkdf2HmacSha256 = async (password: Uint8Array, salt: Uint8Array, _: number, length: number) => {
      const key = noise(length, password[0]);
      seen.push(password, salt, key);
      return key;
    };
    const given = { passphrase: "open sesame", primitives: { pbkdf2HmacSha256 } };
    const [shares = []] = await split(given);
    expect(await combineShares(shares, given)).toEqual(secret);
    expect(seen).toHaveLength(24);
    for (const bytes of seen) expect(bytes.every((byte) => byte === 0)).toBe(true);
  });

  it("is as good where random gives the same array again", async () => {
    const [source, shared] = [random(), new Uint8Array(32)];
    const again = (length: number) => {
      shared.set(source(length));
      return shared.subarray(0, length);
    };
    const groups = [{ threshold: 4, count: 5 }];
    expect(await split({ groups, random: again })).toEqual(await split({ groups }));
  });
});

describe("shares", () => {
  it("may be typed in any white space and case, with numbers", async () => {
    const typed = two.split(" ").map((word, i) => `${i + 1}. ${word.toUpperCase()}`);
    expect(bytesToHex(await combineShares([`\n${typed.join("\t")}  `, three], { passphrase: PASSPHRASE }))).toBe(
      byHand[0]?.[2],
    );
  });

  it("are counted where one is wrong", async () => {
    expect(await failure(combineShares([three, two.replace("acid", "acidd")]))).toMatchObject({
      reason: "unknown-word",
      position: 4,
      share: 2,
      message: "Word 4 is not in the word list of shares",
    });
    expect((await failure(combineShares([three]))).share).toBeUndefined();
    expect(await failure(combineShares([three, two, three]))).toMatchObject({ reason: "duplicate", share: 3 });
  });

  it("beyond those that are needed must agree with them", async () => {
    const [one = []] = await split({});
    // Drawn alike but for the last draw: the identifier is the same, the curve another.
    const source = random();
    let draws = 0;
    const [other = []] = await split({
      random: (length: number) => (draws++ === 1 ? noise(length, 9) : source(length)),
    });
    expect(describeShare(other[2] as string)).toEqual(describeShare(one[2] as string));
    expect(await failure(combineShares([one[0], one[1], other[2]] as string[]))).toMatchObject({ reason: "digest" });
    expect(await failure(combineShares([one[0], other[1]] as string[]))).toMatchObject({ reason: "digest" });
  });

  it("of none are not enough", async () => {
    expect(await failure(combineShares([]))).toMatchObject({
      code: "ERR_CB_NOT_ENOUGH_SHARES",
      reason: "not-enough",
      message: "There are not enough shares: there is none",
    });
  });
});

describe("is refused", () => {
  it.each(["é", "a\n", "\u007f", "密"])("passphrase %j", async (passphrase) => {
    const refused = { code: "ERR_CB_INVALID_SHARE", reason: "passphrase" };
    expect(await failure(split({ passphrase }))).toMatchObject(refused);
    expect(await failure(combineShares([two, three], { passphrase }))).toMatchObject(refused);
  });

  it.each([
    { id: "a secret that is text", given: { secret: "00".repeat(16) }, error: TypeError },
    { id: "a secret of 14 bytes", given: { secret: new Uint8Array(14) }, error: RangeError },
    { id: "a secret of 17 bytes", given: { secret: new Uint8Array(17) }, error: RangeError },
    { id: "a secret of 34 bytes", given: { secret: new Uint8Array(34) }, error: RangeError },
    { id: "no groups", given: { groups: [] }, error: RangeError },
    { id: "17 groups", given: { groups: Array(17).fill({ threshold: 1, count: 1 }) }, error: RangeError },
    { id: "groups that are none", given: { groups: { threshold: 2, count: 3 } }, error: TypeError },
    { id: "a group that is none", given: { groups: [null] }, error: TypeError },
    { id: "a group with more", given: { groups: [{ threshold: 2, count: 3, name: "a" }] }, error: TypeError },
    { id: "a group of none", given: { groups: [{ threshold: 0, count: 0 }] }, error: RangeError },
    { id: "a group of 17", given: { groups: [{ threshold: 2, count: 17 }] }, error: RangeError },
    { id: "3 of 2", given: { groups: [{ threshold: 3, count: 2 }] }, error: RangeError },
    { id: "1 of 2, each the whole", given: { groups: [{ threshold: 1, count: 2 }] }, error: RangeError },
    { id: "half a share", given: { groups: [{ threshold: 1.5, count: 2 }] }, error: RangeError },
    { id: "a threshold that is text", given: { groups: [{ threshold: "2", count: 3 }] }, error: TypeError },
    {
      id: "two groups without their threshold",
      given: { groups: Array(2).fill({ threshold: 1, count: 1 }) },
      error: TypeError,
    },
    { id: "2 groups of 1", given: { groupThreshold: 2 }, error: RangeError },
    { id: "no groups of 1", given: { groupThreshold: 0 }, error: RangeError },
    { id: "an exponent of 16", given: { iterationExponent: 16 }, error: RangeError },
    { id: "an exponent of −1", given: { iterationExponent: -1 }, error: RangeError },
    { id: "a flag that is a number", given: { extendable: 1 }, error: TypeError },
    { id: "no random", given: { random: undefined }, error: TypeError },
    { id: "random that gives too few", given: { random: () => new Uint8Array(1) }, error: RangeError },
    { id: "random that gives none", given: { random: () => [1, 2] }, error: TypeError },
    { id: "an unknown option", given: { password: "a" }, error: TypeError },
    { id: "a passphrase that is null", given: { passphrase: null }, error: TypeError },
  ])("$id, as a programmer's mistake", async ({ given, error }) => {
    expect(await failure(split(given))).toBeInstanceOf(error);
  });

  it.each([
    { id: "text", given: [two] },
    { id: "a share that is no text", given: [[hexToBytes("00")]] },
    { id: "an unknown option", given: [[two, three], { password: "a" }] },
    { id: "a passphrase that is null", given: [[two, three], { passphrase: null }] },
  ])("$id, instead of shares, as a programmer's mistake", async ({ given }) => {
    expect(await failure(combineShares(...(given as [string[]])))).toBeInstanceOf(TypeError);
  });
});
