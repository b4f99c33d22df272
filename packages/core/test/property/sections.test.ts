import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesToHex } from "../../src/bytes.ts";
import { encodeCbor } from "../../src/cbor.ts";
import { decodeDump, encodeDump, registryOf } from "../../src/dump/codec.ts";
import type { Dump } from "../../src/dump/dump.ts";
import { mergeDumps } from "../../src/dump/merge.ts";
import { own } from "../../src/dump/records.ts";
import { identityText } from "../../src/dump/sections.ts";
import { InvalidDumpError } from "../../src/errors.ts";
import { errorOf } from "../fixtures.ts";
import { definedSections } from "./arbitraries.ts";

type Name = keyof typeof definedSections;
type Entry = Readonly<Record<string, unknown>>;

const names = Object.keys(definedSections) as Name[];
const recordsOf = (name: Name): fc.Arbitrary<Entry[]> => definedSections[name] as fc.Arbitrary<Entry[]>;
const dumpOf = (name: Name, records: readonly unknown[]): Dump => ({ accounts: [], pairings: [], [name]: records });
const recordsIn = (dump: Dump, name: Name): Entry[] => [...((dump[name] ?? []) as Iterable<Entry>)];
const bodyOf = (name: Name, records: readonly unknown[]) => encodeDump(dumpOf(name, records)).get(name);
const hexOf = (value: unknown) => (value === undefined ? undefined : bytesToHex(encodeCbor(value)));

describe.each(names)("%s", (name) => {
  const definition = registryOf().get(name);
  if (!definition) throw new Error(`there is no definition of ${name}`);
  const idOf = (record: Entry) => identityText(definition.identity(record));
  const byId = (records: readonly Entry[]) => new Map(records.map((record) => [idOf(record), record]));
  const hexById = (records: readonly Entry[]) =>
    Object.fromEntries(records.map((record) => [idOf(record), hexOf(record)]));
  const merge = (base: readonly Entry[] | null, local: readonly Entry[], remote: readonly Entry[]) => {
    const sides = { base: base && dumpOf(name, base), local: dumpOf(name, local), remote: dumpOf(name, remote) };
    const { dump, conflicts } = mergeDumps(sides);
    return { records: recordsIn(dump, name), conflicts };
  };
  const sides = fc.tuple(fc.option(recordsOf(name)), recordsOf(name), recordsOf(name));

  it("comes back from its bytes", () => {
    fc.assert(
      fc.property(recordsOf(name), (records) => {
        const sections = encodeDump(dumpOf(name, records));
        const read = recordsIn(decodeDump(sections), name);
        expect(hexById(read)).toEqual(hexById(records));
        expect(encodeDump(dumpOf(name, read))).toEqual(sections);
      }),
    );
  });

  it("has the same bytes in whatever order it comes, or keeps the order", () => {
    const shuffled = recordsOf(name).chain((records) =>
      fc.tuple(fc.constant(records), fc.shuffledSubarray(records, { minLength: records.length })),
    );
    fc.assert(
      fc.property(shuffled, ([records, others]) => {
        if (definition.order !== "given") expect(bodyOf(name, others)).toEqual(bodyOf(name, records));
        else expect(recordsIn(decodeDump(encodeDump(dumpOf(name, others))), name)).toEqual(others);
      }),
    );
  });

  it("refuses a record twice, and says which", () => {
    const some = recordsOf(name).filter((records) => records.length > 0);
    fc.assert(
      fc.property(some, fc.nat(), (records, pick) => {
        const twice = records[pick % records.length] as Entry;
        const error = errorOf(() => bodyOf(name, [...records, { ...twice }])) as InvalidDumpError;
        expect(error).toBeInstanceOf(InvalidDumpError);
        expect([error.section, error.index]).toEqual([name, records.length]);
      }),
    );
  });

  it("refuses a record whose required key is gone, and says where", () => {
    const required = { labels: "ref", transactions: "txid", headers: "bytes", filters: "kind", contacts: "name" }[name];
    fc.assert(
      fc.property(recordsOf(name), fc.nat(), (records, at) => {
        const index = at % (records.length + 1);
        const { [required]: _, ...broken } = records[0] ?? {};
        const error = errorOf(() => bodyOf(name, records.toSpliced(index, 0, broken))) as InvalidDumpError;
        expect(error).toBeInstanceOf(InvalidDumpError);
        expect(error.section).toBe(name);
        if (records.length > 0) expect([error.index, error.path]).toEqual([index, required]);
      }),
    );
  });

  it("merged with itself, or with what did not change, is the side that did", () => {
    fc.assert(
      fc.property(sides, ([base, local, remote]) => {
        for (const [before, a, b, expected] of [
          [base, local, local, local],
          [remote, local, remote, local],
          [local, local, remote, remote],
        ] as const) {
          const { records, conflicts } = merge(before, a, b);
          expect(conflicts).toEqual([]);
          expect(hexById(records)).toEqual(hexById(expected));
        }
      }),
    );
  });

  it("merged the other way round is the same where nothing is in conflict", () => {
    fc.assert(
      fc.property(sides, ([base, local, remote]) => {
        const [one, other] = [merge(base, local, remote), merge(base, remote, local)];
        expect(one.conflicts.length).toBe(other.conflicts.length);
        expect(new Set(one.records.map(idOf))).toEqual(new Set(other.records.map(idOf)));
        if (one.conflicts.length === 0) expect(hexById(one.records)).toEqual(hexById(other.records));
      }),
    );
  });

  it("merged holds to its rules", () => {
    fc.assert(
      fc.property(sides, ([base, ...both]) => {
        expect(() => bodyOf(name, merge(base, ...both).records)).not.toThrow();
      }),
    );
  });

  it("merged has every record, and every value, or says which it took instead", () => {
    fc.assert(
      fc.property(sides, ([base, ...both]) => {
        const { records, conflicts } = merge(base, ...both);
        const [before, merged] = [byId(base ?? []), byId(records)];
        const [local, remote] = both.map(byId) as [Map<string, Entry>, Map<string, Entry>];
        for (const id of new Set([...local.keys(), ...remote.keys()])) {
          const [was, mine, theirs, result] = [before, local, remote, merged].map((side) => side.get(id));
          if (!mine || !theirs) {
            const isRemoved = was !== undefined && hexOf(was) === hexOf(mine ?? theirs);
            expect(hexOf(result)).toBe(isRemoved ? undefined : hexOf(mine ?? theirs));
            continue;
          }
          for (const key of new Set([...Object.keys(mine), ...Object.keys(theirs)])) {
            const [then, here, there, now] = [was, mine, theirs, result].map((record) => hexOf(record?.[key]));
            expect([here, there]).toContain(now);
            const lost = [here, there].filter((value) => value !== then && value !== now);
            const isTold = conflicts.some(
              (conflict) => conflict.key === key && hexOf(conflict.local) === here && hexOf(conflict.remote) === there,
            );
            const rule = mine[key] === undefined || theirs[key] === undefined ? undefined : own(definition.merge, key);
            const isUnited = rule !== undefined && hexOf(rule(mine[key], theirs[key])) === now;
            if (lost.length > 0) expect(isTold || isUnited).toBe(true);
          }
        }
      }),
    );
  });
});
