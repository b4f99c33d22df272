import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { bytesToHex } from "../../../src/bytes.ts";
import {
  chunksFields,
  commitFields,
  deleteFields,
  registerFields,
  SIGNATURE_TAGS,
  signedMessage,
  signInFields,
} from "../../../src/keys/signed-message.ts";
import { walletIdOf } from "../../../src/keys/wallet-id.ts";

const hash = new Uint8Array(32).fill(3);
const message = {
  tag: SIGNATURE_TAGS.signIn,
  origin: "https://ü.example",
  realm: new Uint8Array(16),
  walletId: hash,
  fields: hash,
};

it("is the hash of tag, 0, length of the origin in bytes, origin, realm, wallet and fields", () => {
  const origin = Buffer.from("https://ü.example");
  const parts = [
    Buffer.from("cloudbackup/1/sign-in\0"),
    Buffer.from([0, 0, 0, origin.length]),
    origin,
    Buffer.alloc(16),
    hash,
    hash,
  ];
  expect(bytesToHex(signedMessage(message))).toBe(createHash("sha256").update(Buffer.concat(parts)).digest("hex"));
});

it.each([
  ["realm", { realm: new Uint8Array(15) }],
  ["walletId", { walletId: new Uint8Array(31) }],
  ["fields", { fields: "00" }],
])("names %s where it is wrong", (name, change) => {
  expect(() => signedMessage({ ...message, ...change } as never)).toThrow(name);
});

it("has fields for every purpose", () => {
  expect(bytesToHex(signInFields(hash))).toBe("03".repeat(32));
  expect(bytesToHex(registerFields(hash, "é"))).toBe(`${"03".repeat(32)}c3a9`);
  expect(bytesToHex(commitFields(2 ** 53 - 1, hash))).toBe(`001fffffffffffff${"03".repeat(32)}`);
  expect(bytesToHex(chunksFields(hash))).toBe("03".repeat(32));
  expect(bytesToHex(deleteFields(hash))).toBe("03".repeat(32));
  expect(bytesToHex(deleteFields(null))).toBe("00".repeat(32));
});

it("refuses fields of another length", () => {
  const short = new Uint8Array(31);
  for (const make of [
    signInFields,
    (bytes: Uint8Array) => registerFields(bytes, "a"),
    (bytes: Uint8Array) => commitFields(1, bytes),
    chunksFields,
    deleteFields,
    walletIdOf,
  ]) {
    expect(() => make(short)).toThrow(RangeError);
  }
  for (const revision of [-1, 0.5, 2 ** 53, Number.NaN]) expect(() => commitFields(revision, hash)).toThrow(RangeError);
});

it("names wallets by the hash of their public key", () => {
  const expected = createHash("sha256").update("cloudbackup/1/wallet-id").update(hash).digest("hex");
  expect(bytesToHex(walletIdOf(hash))).toBe(expected);
});
