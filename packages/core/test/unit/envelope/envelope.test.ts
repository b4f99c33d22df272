import { describe, expect, it } from "vitest";
import { concatBytes } from "../../../src/bytes.ts";
import { chunkIdOf, openChunk, openEnvelope, sealChunk, sealEnvelope } from "../../../src/envelope/envelope.ts";
import { MAX_SEALED_ENVELOPE_BYTES } from "../../../src/envelope/sizes.ts";
import { deriveBackupKeys } from "../../../src/keys/backup-keys.ts";
import type { Primitives } from "../../../src/primitives/primitives.ts";
import { codeOf, errorOf, keys, noise, otherKeys, REALM, SEED, seededRandom } from "../../fixtures.ts";

const random = seededRandom(900);
const chunk = noise(200);
const id = chunkIdOf(keys, chunk);
const sealedChunk = sealChunk(keys, id, chunk, random);
const sealed = sealEnvelope(keys, 3, noise(100), random);
const withByte = (bytes: Uint8Array, at: number, byte: number) => {
  const changed = bytes.slice();
  changed[at] = byte;
  return changed;
};

it("opens what it sealed", () => {
  expect(openEnvelope(keys, 3, sealed)).toEqual(noise(100));
  expect(openChunk(keys, id, 200, sealedChunk)).toEqual(chunk);
});

it("begins with CBKP, format, kind and two zeros, then the nonce", () => {
  expect([...sealed.subarray(0, 8)]).toEqual([0x43, 0x42, 0x4b, 0x50, 1, 1, 0, 0]);
  expect([...sealedChunk.subarray(0, 8)]).toEqual([0x43, 0x42, 0x4b, 0x50, 1, 2, 0, 0]);
  const nonce = noise(24, 5);
  expect(sealEnvelope(keys, 1, chunk, () => nonce).subarray(8, 32)).toEqual(nonce);
});

it("seals alike by primitives that give an array of their own", () => {
  const own: Primitives = {
    ...keys.primitives,
    sealXChaCha20Poly1305: (key, nonce, aad, plaintext) =>
      keys.primitives.sealXChaCha20Poly1305(key, nonce, aad, plaintext.slice()),
  };
  const nonce = noise(24, 5);
  const ownKeys = deriveBackupKeys(SEED, REALM, { primitives: own });
  expect(sealChunk(ownKeys, id, chunk, () => nonce)).toEqual(sealChunk(keys, id, chunk, () => nonce));
});

it("gives out nothing where primitives do not seal all of it", () => {
  const short: Primitives = { ...keys.primitives, sealXChaCha20Poly1305: () => new Uint8Array(16) };
  const shortKeys = deriveBackupKeys(SEED, REALM, { primitives: short });
  expect(() => sealChunk(shortKeys, id, chunk, random)).toThrow(RangeError);
});

it("is never twice the same", () => {
  expect(sealEnvelope(keys, 3, noise(100), random)).not.toEqual(sealed);
});

/** Each is wrong in its own way and in those of the rows below it. */
describe("checks in the order of the format", () => {
  it.each([
    { id: "too short", sealed: new Uint8Array(57), code: "ERR_CB_TAMPERED", says: /too short/ },
    { id: "too short, of another format", sealed: sealed.subarray(0, 57), code: "ERR_CB_TAMPERED", says: /too short/ },
    { id: "too long", sealed: new Uint8Array(MAX_SEALED_ENVELOPE_BYTES + 1), code: "ERR_CB_TAMPERED", says: /longer/ },
    { id: "another magic", sealed: withByte(withByte(sealed, 0, 0), 4, 2), code: "ERR_CB_TAMPERED", says: /begin/ },
    {
      id: "another format",
      sealed: withByte(withByte(sealed, 4, 2), 5, 9),
      code: "ERR_CB_UNSUPPORTED_VERSION",
      says: /format 2/,
    },
    { id: "another kind", sealed: withByte(sealed, 5, 2), code: "ERR_CB_TAMPERED", says: /header/ },
    { id: "a reserved byte", sealed: withByte(sealed, 6, 1), code: "ERR_CB_TAMPERED", says: /header/ },
    { id: "the other reserved byte", sealed: withByte(sealed, 7, 1), code: "ERR_CB_TAMPERED", says: /header/ },
    { id: "the nonce", sealed: withByte(sealed, 8, 0), code: "ERR_CB_TAMPERED", says: /does not open/ },
    { id: "the box", sealed: withByte(sealed, 40, 0), code: "ERR_CB_TAMPERED", says: /does not open/ },
    { id: "cut off", sealed: sealed.subarray(0, -1), code: "ERR_CB_TAMPERED", says: /does not open/ },
    {
      id: "a byte more",
      sealed: concatBytes(sealed, Uint8Array.of(0)),
      code: "ERR_CB_TAMPERED",
      says: /does not open/,
    },
  ])("$id", ({ sealed: given, code, says }) => {
    const error = errorOf(() => openEnvelope(keys, 3, given));
    expect(error).toMatchObject({ code });
    expect(error.message).toMatch(says);
  });
});

describe("does not open", () => {
  it("an envelope of another revision or wallet", () => {
    expect(codeOf(() => openEnvelope(keys, 4, sealed))).toBe("ERR_CB_TAMPERED");
    expect(codeOf(() => openEnvelope(otherKeys, 3, sealed))).toBe("ERR_CB_TAMPERED");
  });

  it("a chunk under another id, of another size, of another wallet, beyond 67,632 bytes", () => {
    expect(codeOf(() => openChunk(keys, noise(32), 200, sealedChunk))).toBe("ERR_CB_TAMPERED");
    expect(codeOf(() => openChunk(keys, id, 199, sealedChunk))).toBe("ERR_CB_TAMPERED");
    expect(codeOf(() => openChunk(otherKeys, id, 200, sealedChunk))).toBe("ERR_CB_TAMPERED");
    expect(errorOf(() => openChunk(keys, id, 200, new Uint8Array(67_633))).message).toMatch(/longer/);
  });

  it("a chunk whose bytes are not those of its id", () => {
    const forged = sealChunk(keys, id, noise(200, 8), random);
    expect(errorOf(() => openChunk(keys, id, 200, forged)).message).toMatch(/other bytes than its id/);
  });

  it("a chunk as an envelope", () => {
    expect(codeOf(() => openEnvelope(keys, 3, sealedChunk))).toBe("ERR_CB_TAMPERED");
  });
});

it("gives chunks ids that only the wallet can tell", () => {
  expect(chunkIdOf(keys, chunk)).toEqual(id);
  expect(chunkIdOf(otherKeys, chunk)).not.toEqual(id);
});

it("seals the longest chunk in 67,632 bytes", () => {
  const longest = noise(65_536);
  expect(sealChunk(keys, chunkIdOf(keys, longest), longest, random).length).toBe(67_632);
});
