import { describe, expect, it } from "vitest";
import { decodeCbor, encodeCbor } from "../../../src/cbor.ts";
import { decodeManifest, encodeManifest, type Manifest } from "../../../src/chunks/manifest.ts";
import { codeOf } from "../../fixtures.ts";

const hash = (byte: number) => new Uint8Array(32).fill(byte);
const inline = (name: string) => ({ name, size: 1, sum: hash(1), data: Uint8Array.of(0) });
const chunked = (name: string, change: object = {}) => ({
  name,
  size: 10,
  sum: hash(2),
  depth: 0,
  chunks: [[hash(3), 10]],
  ...change,
});
const wire = {
  v: 1,
  rev: 3,
  gen: 4,
  parent: hash(5),
  chain: hash(6),
  at: 0,
  device: new Uint8Array(16),
  sum: hash(7),
  sections: [inline("accounts"), chunked("acme.notes"), inline("pairings")],
};
const withSection = (section: object) => ({ sections: [inline("accounts"), section, inline("pairings")] });

const manifest: Manifest = {
  revision: 3,
  gen: 4,
  parent: hash(5),
  chain: hash(6),
  heals: [],
  mirrors: [],
  at: 0,
  device: new Uint8Array(16),
  app: undefined,
  checksum: hash(7),
  sections: [
    { name: "accounts", size: 1, sum: hash(1), data: Uint8Array.of(0) },
    { name: "acme.notes", size: 10, sum: hash(2), depth: 0, chunks: [{ id: hash(3), size: 10 }] },
    { name: "pairings", size: 1, sum: hash(1), data: Uint8Array.of(0) },
  ],
};

it("reads and writes the least there is: optional keys are left out", () => {
  expect(decodeManifest(encodeCbor(wire))).toEqual(manifest);
  expect(encodeManifest(manifest)).toEqual(encodeCbor(wire));
});

it("reads and writes all there is", () => {
  const mirror = { realm: new Uint8Array(16).fill(9), revision: 7, sha256: hash(8) };
  const full = { ...manifest, heals: [hash(1), hash(0)], mirrors: [mirror], app: "acme 1.0" };
  const bytes = encodeCbor({
    ...wire,
    heals: full.heals,
    mirrors: [[mirror.realm, 7, mirror.sha256]],
    app: "acme 1.0",
  });
  expect(decodeManifest(bytes)).toEqual(full);
  expect(encodeManifest(full)).toEqual(bytes);
});

it("ignores keys that it does not know, in the map and in its sections", () => {
  const extra = { ...wire, zzz: 1, sections: wire.sections.map((section) => ({ ...section, zzz: null })) };
  expect(decodeManifest(encodeCbor(extra))).toEqual(manifest);
});

it("takes a first revision: no parent, a chain of zeros", () => {
  expect(decodeManifest(encodeCbor({ ...wire, parent: null, chain: hash(0) })).parent).toBeNull();
});

it("takes depth 4, and an empty body without chunks", () => {
  for (const change of [{ depth: 4 }, { size: 0, chunks: [] }, { chunks: [[hash(3), 65_536]] }]) {
    expect(
      codeOf(() => decodeManifest(encodeCbor({ ...wire, ...withSection(chunked("acme.notes", change)) }))),
    ).toBeNull();
  }
});

