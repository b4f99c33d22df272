import fc from "fast-check";
import { expect, it } from "vitest";
import { bytesToHex, concatBytes } from "../../src/bytes.ts";
import { decodeCbor, encodeCbor } from "../../src/cbor.ts";
import type { Backup } from "../../src/create-backup.ts";
import { decodeDump, encodeDump, serializeDump } from "../../src/dump/codec.ts";
import type { Dump } from "../../src/dump/dump.ts";
import { decodeFrame, encodeFrame } from "../../src/envelope/frame.ts";
import { openBackup } from "../../src/open-backup.ts";
import { portablePrimitives } from "../../src/primitives/portable.ts";
import { backupOf, keys, noise, TestServer } from "../fixtures.ts";
import { cborValue, dump, SECTION_NAMES } from "./arbitraries.ts";

const hexOf = (given: Dump) =>
  Object.fromEntries([...encodeDump(given)].map(([name, body]) => [name, bytesToHex(body)]));

it("any value of the subset decodes to itself, and encodes to the same bytes", () => {
  fc.assert(
    fc.property(cborValue, (value) => {
      const bytes = encodeCbor(value);
      const decoded = decodeCbor(bytes);
      expect(decoded).toEqual(value);
      expect(encodeCbor(decoded)).toEqual(bytes);
    }),
    { numRuns: 1000 },
  );
});

it("any dump comes back from its sections, and from those again", () => {
  fc.assert(
    fc.property(dump, (given) => {
      const read = decodeDump(encodeDump(given));
      expect(hexOf(read)).toEqual(hexOf(given));
      expect(serializeDump(read)).toEqual(serializeDump(given));
    }),
    { numRuns: 200 },
  );
});

it("any dump comes back from its backup", () => {
  fc.assert(
    fc.property(dump, (given) => {
      const { bundle, sha256 } = backupOf(given);
      const opened = openBackup(bundle, { keys });
      expect(hexOf(opened.dump)).toEqual(hexOf(given));
      expect(opened.manifest.checksum).toEqual(serializeDump(given).checksum);
      expect(opened.sha256).toEqual(sha256);
    }),
    { numRuns: 120 },
  );
});

it("a chain of updates, applied as a server does, holds the last dump", () => {
  const step = fc.record({ dump, whole: fc.boolean(), restart: fc.boolean(), keep: fc.subarray(SECTION_NAMES) });
  fc.assert(
    fc.property(fc.array(step, { minLength: 2, maxLength: 6 }), (steps) => {
      const server = new TestServer();
      let before: Backup | undefined;
      let state: Uint8Array | undefined;
      let expected: { [name: string]: string } = {};
      for (const { dump: given, whole, restart, keep } of steps) {
        const fresh = hexOf(given);
        const remove = Object.keys(expected).filter((name) => !Object.hasOwn(given, name) && !keep.includes(name));
        const carried = Object.entries(expected).filter(([name]) => !Object.hasOwn(given, name) && keep.includes(name));
        expected = { ...Object.fromEntries(carried), ...fresh };
        const backup = backupOf(given, state ? { previous: state, whole, remove } : {});
        const opened = openBackup(server.commit(backup.bundle), { keys });
        expect(hexOf(opened.dump)).toEqual(expected);
        expect(opened.manifest.parent).toEqual(before?.sha256 ?? null);
        before = backup;
        state = restart ? opened.state : backup.state;
      }
    }),
    { numRuns: 60 },
  );
});

it("an edit of a large section costs a few chunks, wherever it is", () => {
  const body = noise(200_000);
  const base: Dump = { accounts: [], pairings: [], "acme.large": [body] };
  const first = backupOf(base);
  // The same edits in every run: how soon boundaries are found again is a matter of chance, and bounded by no number.
  const costs = Array.from({ length: 25 }, (_, i) => {
    const at = i * 7_993;
    const edited = concatBytes(body.subarray(0, at), noise(i, i), body.subarray(at + ((i * 7) % 30)));
    const second = backupOf({ ...base, "acme.large": [edited] }, { previous: first.state });
    const server = new TestServer();
    server.commit(first.bundle);
    expect(hexOf(openBackup(server.commit(second.bundle), { keys }).dump)).toEqual(
      hexOf({ ...base, "acme.large": [edited] }),
    );
    return second.stats.newChunks;
  });
  costs.sort((a, b) => a - b);
  expect(first.stats.chunks).toBeGreaterThan(10);
  expect(costs[12]).toBeLessThanOrEqual(2);
  expect(costs.at(-1)).toBeLessThanOrEqual(6);
});

it("any bytes come back from a frame", () => {
  const compressible = fc
    .tuple(fc.uint8Array({ maxLength: 20 }), fc.nat(300))
    .map(([part, times]) =>
      Uint8Array.from({ length: part.length * times }, (_, i) => part[i % part.length] as number),
    );
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 3_000 }), compressible), (plain) => {
      const frame = encodeFrame(plain, portablePrimitives);
      expect(decodeFrame(frame, { exactly: plain.length }, portablePrimitives)).toEqual(plain);
    }),
    { numRuns: 300 },
  );
});
