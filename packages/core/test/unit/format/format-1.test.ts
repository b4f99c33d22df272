import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { describe, expect, it } from "vitest";
import { bytesToHex, hexToBytes, joinBytes, u32, utf8ToBytes } from "../../../src/bytes.ts";
import { encodeCbor } from "../../../src/cbor.ts";
import { decodeBundle, encodeBundle } from "../../../src/chunks/bundle.ts";
import { gearTable } from "../../../src/chunks/chunker.ts";
import { storeSection } from "../../../src/chunks/section-chunks.ts";
import { foldChain } from "../../../src/create-backup.ts";
import { payloadChecksum } from "../../../src/dump/checksum.ts";
import { encodeDump } from "../../../src/dump/codec.ts";
import { padmeLength } from "../../../src/envelope/padme.ts";
import { CloudBackupError } from "../../../src/errors.ts";
import { deriveBackupKeys, subkeyOf } from "../../../src/keys/backup-keys.ts";
import { SIGNATURE_TAGS, signedMessage } from "../../../src/keys/signed-message.ts";
import { openBackup } from "../../../src/open-backup.ts";
import { mnemonicToSeed } from "../../../src/seed/mnemonic.ts";
import { sectionsOf, vectors } from "../../vectors.ts";

const keysOf = (vector: { seed: string; realm: string }) =>
  deriveBackupKeys(hexToBytes(vector.seed), hexToBytes(vector.realm));

const hexSections = (sections: ReadonlyMap<string, Uint8Array>) =>
  Object.fromEntries([...sections].map(([name, body]) => [name, bytesToHex(body)]));

const hexChunks = (entry: object) =>
  "chunks" in entry ? (entry.chunks as { id: Uint8Array; size: number }[]).map((c) => [bytesToHex(c.id), c.size]) : [];

it("has vectors of every kind", () => {
  expect(vectors.padme.length).toBe(22);
  expect(vectors.large.length).toBe(1);
  expect(vectors.deep.length).toBe(3);
  expect(vectors.refuse.cases.length).toBe(39);
  expect(vectors.cases.map((vector) => vector.revisions.length)).toEqual([2, 2, 2]);
});

it.each(vectors.padme)("Padmé rounds %i up to %i", (length, padded) => {
  expect(padmeLength(length)).toBe(padded);
});

describe.each(vectors.cases)("case $id", (vector) => {
  const keys = keysOf(vector);

  it("derives the seed and every key", async () => {
    const seed = await mnemonicToSeed(vector.mnemonic, { passphrase: vector.passphrase });
    expect(bytesToHex(seed)).toBe(vector.seed);
    const exported = bytesToHex(keys.export());
    const derived = {
      backupKey: exported.slice(2, 66),
      identityKey: exported.slice(66),
      envelope: bytesToHex(subkeyOf(keys, "envelope")),
      chunk: bytesToHex(subkeyOf(keys, "chunk")),
      chunkId: bytesToHex(subkeyOf(keys, "chunk-id")),
      chunker: bytesToHex(subkeyOf(keys, "chunker")),
      publicKey: bytesToHex(keys.publicKey),
      walletId: keys.walletId,
    };
    const { signingKey, ...expected } = vector.keys;
    expect(derived).toEqual(expected);
    expect(bytesToHex(ed25519.getPublicKey(hexToBytes(signingKey)))).toBe(vector.keys.publicKey);
  });

  it("signs a commit", () => {
    const { tag, fields, message, signature } = vector.commit;
    expect(tag).toBe(SIGNATURE_TAGS.commit);
    const parts = {
      tag,
      origin: vector.origin,
      realm: hexToBytes(vector.realm),
      walletId: hexToBytes(keys.walletId),
      fields: hexToBytes(fields),
    };
    expect(bytesToHex(signedMessage(parts))).toBe(message);
    expect(bytesToHex(keys.sign(tag, vector.origin, hexToBytes(fields)))).toBe(signature);
    const body = sha256(hexToBytes(vector.revisions[0]?.upload as string));
    expect(fields).toBe(`0000000000000001${bytesToHex(body)}`);
  });

  describe.each(vector.revisions)("revision $revision", (step) => {
    const download = hexToBytes(step.download);
    const expected = Object.fromEntries(sectionsOf(vector, step.revision));
    // Without definitions no section is validated or reordered, so that every section comes back as it was.
    const opened = openBackup(download, { keys });

    it("opens to the given sections, by keys and by the seed alone", () => {
      expect(hexSections(opened.sections)).toEqual(expected);
      expect(hexSections(openBackup(download, { seed: hexToBytes(vector.seed) }).sections)).toEqual(expected);
      expect(opened.manifest.revision).toBe(step.revision);
    });

    it("writes the sections back to the same bytes", () => {
      expect(hexSections(encodeDump(opened.dump))).toEqual(expected);
    });

    it("has the payload checksum and the chain", () => {
      expect(bytesToHex(payloadChecksum(opened.sections))).toBe(step.payloadChecksum);
      expect(bytesToHex(opened.manifest.checksum)).toBe(step.payloadChecksum);
      expect(bytesToHex(opened.manifest.chain)).toBe(step.chain);
    });

    it("cuts the same chunks and makes the same lists", () => {
      const lists: typeof step.lists = {};
      for (const [name, body] of opened.sections) {
        const { entry } = storeSection(keys, gearTable(keys), name, body);
        const read = opened.manifest.sections.find((section) => section.name === name);
        expect(read).toEqual(entry);
        if ("depth" in entry) lists[name] = { depth: entry.depth, chunks: hexChunks(entry) as [string, number][] };
      }
      expect(lists).toEqual(step.lists);
    });

    it("encodes the bundles it decoded to the same bytes", () => {
      for (const bundle of [step.upload, step.download]) {
        expect(bytesToHex(encodeBundle(decodeBundle(hexToBytes(bundle))))).toBe(bundle);
      }
    });
  });

  it("folds the chain from revision to revision", () => {
    const [first, second] = vector.revisions.map((step) => openBackup(hexToBytes(step.download), { keys }));
    if (!first || !second) throw new Error("two revisions a case");
    expect(bytesToHex(foldChain(keys, first.manifest.chain, first.sha256))).toBe(bytesToHex(second.manifest.chain));
    expect(second.manifest.parent).toEqual(first.sha256);
  });

  it("gives the downloads when the uploads are applied in order", () => {
    const stored = new Map<string, { id: Uint8Array; sealed: Uint8Array }>();
    let inUse = new Set<string>();
    for (const step of vector.revisions) {
      const { head, items } = decodeBundle(hexToBytes(step.upload));
      for (const item of items) stored.set(bytesToHex(item.id), item);
      inUse = new Set(head.base === 0 ? [] : inUse);
      for (const id of head.drop) expect(inUse.delete(bytesToHex(id))).toBe(true);
      for (const id of head.add) inUse.add(bytesToHex(id));
      const chunks = [...inUse].sort().map((id) => stored.get(id));
      const whole = { ...head, after: null, base: 0, add: chunks.map((c) => c?.id as Uint8Array), drop: [] };
      expect(bytesToHex(encodeBundle({ head: whole, items: chunks as never }))).toBe(step.download);
    }
  });
});

