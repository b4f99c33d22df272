import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../src/bytes.ts";
import { encodeCbor } from "../../src/cbor.ts";
import {
  type Bundle,
  decodeBundle,
  decodeBundleHead,
  decodeChunkItems,
  decodeIds,
  decodeWholeBundle,
  encodeChunkItem,
} from "../../src/chunks/bundle.ts";
import { decodeManifest, encodeManifest } from "../../src/chunks/manifest.ts";
import { sealChunk, sealEnvelope } from "../../src/envelope/envelope.ts";
import { openBackup, openManifest } from "../../src/open-backup.ts";
import { backupOf, codeOf, keys, noise, otherKeys, rebundle, seededRandom, smallDump } from "../fixtures.ts";
import { cborValue } from "./arbitraries.ts";

const dump = { ...smallDump, "acme.photos": [noise(90_000)], "acme.runs": [new Uint8Array(20_000)] };
const { bundle } = backupOf(dump);
const opensTo = (bytes: Uint8Array) => codeOf(() => openBackup(bytes, { keys }));
const refused = (bytes: Uint8Array): void => {
  expect(opensTo(bytes)).toMatch(/^ERR_CB_(TAMPERED|INCOMPLETE|DOES_NOT_DECRYPT|UNSUPPORTED_VERSION)$/);
};
const flip = (bytes: Uint8Array, bit: number) => {
  const changed = bytes.slice();
  changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
  return changed;
};

it("opens as it is: what follows is refused for the change alone", () => {
  expect(opensTo(bundle)).toBeNull();
  expect(decodeBundle(bundle).items.length).toBeGreaterThan(3);
});

describe("refused by name", () => {
  it("any changed bit", () => {
    fc.assert(
      fc.property(fc.nat(bundle.length * 8 - 1), (bit) => refused(flip(bundle, bit))),
      { numRuns: 800 },
    );
  });

  it("every changed bit of a small bundle's head", () => {
    const small = backupOf({ accounts: [], pairings: [] }).bundle;
    const end = small.length * 8;
    for (let bit = 0; bit < end; bit += 3) refused(flip(small, bit));
  });

  it("any prefix", () => {
    fc.assert(
      fc.property(fc.nat(bundle.length - 1), (length) => refused(bundle.subarray(0, length))),
      { numRuns: 300 },
    );
  });

  it("any bytes more", () => {
    const more = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 100 }),
      cborValue.map((value) => encodeCbor(value)),
    );
    fc.assert(
      fc.property(more, (tail) => refused(concatBytes(bundle, tail))),
      { numRuns: 300 },
    );
  });

  it("any two bytes swapped that differ", () => {
    const place = fc.nat(bundle.length - 1);
    fc.assert(
      fc.property(place, place, (a, b) => {
        fc.pre(bundle[a] !== bundle[b]);
        const changed = bundle.slice();
        [changed[a], changed[b]] = [bundle[b] as number, bundle[a] as number];
        refused(changed);
      }),
      { numRuns: 300 },
    );
  });
});

describe("refused: what was sealed for another place", () => {
  const change = (edit: (read: Bundle) => Bundle) => opensTo(rebundle(bundle, edit));
  const random = seededRandom(500);

  it("another wallet's envelope", () => {
    const elsewhere = decodeBundle(backupOf(dump, { keys: otherKeys }).bundle).head;
    expect(change(({ head, items }) => ({ head: { ...head, envelope: elsewhere.envelope }, items }))).toBe(
      "ERR_CB_TAMPERED",
    );
    expect(change(({ head, items }) => ({ head: { ...head, wallet: elsewhere.wallet }, items }))).toBe(
      "ERR_CB_DOES_NOT_DECRYPT",
    );
  });

  it("another realm", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (realm) => {
        expect(change(({ head, items }) => ({ head: { ...head, realm }, items }))).toBe("ERR_CB_DOES_NOT_DECRYPT");
      }),
      { numRuns: 20 },
    );
  });

  it("another revision", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: Number.MAX_SAFE_INTEGER }), (revision) => {
        expect(change(({ head, items }) => ({ head: { ...head, revision }, items }))).toBe("ERR_CB_TAMPERED");
      }),
      { numRuns: 50 },
    );
  });

  it("a manifest of another revision, sealed for this one", () => {
    const { manifest } = openManifest(encodeHead(bundle), keys);
    const envelope = sealEnvelope(keys, 1, encodeManifest({ ...manifest, revision: 2 }), random);
    expect(change(({ head, items }) => ({ head: { ...head, envelope }, items }))).toBe("ERR_CB_TAMPERED");
  });

  it("a chunk in the envelope's place, the envelope in a chunk's", () => {
    const { head, items } = decodeBundle(bundle);
    const chunk = items[0]?.sealed as Uint8Array;
    expect(change((read) => ({ ...read, head: { ...head, envelope: chunk } }))).toBe("ERR_CB_TAMPERED");
    const swapped = items.map((item, i) => (i === 0 ? { ...item, sealed: head.envelope } : item));
    expect(change((read) => ({ ...read, items: swapped }))).toBe("ERR_CB_TAMPERED");
  });

  it("any two chunks swapped, or one twice", () => {
    const { items } = decodeBundle(bundle);
    for (let a = 0; a < items.length; a++) {
      for (let b = 0; b < items.length; b++) {
        if (a === b) continue;
        const moved = items.map((item, i) => (i === a ? { ...item, sealed: items[b]?.sealed as Uint8Array } : item));
        expect(change((read) => ({ ...read, items: moved }))).toBe("ERR_CB_TAMPERED");
      }
    }
  });

  it("any chunk left out", () => {
    const { items, head } = decodeBundle(bundle);
    items.forEach((_, left) => {
      const rest = items.filter((__, i) => i !== left);
      expect(change((read) => ({ ...read, items: rest }))).toBe("ERR_CB_INCOMPLETE");
      const add = head.add.filter((__, i) => i !== left);
      expect(change(() => ({ head: { ...head, add }, items: rest }))).toBe("ERR_CB_INCOMPLETE");
    });
  });

  it("other bytes sealed under a chunk's id", () => {
    const { items } = decodeBundle(bundle);
    items.forEach((target, i) => {
      const sealed = sealChunk(keys, target.id, noise(100, 99), random);
      const forged = items.map((item, j) => (i === j ? { ...item, sealed } : item));
      expect(change((read) => ({ ...read, items: forged }))).toBe("ERR_CB_TAMPERED");
    });
  });
});

