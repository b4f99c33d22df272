import { describe, expect, it } from "vitest";
import { withChecksum } from "../../../src/dump/descriptor-checksum.ts";
import {
  type DescriptorTree,
  expandDescriptor,
  formatDescriptor,
  parseDescriptor,
} from "../../../src/interchange/descriptor.ts";
import { ImportError } from "../../../src/interchange/errors.ts";
import { errorOf } from "../../fixtures.ts";

const XPUB =
  "xpub6ERApfZwUNrhLCkDtcHTcxd75RbzS1ed54G1LkBUHQVHQKqhMkhgbmJbZRkrgZw4koxb5JaHWkY4ALHY2grBGRjaDMzQLcgJvLJuZZvRcEL";
const XPUB_2 =
  "xpub68NZiKmJWnxxS6aaHmn81bvJeTESw724CRDs6HbuccFQN9Ku14VQrADWgqbhhTHBaohPX4CjNLf9fq9MYo6oDaPPLPxSb7gwQN3ih19Zm4Y";
const XPUB_3 =
  "xpub661MyMwAqRbcGDZQUKLqmWodYLcoBQnQH33yYkkF3jjxeLvY8qr2wWGEWkiKFaaQfJCoi3HeEq3Dc5DptfbCyjD38fNhSqtKc1UHaP4ba3t";
const XPRV =
  "xprvA1RpRA33e1JQ7ifknakTFpgNXPmW2YvmhqLQYMmrj4xJXXWYpDPS3xz7iAxn8L39njGVyuoseXzU6rcxFLJ8HFsTjSyQbLYnMpCqE2VbFWc";
const ROOT_XPRV =
  "xprv9s21ZrQH143K31xYSDQpPDxsXRTUcvj2iNHm5NUtrGiGG5e2DtALGdso3pGz6ssrdK4PFmM8NSpSBHNqPqm55Qn3LqFtT2emdEXVYsCzC2U";
const WIF = "L4rK1yDtCWekvXuE6oXD9jCYfFNV2cWRpVuPLBcCU2z8TrisoyY1";
const LONG_WIF = "5KYZdUEo39z3FPrtuX2QbbwGnNP5zTd7yyr2SC1j299sBCnWjss";
const KEY = "0260b2003c386519fc9eadf2b5cf124dd8eea4c4e68d5e154050a9346ea98ce600";
const LONG_KEY =
  "04a34b99f22c790c4e36b2b3c2c35a36db06226e41c692fc82b8b56ac1c540c5bd5b8dec5235a0fa8722476c7709c02559e3aa73aa03918ba2d492eea75abea235";

const refusalOf = (text: string) => errorOf(() => parseDescriptor(text)) as ImportError;

