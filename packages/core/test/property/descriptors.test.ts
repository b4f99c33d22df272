import fc from "fast-check";
import { expect, it } from "vitest";
import { withChecksum } from "../../src/dump/descriptor-checksum.ts";
import { type Descriptor, descriptorsSection } from "../../src/dump/descriptors.ts";
import { mergeDumps } from "../../src/dump/merge.ts";
import { decodeSection, encodeSection } from "../../src/dump/sections.ts";
import { InvalidDumpError } from "../../src/errors.ts";

const PRINTABLE = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i));
const payload = fc
  .string({
    unit: fc.constantFrom(...PRINTABLE.filter((char) => char !== "#" && char !== "<")),
    minLength: 1,
    maxLength: 300,
  })
  .map(withChecksum);
const record: fc.Arbitrary<Descriptor> = fc.record(
  { descriptor: payload, name: fc.string({ minLength: 1 }), next: fc.nat(), timestamp: fc.nat() },
  { requiredKeys: ["descriptor"] },
);
const records = fc.uniqueArray(record, { maxLength: 6, selector: ({ descriptor }) => descriptor });

it("any descriptors come back, sorted", () => {
  fc.assert(
    fc.property(records, (given) => {
      const body = encodeSection(descriptorsSection, given);
      const read = decodeSection(descriptorsSection, body) as Descriptor[];
      expect(new Set(read)).toEqual(new Set(given));
      expect(encodeSection(descriptorsSection, read)).toEqual(body);
      expect(read.map(({ descriptor }) => descriptor)).toEqual(given.map(({ descriptor }) => descriptor).sort());
    }),
  );
});

it("any changed, missing or doubled character is refused", () => {
  const change = fc.record({
    at: fc.nat(),
    to: fc.constantFrom(...PRINTABLE),
    kind: fc.constantFrom("other", "none", "two"),
  });
  fc.assert(
    fc.property(payload, change, (descriptor, { at, to, kind }) => {
      const place = at % descriptor.length;
      const here = descriptor.charAt(place);
      const instead = kind === "other" ? to : kind === "none" ? "" : here + here;
      fc.pre(instead !== here);
      const changed = descriptor.slice(0, place) + instead + descriptor.slice(place + 1);
      expect(() => encodeSection(descriptorsSection, [{ descriptor: changed }])).toThrow(InvalidDumpError);
    }),
    { numRuns: 1000 },
  );
});

it("any two devices agree, whoever merges", () => {
  const counters = fc.record({ next: fc.nat(), timestamp: fc.nat() });
  fc.assert(
    fc.property(payload, counters, counters, (descriptor, a, b) => {
      const dumpOf = (more: object) => ({ accounts: [], pairings: [], descriptors: [{ descriptor, ...more }] });
      const merged = mergeDumps({ base: null, local: dumpOf(a), remote: dumpOf(b) });
      const next = Math.max(a.next, b.next);
      const timestamp = Math.min(a.timestamp, b.timestamp);
      expect(merged).toEqual({ dump: dumpOf({ next, timestamp }), conflicts: [] });
      expect(mergeDumps({ base: null, local: dumpOf(b), remote: dumpOf(a) })).toEqual(merged);
    }),
  );
});