describe("whatever bytes it is given, a parser gives a typed error or a value", () => {
  const items = concatBytes(...decodeBundle(bundle).items.map(encodeChunkItem));
  const manifest = encodeManifest(openManifest(encodeHead(bundle), keys).manifest);
  const parsers: { name: string; parse: (bytes: Uint8Array) => unknown; good: Uint8Array }[] = [
    { name: "decodeBundle", parse: decodeBundle, good: bundle },
    { name: "decodeWholeBundle", parse: decodeWholeBundle, good: bundle },
    { name: "decodeBundleHead", parse: decodeBundleHead, good: encodeHead(bundle) },
    { name: "decodeChunkItems", parse: decodeChunkItems, good: items },
    { name: "decodeIds", parse: decodeIds, good: encodeCbor(decodeBundle(bundle).head.add) },
    { name: "decodeManifest", parse: decodeManifest, good: manifest },
    { name: "openBackup", parse: (bytes) => openBackup(bytes, { keys }), good: bundle },
    { name: "openBackup by seed", parse: (bytes) => openBackup(bytes, { seed: noise(32) }), good: bundle },
  ];

  it.each(parsers)("$name", ({ parse, good }) => {
    const wild = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(cborValue, { maxLength: 3 }).map((values) => concatBytes(...values.map((value) => encodeCbor(value)))),
      fc
        .tuple(fc.nat(Math.min(good.length, 900) - 1), fc.uint8Array({ minLength: 1, maxLength: 4 }))
        .map(([at, bytes]) => {
          const changed = good.slice();
          changed.set(bytes.subarray(0, good.length - at), at);
          return changed;
        }),
      fc.tuple(fc.nat(good.length - 1), fc.nat(good.length - 1)).map(([from, to]) => good.slice(from, to)),
    );
    // `codeOf` lets through whatever is no CloudBackupError, and so fails the property.
    fc.assert(
      fc.property(wild, (bytes) => codeOf(() => parse(bytes)) !== ""),
      { numRuns: 300 },
    );
    expect([null, "ERR_CB_DOES_NOT_DECRYPT"]).toContain(codeOf(() => parse(good)));
  });

  it("any map of the right keys and any values is refused as a head and as a manifest, or read", () => {
    const heads = fc.record({
      format: fc.oneof(fc.constant(1), cborValue),
      ...Object.fromEntries(
        ["realm", "wallet", "revision", "after", "base", "envelope", "add", "drop"].map((key) => [key, cborValue]),
      ),
    });
    const keysOfManifest = [
      "rev",
      "gen",
      "parent",
      "chain",
      "heals",
      "mirrors",
      "at",
      "device",
      "app",
      "sum",
      "sections",
    ];
    const manifests = fc.record({
      v: fc.oneof(fc.constant(1), cborValue),
      ...Object.fromEntries(keysOfManifest.map((key) => [key, cborValue])),
    });
    const expected = /^ERR_CB_(TAMPERED|UNSUPPORTED_VERSION)$/;
    fc.assert(
      fc.property(heads, manifests, (head, map) => {
        expect(codeOf(() => decodeBundle(encodeCbor(head)))).toMatch(expected);
        expect(codeOf(() => decodeManifest(encodeCbor(map)))).toMatch(expected);
      }),
      { numRuns: 300 },
    );
  });
});

function encodeHead(bytes: Uint8Array): Uint8Array {
  const { head } = decodeBundle(bytes);
  return encodeCbor({ format: 1, ...head });
}