describe("key expressions of BIP-380", () => {
  it.each([
    { id: "compressed", text: KEY },
    { id: "uncompressed", text: LONG_KEY },
    { id: "with origin", text: `[deadbeef/0h/0h/0h]${KEY}`, path: "m/0'/0'/0'" },
    { id: "with origin, '", text: `[deadbeef/0'/0'/0']${KEY}`, path: "m/0'/0'/0'" },
    { id: "with origin, mixed", text: `[deadbeef/0'/0h/0']${KEY}`, path: "m/0'/0'/0'" },
    { id: "with origin, H, which the text allows", text: `[deadbeef/0H/0H/0H]${KEY}`, path: "m/0'/0'/0'" },
    { id: "extended", text: XPUB },
    { id: "extended, with origin", text: `[deadbeef/0h/1h/2h]${XPUB}`, path: "m/0'/1'/2'" },
    { id: "with derivation", text: `[deadbeef/0h/1h/2h]${XPUB}/3/4/5`, path: "m/0'/1'/2'", steps: "/3/4/5" },
    { id: "and children", text: `[deadbeef/0h/1h/2h]${XPUB}/3/4/5/*`, path: "m/0'/1'/2'", steps: "/3/4/5/*" },
    { id: "hardened derivation", text: `${XPUB}/3h/4h/5h/*`, steps: "/3h/4h/5h/*" },
    { id: "hardened children", text: `${XPUB}/3h/4h/5h/*h`, steps: "/3h/4h/5h/*h" },
    { id: "all of it", text: `[deadbeef/0h/1h/2]${XPUB}/3h/4h/5h/*h`, path: "m/0'/1'/2", steps: "/3h/4h/5h/*h" },
  ])("$id", ({ text, path, steps = "" }) => {
    const tree = parseDescriptor(`pkh(${text})`);
    expect(tree.keys).toHaveLength(1);
    expect(tree.keys[0]?.origin?.path).toBe(path);
    expect(tree.keys[0]?.derivation).toBe(steps);
    expect(tree.keys[0]?.extended?.text).toBe(text.includes(XPUB) ? XPUB : undefined);
    expect(formatDescriptor(tree)).toBe(withChecksum(`pkh(${text.replace(/(\d|\*)['H](?=[/\]]|$)/g, "$1h")})`));
  });

  it.each([
    WIF,
    LONG_WIF,
    XPRV,
    `[deadbeef/0h/1h/2h]${XPRV}`,
    `${XPRV}/3h/4h/5h/*h`,
    `${WIF}/0`,
    `${WIF}/*`,
    `${ROOT_XPRV}/2147483648`,
  ])("refuses private keys, and does not show them (%#)", (text) => {
    for (const whole of [`pkh(${text})`, `acme(1,${text})`, `wsh(and_v(v:pk(${text}),older(5)))`, `addr(${text})`]) {
      const error = refusalOf(whole);
      expect(error).toBeInstanceOf(ImportError);
      expect(error.message).toMatch(/private key/);
      expect(error.message).not.toMatch(/xprv|L4rK|5KYZ/);
      expect(error.cause).toBeUndefined();
    }
  });

  it.each([
    { id: "children in the origin", text: `[deadbeef/0h/0h/0h/*]${KEY}` },
    { id: "a slash at the end of the origin", text: `[deadbeef/0h/0h/0h/]${KEY}` },
    { id: "a short fingerprint", text: `[deadbef/0h/0h/0h]${KEY}` },
    { id: "a long fingerprint", text: `[deadbeeef/0h/0h/0h]${KEY}` },
    { id: "other marks of hardened steps", text: `[deadbeef/0f/0f/0f]${KEY}` },
    { id: "negative steps", text: `[deadbeef/-0/-0/-0]${KEY}` },
    { id: "an index that is too large", text: `${XPUB}/2147483648` },
    { id: "an index that is too large, in the origin", text: `[deadbeef/2147483648]${XPUB}` },
    { id: "an index that is no number", text: `${XPUB}/1aa` },
    { id: "two origins", text: `[aaaaaaaa][aaaaaaaa]${XPUB}/2147483647'/0` },
    { id: "an origin that does not begin", text: `aaaaaaaa]${XPUB}/2147483647'/0` },
    { id: "a fingerprint that is no hex", text: `[gaaaaaaa]${XPUB}/2147483647'/0` },
    { id: "an origin without a key", text: "[deadbeef]" },
    { id: "steps below a single key", text: `${KEY}/0` },
    { id: "a mistyped key", text: XPUB.replace("ERAp", "ERAq") },
    { id: "a key that is cut", text: XPUB.slice(0, -1) },
    { id: "two stars", text: `${XPUB}/*/*` },
    { id: "nothing", text: "" },
  ])("refused: $id", ({ text }) => {
    const error = refusalOf(`pkh(${text})`);
    expect(error).toBeInstanceOf(ImportError);
    expect(error.code).toBe("ERR_CB_INVALID_IMPORT");
    expect(error.message).not.toMatch(/xpub6|0260b/);
  });
});