describe("is tampered with", () => {
  it.each([
    { id: "no version", change: { v: undefined } },
    { id: "a version that is text", change: { v: "1" } },
    { id: "no rev", change: { rev: undefined } },
    { id: "rev 0", change: { rev: 0 } },
    { id: "rev beyond 2^53 − 1", change: { rev: 2n ** 53n } },
    { id: "gen 0", change: { gen: 0 } },
    { id: "no gen", change: { gen: undefined } },
    { id: "no parent", change: { parent: undefined } },
    { id: "a parent of 31 bytes", change: { parent: new Uint8Array(31) } },
    { id: "no chain", change: { chain: undefined } },
    { id: "a chain of 33 bytes", change: { chain: new Uint8Array(33) } },
    { id: "a chain without a parent", change: { parent: null } },
    { id: "heals null", change: { heals: null } },
    { id: "heals that is bytes", change: { heals: hash(1) } },
    { id: "heals of 31 bytes", change: { heals: [new Uint8Array(31)] } },
    { id: "mirrors null", change: { mirrors: null } },
    { id: "a mirror that is a map", change: { mirrors: [{}] } },
    { id: "a mirror of two", change: { mirrors: [[new Uint8Array(16), 1]] } },
    { id: "a mirror's realm of 32 bytes", change: { mirrors: [[hash(1), 1, hash(1)]] } },
    { id: "a mirror's rev 0", change: { mirrors: [[new Uint8Array(16), 0, hash(1)]] } },
    { id: "a mirror's hash of 16 bytes", change: { mirrors: [[new Uint8Array(16), 1, new Uint8Array(16)]] } },
    { id: "at below 0", change: { at: -1 } },
    { id: "no device", change: { device: undefined } },
    { id: "a device of 32 bytes", change: { device: hash(1) } },
    { id: "app null", change: { app: null } },
    { id: "no sum", change: { sum: undefined } },
    { id: "no sections", change: { sections: undefined } },
    { id: "sections as a map", change: { sections: {} } },
    { id: "no accounts", change: { sections: [inline("pairings")] } },
    { id: "no pairings", change: { sections: [inline("accounts")] } },
    { id: "sections out of order", change: { sections: [inline("pairings"), inline("accounts")] } },
    { id: "a section twice", change: { sections: [inline("accounts"), inline("accounts"), inline("pairings")] } },
    { id: "a section that is no map", change: withSection([1]) },
    { id: "a section without a name", change: withSection({ ...inline("b"), name: undefined }) },
    { id: "a section whose name is no name", change: withSection(inline("b_")) },
    { id: "a section without size", change: withSection({ ...inline("b"), size: undefined }) },
    { id: "a section of another size", change: withSection({ ...inline("b"), size: 2 }) },
    { id: "a section without sum", change: withSection({ ...inline("b"), sum: undefined }) },
    { id: "a section without form", change: withSection({ name: "b", size: 1, sum: hash(1) }) },
    { id: "a section in both forms", change: withSection({ ...inline("b"), depth: 0, chunks: [] }) },
    { id: "a section with data and depth", change: withSection({ ...inline("b"), depth: 0 }) },
    { id: "a section with data and chunks", change: withSection({ ...inline("b"), chunks: [] }) },
    { id: "a section with data null and chunks", change: withSection(chunked("b", { data: null })) },
    { id: "a section without depth", change: withSection(chunked("b", { depth: undefined })) },
    { id: "a section without chunks", change: withSection(chunked("b", { chunks: undefined })) },
    { id: "depth 5", change: withSection(chunked("b", { depth: 5 })) },
    { id: "a chunk of 0 bytes", change: withSection(chunked("b", { chunks: [[hash(3), 0]] })) },
    { id: "a chunk of 65,537 bytes", change: withSection(chunked("b", { chunks: [[hash(3), 65_537]] })) },
    { id: "a chunk without size", change: withSection(chunked("b", { chunks: [[hash(3)]] })) },
    { id: "a chunk with an id of 16 bytes", change: withSection(chunked("b", { chunks: [[new Uint8Array(16), 1]] })) },
  ])("$id", ({ change }) => {
    expect(codeOf(() => decodeManifest(encodeCbor({ ...wire, ...change })))).toBe("ERR_CB_TAMPERED");
  });

  it("bytes that are no map, no CBOR, or more than one item", () => {
    for (const bytes of [
      encodeCbor([1]),
      Uint8Array.of(0xff),
      new Uint8Array(),
      Uint8Array.of(...encodeCbor(wire), 0),
    ]) {
      expect(codeOf(() => decodeManifest(bytes))).toBe("ERR_CB_TAMPERED");
    }
  });
});

it.each([0, 2, 2n ** 60n])("version %s is unsupported, whatever else it says", (v) => {
  expect(codeOf(() => decodeManifest(encodeCbor({ v })))).toBe("ERR_CB_UNSUPPORTED_VERSION");
});

it("is at most 4 MiB", () => {
  const sized = (length: number) => ({
    ...manifest,
    sections: [
      { name: "accounts", size: length, sum: hash(1), data: new Uint8Array(length) },
      { name: "pairings", size: 0, sum: hash(1), data: new Uint8Array() },
    ],
  });
  const overhead = encodeManifest(sized(1_000_000)).length - 1_000_000;
  const most = 4 * 1024 * 1024 - overhead;
  expect(encodeManifest(sized(most)).length).toBe(4 * 1024 * 1024);
  expect(codeOf(() => encodeManifest(sized(most + 1)))).toBe("ERR_CB_TOO_LARGE");
  expect((decodeCbor(encodeManifest(sized(1))) as { v: number }).v).toBe(1);
});