describe.each(vectors.large)("$size bytes of $label", (vector) => {
  it("are cut into the given chunks and lists", () => {
    const body = largeBody(vector.label, vector.size);
    expect(bytesToHex(sha256(body))).toBe(vector.bodySha256);
    const keys = keysOf(vector);
    const { entry, chunks } = storeSection(keys, gearTable(keys), "acme.large", body);
    expect(entry).toMatchObject({ size: body.length, depth: vector.depth });
    expect(hexChunks(entry)).toEqual(vector.chunks);
    expect(chunks.size).toBe(vector.chunkCount);
    const ids = [...chunks.keys()].sort().map(hexToBytes);
    expect(bytesToHex(sha256(joinBytes(ids)))).toBe(vector.idsSha256);
  });
});

describe.each(vectors.deep)("$records records of $label", (vector) => {
  it("are cut into lists as given, and open", () => {
    const keys = keysOf(vector);
    const runs = Array.from({ length: vector.records }, (_, i) => new Uint8Array(60_000).fill(i % 251));
    const sections = encodeDump({ accounts: [], pairings: [], "acme.runs": runs });
    const body = sections.get("acme.runs") as Uint8Array;
    expect(bytesToHex(sha256(body))).toBe(vector.bodySha256);
    expect(bytesToHex(payloadChecksum(sections))).toBe(vector.payloadChecksum);
    const { entry, chunks } = storeSection(keys, gearTable(keys), "acme.runs", body);
    expect(entry).toMatchObject({ depth: vector.depth });
    expect(hexChunks(entry)).toEqual(vector.chunks);
    expect(chunks.size).toBe(vector.chunkCount);
    const opened = openBackup(hexToBytes(vector.download), { keys });
    expect(hexSections(opened.sections)).toEqual(hexSections(sections));
  });
});

describe("what a reader must refuse", () => {
  const keys = keysOf(vectors.refuse);

  it.each(vectors.refuse.cases)("$id: $error", ({ error, bundle }) => {
    expect(outcomeOf(hexToBytes(bundle))).toBe(error);
  });

  function outcomeOf(bundle: Uint8Array): string | null {
    try {
      openBackup(bundle, { keys });
      return null;
    } catch (error) {
      if (!(error instanceof CloudBackupError)) throw error;
      return error.code.replace("ERR_CB_", "").toLowerCase().replaceAll("_", "-");
    }
  }
});

/** One record: the CBOR byte string of SHA-256(label ‖ u32 i) for i = 0, 1, …, cut to `size`. */
function largeBody(label: string, size: number): Uint8Array {
  const record = new Uint8Array(size);
  for (let at = 0, i = 0; at < size; at += 32, i++) {
    const hash = sha256(joinBytes([utf8ToBytes(label), u32(i)]));
    record.set(hash.subarray(0, Math.min(32, size - at)), at);
  }
  return encodeCbor(record);
}