describe("BIP-389", () => {
  it.each([
    { text: `pk(${XPUB_2}/<0;1>)`, chains: [`pk(${XPUB_2}/0)`, `pk(${XPUB_2}/1)`] },
    { text: `pkh(${XPUB}/<2147483647h;0>/0)`, chains: [`pkh(${XPUB}/2147483647h/0)`, `pkh(${XPUB}/0/0)`] },
    {
      text: `wpkh([ffffffff/13h]${XPUB}/<1;3>/2/*)`,
      chains: [`wpkh([ffffffff/13h]${XPUB}/1/2/*)`, `wpkh([ffffffff/13h]${XPUB}/3/2/*)`],
    },
    {
      text: `multi(2,${XPUB}/<1;2>/*,${XPUB_2}/<3;4>/0/*)`,
      chains: [`multi(2,${XPUB}/1/*,${XPUB_2}/3/0/*)`, `multi(2,${XPUB}/2/*,${XPUB_2}/4/0/*)`],
    },
    { text: `pkh(${XPUB}/<0;1;2>)`, chains: [`pkh(${XPUB}/0)`, `pkh(${XPUB}/1)`, `pkh(${XPUB}/2)`] },
    {
      text: `sh(multi(2,${XPUB}/<1;2;3>/0/*,${XPUB_2}/0/*,${XPUB_3}/0/0/<3;4;5>/*))`,
      chains: [
        `sh(multi(2,${XPUB}/1/0/*,${XPUB_2}/0/*,${XPUB_3}/0/0/3/*))`,
        `sh(multi(2,${XPUB}/2/0/*,${XPUB_2}/0/*,${XPUB_3}/0/0/4/*))`,
        `sh(multi(2,${XPUB}/3/0/*,${XPUB_2}/0/*,${XPUB_3}/0/0/5/*))`,
      ],
    },
    { text: `pkh(${XPUB}/0/*)`, chains: [`pkh(${XPUB}/0/*)`] },
    { text: "acme($x<3;4>5)", chains: ["acme($x<3;4>5)"] },
    {
      text: `tr(musig(${XPUB},${XPUB_2})/<0;1>/*)`,
      chains: [`tr(musig(${XPUB},${XPUB_2})/0/*)`, `tr(musig(${XPUB},${XPUB_2})/1/*)`],
    },
  ])("$text", ({ text, chains }) => {
    const tree = parseDescriptor(text);
    expect(tree.paths).toBe(chains.length);
    expect(expandDescriptor(tree)).toEqual(chains.map(withChecksum));
  });

  it.each([
    { id: "two tuples", text: `pkh(${XPUB}/<0;1>/<2;3>)` },
    { id: "a tuple in the origin", text: `pkh([deadbeef/<0;1>]${XPUB}/0)` },
    {
      id: "tuples of other lengths",
      text: `tr(${XPUB}/<6;7;8;9>/*,{pk(${XPUB_2}/<1;2;3>/0/*),pk(${XPUB_3}/0/0/<3;4;5>/*)})`,
    },
    { id: "tuples of other lengths in one function", text: `sh(multi(2,${XPUB}/<1;2;3>/0/*,${XPUB_2}/0/0/<3;4>/*))` },
    { id: "an empty tuple", text: `wpkh(${XPUB}/<>/*)` },
    { id: "no beginning", text: `wpkh(${XPUB}/0>/*)` },
    { id: "no end", text: `wpkh(${XPUB}/<0/*)` },
    { id: "a missing index", text: `wpkh(${XPUB}/<0;>/*)` },
    { id: "one index", text: `wpkh(${XPUB}/<0>/*)` },
    { id: "the same index twice", text: `wpkh(${XPUB}/<0;1;0>/*)` },
    { id: "a tuple in a tuple, in a function that nobody knows", text: `acme(${XPUB}/<0;1<0;1>2>/5)` },
    { id: "an odd tuple, in a function that nobody knows", text: `acme(${XPUB}/<'0;1;2>/5)` },
    { id: "the same hardened index twice", text: `wpkh(${XPUB}/<0h;0'>/*)` },
  ])("refused: $id", ({ text }) => {
    expect(refusalOf(text)).toBeInstanceOf(ImportError);
  });
});

