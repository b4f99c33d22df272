import { inspect } from "node:util";
import { ed25519 } from "@noble/curves/ed25519.js";
import { HDKey } from "@scure/bip32";
import { describe, expect, it } from "vitest";
import { bytesToHex, hexToBytes } from "../../../src/bytes.ts";
import { BackupKeys, deriveBackupKeys, NO_REALM, subkeyOf } from "../../../src/keys/backup-keys.ts";
import { SIGNATURE_TAGS, signedMessage } from "../../../src/keys/signed-message.ts";
import { errorOf, REALM, SEED } from "../../fixtures.ts";

const root = HDKey.fromMasterSeed(SEED);
const fresh = () => deriveBackupKeys(SEED, REALM);

describe("a seed", () => {
  it.each([16, 17, 32, 63, 64])("may have %i bytes", (length) => {
    expect(deriveBackupKeys(SEED.subarray(0, length), REALM).walletId).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each([0, 15, 65, 128])("may not have %i bytes", (length) => {
    expect(() => deriveBackupKeys(new Uint8Array(length).fill(1), REALM)).toThrow(RangeError);
  });

  it("is left as it was, and can be wiped at once", () => {
    const seed = SEED.slice();
    const keys = deriveBackupKeys(seed, REALM);
    expect(seed).toEqual(SEED);
    seed.fill(0);
    expect(bytesToHex(keys.export())).toBe(bytesToHex(fresh().export()));
  });
});

describe("what is no source", () => {
  it.each([
    ["nothing", undefined],
    ["null", null],
    ["text", "abandon"],
    ["a number", 7],
    ["an array", [1, 2, 3]],
    ["an empty object", {}],
    ["an xprv that is no text", { xprv: SEED }],
    ["an export that is no bytes", { exported: "00" }],
  ])("%s is a TypeError", (_, source) => {
    expect(() => deriveBackupKeys(source as never, REALM)).toThrow(TypeError);
  });

  it("a realm must have 16 bytes", () => {
    expect(() => deriveBackupKeys(SEED, new Uint8Array(15))).toThrow(
      new RangeError("realm must have 16 bytes, it has 15"),
    );
    expect(() => deriveBackupKeys(SEED, "00" as never)).toThrow(TypeError);
    expect(deriveBackupKeys(SEED, NO_REALM).walletId).not.toBe(fresh().walletId);
  });

  it("unknown options are a TypeError", () => {
    expect(() => deriveBackupKeys(SEED, REALM, { primitive: {} } as never)).toThrow(TypeError);
  });
});

describe("an xprv", () => {
  it("at the root serves as well as the seed", () => {
    const keys = deriveBackupKeys({ xprv: root.privateExtendedKey }, REALM);
    expect(bytesToHex(keys.export())).toBe(bytesToHex(fresh().export()));
  });

  it("of a test network holds the same keys", () => {
    const testnet = { private: 0x04358394, public: 0x043587cf };
    const xprv = HDKey.fromMasterSeed(SEED, testnet).privateExtendedKey;
    expect(xprv).toMatch(/^tprv/);
    expect(deriveBackupKeys({ xprv }, REALM).walletId).toBe(fresh().walletId);
  });

  it("of a child is refused", () => {
    const xprv = root.derive("m/0'").privateExtendedKey;
    expect(() => deriveBackupKeys({ xprv }, REALM)).toThrow(/must be the root key, it stands at depth 1/);
  });

  it("that is an xpub is refused", () => {
    expect(() => deriveBackupKeys({ xprv: root.publicExtendedKey }, REALM)).toThrow(/public key/);
  });

  it.each([
    ["nothing", ""],
    ["garbage", "xprv-hunter2"],
    ["one with a typing error", root.privateExtendedKey.replace(/.$/, (last) => (last === "1" ? "2" : "1"))],
    ["one that is cut off", root.privateExtendedKey.slice(0, -1)],
  ])("%s is refused with a RangeError that shows nothing of it", (_, xprv) => {
    const error = errorOf(() => deriveBackupKeys({ xprv }, REALM));
    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).toBe("xprv is no BIP-32 extended private key");
    expect(error.cause).toBeUndefined();
  });
});

describe("export", () => {
  it("has 65 bytes, begins with its version, and comes back as the same keys", () => {
    const exported = fresh().export();
    expect(exported.length).toBe(65);
    expect(exported[0]).toBe(1);
    const keys = deriveBackupKeys({ exported }, REALM);
    expect(keys.walletId).toBe(fresh().walletId);
    expect(subkeyOf(keys, "envelope")).toEqual(subkeyOf(fresh(), "envelope"));
    expect(bytesToHex(keys.export())).toBe(bytesToHex(exported));
  });

  it("serves every realm", () => {
    const keys = deriveBackupKeys({ exported: fresh().export() }, NO_REALM);
    expect(keys.walletId).toBe(deriveBackupKeys(SEED, NO_REALM).walletId);
  });

  it("is the caller's to wipe", () => {
    const keys = fresh();
    keys.export().fill(0);
    expect(keys.export()).toEqual(fresh().export());
  });

  it.each([
    ["a Uint8Array", (bytes: Uint8Array) => bytes],
    ["a Buffer, whose slices are views", (bytes: Uint8Array) => Buffer.from(bytes)],
  ])("given back as %s is copied, and not wiped", (_, form) => {
    const expected = fresh();
    const exported = form(expected.export());
    const keys = deriveBackupKeys({ exported }, REALM);
    expect(bytesToHex(exported)).toBe(bytesToHex(expected.export()));
    exported.fill(0);
    expect(bytesToHex(subkeyOf(keys, "envelope"))).toBe(bytesToHex(subkeyOf(expected, "envelope")));
    expect(bytesToHex(keys.export())).toBe(bytesToHex(expected.export()));
  });

  it("of another version or length is refused", () => {
    const exported = fresh().export();
    expect(() => deriveBackupKeys({ exported: exported.subarray(1) }, REALM)).toThrow(RangeError);
    exported[0] = 2;
    expect(() => deriveBackupKeys({ exported }, REALM)).toThrow(/version 2/);
  });
});

it("copies the realm, also out of a Buffer", () => {
  const realm = Buffer.from(REALM);
  const keys = deriveBackupKeys(SEED, realm);
  realm.fill(0);
  expect(keys.realm).toStrictEqual(REALM);
});

it("has other ids and keys in every realm", () => {
  const elsewhere = deriveBackupKeys(SEED, NO_REALM);
  expect(elsewhere.walletId).not.toBe(fresh().walletId);
  for (const purpose of ["envelope", "chunk", "chunk-id", "chunker", "state"] as const) {
    expect(subkeyOf(elsewhere, purpose)).not.toEqual(subkeyOf(fresh(), purpose));
  }
});

it("has another subkey for every purpose", () => {
  const purposes = ["envelope", "chunk", "chunk-id", "chunker", "state", "state-nonce"] as const;
  expect(new Set(purposes.map((purpose) => bytesToHex(subkeyOf(fresh(), purpose)))).size).toBe(purposes.length);
});

it("signs for one purpose at one origin", () => {
  const keys = fresh();
  const fields = new Uint8Array(32).fill(5);
  const signature = keys.sign(SIGNATURE_TAGS.signIn, "https://a.example", fields);
  const messageOf = (tag: (typeof SIGNATURE_TAGS)[keyof typeof SIGNATURE_TAGS], origin: string) =>
    signedMessage({ tag, origin, realm: REALM, walletId: hexToBytes(keys.walletId), fields });
  const verifies = (message: Uint8Array) => ed25519.verify(signature, message, keys.publicKey);
  expect(verifies(messageOf(SIGNATURE_TAGS.signIn, "https://a.example"))).toBe(true);
  expect(verifies(messageOf(SIGNATURE_TAGS.register, "https://a.example"))).toBe(false);
  expect(verifies(messageOf(SIGNATURE_TAGS.signIn, "https://b.example"))).toBe(false);
});

describe("destroy", () => {
  it("wipes the subkeys and makes every use throw", () => {
    const keys = fresh();
    const subkey = subkeyOf(keys, "chunk");
    keys.destroy();
    expect(subkey.every((byte) => byte === 0)).toBe(true);
    expect(() => keys.export()).toThrow(TypeError);
    expect(() => keys.sign(SIGNATURE_TAGS.signIn, "https://a.example", new Uint8Array(32))).toThrow(TypeError);
    expect(() => subkeyOf(keys, "chunk")).toThrow(TypeError);
    expect(() => keys.destroy()).not.toThrow();
  });

  it("is what `using` does", () => {
    const keys = fresh();
    keys[Symbol.dispose]();
    expect(() => keys.export()).toThrow(TypeError);
  });
});

describe("nothing prints a secret", () => {
  const keys = fresh();
  const secrets = (["envelope", "chunk", "chunk-id", "chunker", "state"] as const).map((purpose) =>
    subkeyOf(keys, purpose),
  );
  const exported = keys.export();
  secrets.push(exported.slice(1, 33), exported.slice(33), SEED);

  it.each([
    ["util.inspect", () => inspect(keys, { depth: null, showHidden: true, getters: true, maxArrayLength: null })],
    ["JSON", () => JSON.stringify(keys)],
    ["String", () => String(keys)],
    ["a template in an object", () => `${Object.entries(keys)}`],
    ["a clone's JSON", () => JSON.stringify({ ...keys })],
  ])("%s", (_, print) => {
    const printed = print();
    for (const secret of secrets) {
      for (const form of [bytesToHex(secret), Array.from(secret).join(","), Array.from(secret).join(", ")]) {
        expect(printed).not.toContain(form);
      }
      expect(printed).not.toContain(inspect(secret.subarray(0, 12)).slice(16, -2));
    }
  });

  it("and JSON says so", () => {
    expect(JSON.parse(JSON.stringify(keys))).toEqual({ walletId: keys.walletId, keys: "<redacted>" });
    expect(keys).toBeInstanceOf(BackupKeys);
  });
});
