import { HDKey } from "#curves";
import { bytesToHex, concatBytes, copyBytes, hexToBytes, u32 } from "../bytes.ts";
import { createBase58check } from "../curves/base58check.ts";
import { defaultPrimitives } from "../primitives/default.ts";
import { ImportError, type Place } from "./errors.ts";

/** An extended public key. */
export interface ExtendedKey {
  /** As `xpub` or `tpub`, whatever the source wrote. */
  text: string;
  /** `tpub`s are of any test network. */
  isMainnet: boolean;
  /** How many steps it is below its master key. */
  depth: number;
  /** Of the step that leads to it; those from 2^31 are hardened. */
  index: number;
  /** Compressed, 33 bytes. */
  publicKey: Uint8Array;
  /** 32 bytes. */
  chainCode: Uint8Array;
  /** `zpub` and the like, where the source wrote it so. @see SLIP-132 */
  slip132?: string;
}

const XPUB = "0488b21e";
const TPUB = "043587cf";

/** Version bytes of public keys, in hex. @see BIP-32, "Serialization format"; SLIP-132 */
const VERSIONS = new Map([
  ["xpub", { version: XPUB, isMainnet: true }],
  ["ypub", { version: "049d7cb2", isMainnet: true }],
  ["zpub", { version: "04b24746", isMainnet: true }],
  ["Ypub", { version: "0295b43f", isMainnet: true }],
  ["Zpub", { version: "02aa7ed3", isMainnet: true }],
  ["tpub", { version: TPUB, isMainnet: false }],
  ["upub", { version: "044a5262", isMainnet: false }],
  ["vpub", { version: "045f1cf6", isMainnet: false }],
  ["Upub", { version: "024289ef", isMainnet: false }],
  ["Vpub", { version: "02575483", isMainnet: false }],
]);

/** version (4) ‖ depth (1) ‖ parent's fingerprint (4) ‖ index (4) ‖ chain code (32) ‖ key (33). */
const EXTENDED_KEY_BYTES = 78;
/** Of Base58 with its checksum. */
const MAX_LETTERS = 113;

const base58check = /* @__PURE__ */ createBase58check((bytes) => defaultPrimitives.sha256(bytes));

export function isExtendedKeyLike(text: string): boolean {
  return VERSIONS.has(text.slice(0, 4));
}

/** `xprv`, `Zprv` and the like, and the wallet import format of single keys. */
export function isPrivateKeyLike(text: string): boolean {
  return /^[xyztuvYZUV]prv|^[59KLc][1-9A-HJ-NP-Za-km-z]{50,51}$/.test(text);
}

/** @throws ImportError, which shows nothing of the key */
export function parseExtendedKey(text: string, at: Place): ExtendedKey {
  if (isPrivateKeyLike(text)) throw new ImportError(PRIVATE_KEY, at);
  const prefix = text.slice(0, 4);
  const known = VERSIONS.get(prefix);
  if (!known) throw new ImportError("this is no extended public key: xpub, tpub or one of SLIP-132", at);
  const bytes = decode(text, at);
  if (bytes.length !== EXTENDED_KEY_BYTES || bytesToHex(bytes.subarray(0, 4)) !== known.version) {
    throw new ImportError("this is no extended public key", at);
  }
  assertPublicKey(text, bytes, Number.parseInt(known.version, 16), at);
  const key = { isMainnet: known.isMainnet, ...partsOf(bytes) };
  if (prefix === "xpub" || prefix === "tpub") return { text, ...key };
  bytes.set(hexToBytes(known.isMainnet ? XPUB : TPUB));
  return { text: base58check.encode(bytes), ...key, slip132: prefix };
}

export const PRIVATE_KEY =
  "this is a private key: a dump holds what a wallet knows beside its seed. Export the wallet without private keys";

/** An extended public key of its parts. */
export function formatExtendedKey(parts: {
  isMainnet: boolean;
  depth: number;
  index: number;
  chainCode: Uint8Array;
  publicKey: Uint8Array;
  parentFingerprint?: number;
}): string {
  const { isMainnet, depth, index, chainCode, publicKey, parentFingerprint = 0 } = parts;
  const version = hexToBytes(isMainnet ? XPUB : TPUB);
  return base58check.encode(
    concatBytes(version, Uint8Array.of(depth), u32(parentFingerprint), u32(index), chainCode, publicKey),
  );
}

/** The first four bytes of the key's hash, by which its children name it. @see BIP-32, "Key identifiers" */
export function fingerprintOf(key: Pick<ExtendedKey, "publicKey" | "chainCode">): Uint8Array {
  const text = formatExtendedKey({ ...key, isMainnet: true, depth: 0, index: 0 });
  return u32(HDKey.fromExtendedKey(text).fingerprint);
}

function decode(text: string, at: Place): Uint8Array {
  try {
    if (text.length > MAX_LETTERS) throw new RangeError("too long");
    return base58check.decode(text);
  } catch {
    throw new ImportError("the key's checksum is wrong: a character is mistyped or missing", at);
  }
}

function partsOf(bytes: Uint8Array): Pick<ExtendedKey, "depth" | "index" | "chainCode" | "publicKey"> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    depth: view.getUint8(4),
    index: view.getUint32(9),
    chainCode: copyBytes(bytes.subarray(13, 45)),
    publicKey: copyBytes(bytes.subarray(45)),
  };
}

/** The library refuses what is no point, and a master key that says it has a parent. */
function assertPublicKey(text: string, bytes: Uint8Array, version: number, at: Place): void {
  const prefix = bytes[45];
  if (prefix !== 2 && prefix !== 3) throw new ImportError("this is no extended public key", at);
  try {
    HDKey.fromExtendedKey(text, { public: version, private: 0 });
  } catch {
    throw new ImportError("this is no extended public key: no such key exists", at);
  }
}
