import fc from "fast-check";
import type { Account } from "../../src/dump/accounts.ts";
import type { Dump } from "../../src/dump/dump.ts";
import type { Label } from "../../src/dump/labels.ts";
import { noise } from "../noise.ts";

/** Keys that have gone wrong elsewhere. */
const oddKey = fc.constantFrom(
  "__proto__",
  "constructor",
  "toString",
  "toJSON",
  "length",
  "then",
  "",
  "\ufeff",
  "\u{1f511}",
);
const key = fc.oneof(fc.string({ maxLength: 8, unit: "grapheme" }), oddKey);
const text = fc.oneof(fc.string({ unit: "grapheme", maxLength: 40 }), fc.constantFrom("\ufeffa", "\ufffd", "e\u0301"));

const integer = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
  fc.bigInt({ min: -(2n ** 64n), max: -(2n ** 53n) }),
);

const leaf = fc.oneof(integer, text, fc.uint8Array({ maxLength: 40 }), fc.boolean(), fc.constant(null));

/** Any value of the subset, in the form in which it decodes. */
export const cborValue: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.array(tie("value"), { maxLength: 5 }),
    fc.array(fc.tuple(key, tie("value")), { maxLength: 5 }).map((entries) => Object.fromEntries(entries)),
  ),
})).value;

/** A record whose length may lie near where sections and chunks change their form. */
const sized = fc
  .tuple(fc.constantFrom(1_024, 4_096, 16_384, 65_536), fc.integer({ min: -12, max: 12 }), fc.nat(3))
  .map(([near, off, label]) => noise(near + off, label));

const records = fc.oneof(fc.array(cborValue, { maxLength: 8 }), fc.array(sized, { minLength: 1, maxLength: 4 }));

const account: fc.Arbitrary<Omit<Account, "id">> = fc.record({
  kind: fc.constantFrom("acme.kind", "constructor"),
  network: fc.constantFrom("mainnet", "mars"),
  name: fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }),
  extra: cborValue,
});

const label: fc.Arbitrary<Label> = fc.record(
  {
    type: fc.constantFrom("tx", "addr", "acme"),
    ref: fc.string({ minLength: 1, maxLength: 6 }),
    label: fc.string({ unit: "grapheme" }),
    origin: fc.string({ maxLength: 2 }),
    spendable: fc.boolean(),
  },
  { requiredKeys: ["type", "ref"] },
);

const byIdentity = { selector: (record: Label) => JSON.stringify([record.type, record.ref, record.origin ?? null]) };

/** Names of sections that no definition knows, inline and not. */
export const SECTION_NAMES = ["acme.a", "acme.b", "transactions", "notes", "constructor"];

/** A dump without sections that hold nothing. */
export const dump: fc.Arbitrary<Dump> = fc
  .record({
    accounts: fc
      .array(account, { maxLength: 4 })
      .map((list) => list.map((each, i): Account => ({ ...each, id: `account ${9 - i}` }) as Account)),
    labels: fc.uniqueArray(label, { maxLength: 5, ...byIdentity }),
    others: fc.dictionary(fc.constantFrom(...SECTION_NAMES), records, { maxKeys: 4 }),
  })
  .map(({ accounts, labels, others }) => ({ accounts, pairings: [], labels, ...others }));
