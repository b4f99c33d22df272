import fc from "fast-check";
import { bytesToHex } from "../../src/bytes.ts";
import { encodeCbor } from "../../src/cbor.ts";
import type { Account } from "../../src/dump/accounts.ts";
import type { Contact } from "../../src/dump/contacts.ts";
import type { Dump } from "../../src/dump/dump.ts";
import type { Filter } from "../../src/dump/filters.ts";
import type { BlockHeaders } from "../../src/dump/headers.ts";
import type { Label } from "../../src/dump/labels.ts";
import type { Transaction } from "../../src/dump/transactions.ts";
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

/** The largest that there is costs time. */
const seldom = <T>(often: fc.Arbitrary<T>, largest: T) =>
  fc.oneof({ weight: 49, arbitrary: often }, { weight: 1, arbitrary: fc.constant(largest) });

const uint = fc.oneof(fc.nat(3), fc.maxSafeNat());

const transaction: fc.Arbitrary<Transaction> = fc.record(
  {
    txid: fc.nat(9).map((label) => noise(32, label)),
    height: uint,
    time: uint,
    raw: fc.tuple(fc.nat(300), fc.nat(2)).map(([length, label]) => noise(length, label)),
    extra: cborValue,
  },
  { requiredKeys: ["txid"] },
);

const BRANCHES = [noise(80 * 2016, 0), noise(80 * 2016, 1)];

/** Of a few branches of a few chains. */
const headers: fc.Arbitrary<BlockHeaders> = fc.record(
  {
    network: fc.constantFrom("mainnet", "mars"),
    start: fc.oneof(fc.constantFrom(0, 2016), fc.maxSafeNat()),
    bytes: fc
      .tuple(seldom(fc.integer({ min: 1, max: 5 }), 2016), fc.constantFrom(...BRANCHES))
      .map(([count, branch]) => branch.slice(0, 80 * count)),
    extra: cborValue,
  },
  { requiredKeys: ["network", "start", "bytes"] },
);

const filter: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({
    kind: fc.constant("bip37"),
    bytes: seldom(fc.uint8Array({ maxLength: 20 }), new Uint8Array(36_000)),
    hashFunctions: fc.nat(50),
    tweak: fc.nat(0xffff_ffff),
    flags: fc.nat(2),
  }),
  fc.record({
    kind: fc.constant("bip158"),
    block: fc.nat(3).map((label) => noise(32, label)),
    bytes: fc.nat(30).map((length) => noise(9 + length, length)),
  }),
  fc.record({
    kind: fc.constantFrom("acme", "constructor"),
    bytes: cborValue,
    extra: cborValue,
  }) as fc.Arbitrary<Filter>,
);

const contact: fc.Arbitrary<Contact> = fc.record(
  {
    name: fc.oneof(fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }), fc.constantFrom("Ada", "__proto__")),
    uri: fc.constantFrom("bitcoin:bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", "BITCOIN:?lno=x", "bitcoin:x?label=é"),
    note: text,
    extra: cborValue,
  },
  { requiredKeys: ["name"] },
);

/** Records of a section, each identity once, in any order. */
const each = <Record>(record: fc.Arbitrary<Record>, identity: (record: Record) => unknown) =>
  fc.uniqueArray(record, { maxLength: 5, selector: (value) => textOf(identity(value)) });

const textOf = (value: unknown) => bytesToHex(encodeCbor(value));

/** Records of sections that the format defines and a dump may lack. */
export const definedSections = {
  labels: each(label, ({ type, ref, origin }) => [type, ref, origin ?? null]),
  transactions: each(transaction, ({ txid }) => txid),
  headers: each(headers, ({ network, start }) => [network, start]),
  filters: each(filter, (record) => record),
  contacts: each(contact, ({ name }) => name),
};

/** Names of sections that no definition knows, inline and not. */
const UNKNOWN_SECTIONS = ["acme.a", "acme.b", "notes", "constructor"];

/** Names of sections that a dump may lack. */
export const SECTION_NAMES = [...UNKNOWN_SECTIONS, ...Object.keys(definedSections)];

/** A dump without sections that hold nothing. */
export const dump: fc.Arbitrary<Dump> = fc
  .record({
    accounts: fc
      .array(account, { maxLength: 4 })
      .map((list) => list.map((each, i): Account => ({ ...each, id: `account ${9 - i}` }) as Account)),
    defined: fc.record(definedSections, { requiredKeys: ["labels"] }),
    others: fc.dictionary(fc.constantFrom(...UNKNOWN_SECTIONS), records, { maxKeys: 4 }),
  })
  .map(({ accounts, defined, others }) => ({ accounts, pairings: [], ...defined, ...others }));