describe("functions", () => {
  it.each([
    `pk(${KEY})`,
    `wpkh(${XPUB}/0/*)`,
    `sh(wpkh(${KEY}))`,
    `combo(${KEY})`,
    `sh(wsh(multi(1,${KEY},${XPUB}/*)))`,
    `wsh(sortedmulti(1,${XPUB},${XPUB_2}))`,
    `tr(${KEY.slice(2)})`,
    `tr(${KEY.slice(2)},{pk(${KEY.slice(2)}),{multi_a(1,${XPUB}/*),pkh(${XPUB_2}/*)}})`,
    `rawtr(${KEY.slice(2)})`,
    "raw(deadbeef)",
    "addr(bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq)",
  ])("%s", (text) => {
    const tree = parseDescriptor(text);
    expect(tree.unknown).toEqual([]);
    expect(formatDescriptor(tree)).toBe(withChecksum(text));
    expect(parseDescriptor(formatDescriptor(tree))).toEqual(tree);
  });

  it.each([
    { text: `wsh(and_v(v:pk(${XPUB}/<0;1>/*),older(144)))`, unknown: ["and_v", "v:pk", "older"], keys: 1 },
    { text: `wsh(andor(pk(${KEY}),sha256(${"ab".repeat(32)}),pk(${XPUB}/*)))`, unknown: ["andor", "sha256"], keys: 2 },
    { text: `tr(musig(${XPUB},${XPUB_2}),pk(${XPUB_3}))`, unknown: ["musig"], keys: 3 },
    { text: "acme_vault(2,[what],{a,b(c)},$x)", unknown: ["acme_vault", "b"], keys: 0 },
  ])("keeps what it does not know: $text", ({ text, unknown, keys }) => {
    const tree: DescriptorTree = parseDescriptor(text);
    expect(new Set(tree.unknown)).toEqual(new Set(unknown));
    expect(tree.keys).toHaveLength(keys);
    expect(formatDescriptor(tree)).toBe(withChecksum(text));
  });

  it.each([
    "",
    "pk",
    "pk(",
    `pk(${KEY}`,
    `pk(${KEY}))`,
    `pk(${KEY},${KEY})`,
    "pk(5)",
    "pk(pk(1))",
    `sh(${KEY})`,
    `wsh(wpkh(${KEY}))`,
    `wsh(wsh(pk(${KEY})))`,
    `sh(sh(pk(${KEY})))`,
    `sh(combo(${KEY}))`,
    `wsh(tr(${KEY}))`,
    `sh(addr(${KEY}))`,
    `multi(0,${KEY})`,
    `multi(2,${KEY})`,
    `multi(a,${KEY})`,
    "multi(1)",
    `multi(${KEY})`,
    `sortedmulti_a(1,${KEY})`,
    `wsh(multi(1${`,${KEY}`.repeat(21)}))`,
    `sh(multi(1${`,${KEY}`.repeat(16)}))`,
    "raw(abc)",
    "raw(xy)",
    "addr()",
    `tr(${KEY},{pk(${KEY})`,
    `tr(${KEY},5)`,
    `pk!(${KEY})`,
    `pk(${KEY})x`,
    `${KEY}`,
    `pk(${KEY})#`,
    `pk(${KEY})#qqqqqqqq`,
    `pk(${KEY})\n`,
    `${"wsh(".repeat(200)}`,
    `${"{".repeat(5_000)}`,
    "a".repeat(70_000),
  ])("refused: %s", (text) => {
    const error = refusalOf(text);
    expect(error).toBeInstanceOf(ImportError);
    expect(error.message).not.toContain(KEY);
  });

  it("as many keys as a script can have", () => {
    expect(parseDescriptor(`wsh(multi(20${`,${KEY}`.repeat(20)}))`).keys).toHaveLength(20);
    expect(parseDescriptor(`sh(multi(15${`,${KEY}`.repeat(15)}))`).keys).toHaveLength(15);
    expect(parseDescriptor(`sh(wsh(multi(16${`,${KEY}`.repeat(20)})))`).keys).toHaveLength(20);
  });
});

it("takes text", () => {
  expect(() => parseDescriptor(undefined as never)).toThrow(TypeError);
});

it("refuses steps without end in no more time than it takes to read them", () => {
  const started = performance.now();
  const wrong = `wpkh(${XPUB}${"/1".repeat(30_000)}x)`;
  expect(() => parseDescriptor(wrong)).toThrow("the steps behind a key are numbers");
  expect(performance.now() - started).toBeLessThan(1_000);
});

it("refuses a tuple that stands for more descriptors than any wallet has", () => {
  const steps = (count: number) => Array.from({ length: count }, (_, i) => i).join(";");
  expect(parseDescriptor(`wpkh(${XPUB}/<${steps(100)}>/*)`).paths).toBe(100);
  expect(() => parseDescriptor(`wpkh(${XPUB}/<${steps(101)}>/*)`)).toThrow("a tuple has more than 100 steps");
});
