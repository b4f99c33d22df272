import { sha256 } from "@noble/hashes/sha2.js";
import { HDKey } from "#curves";
import { createBase58check } from "../curves/base58check.ts";
import { InvalidSeedError } from "./invalid-seed-error.ts";

/** BIP-32, "Serialization format": version (4) ‖ depth (1) ‖ parent (4) ‖ index (4) ‖ chain code (32) ‖ 0 ‖ key (32). */
const EXTENDED_KEY_BYTES = 78;
const DEPTH_AT = 4;
const XPRV = 0x0488ade4;
const TPRV = 0x04358394;

/**
 * What SLIP-132 writes in the place of `xprv` and `tprv`, to say which addresses a wallet makes. The keys are the same, and a
 * backup's keys do not depend on addresses.
 *
 * @see https://github.com/satoshilabs/slips/blob/master/slip-0132.md
 */
const PRIVATE_VERSIONS: ReadonlyMap<number, number> = /* @__PURE__ */ new Map([
  [XPRV, XPRV],
  [0x049d7878, XPRV], // yprv
  [0x04b2430c, XPRV], // zprv
  [0x0295b005, XPRV], // Yprv
  [0x02aa7a99, XPRV], // Zprv
  [TPRV, TPRV],
  [0x044a4e28, TPRV], // uprv
  [0x045f18bc, TPRV], // vprv
  [0x024285b5, TPRV], // Uprv
  [0x02575048, TPRV], // Vprv
]);
const EXTENDED_PRIVATE = /^[xyztuvYZUV]prv/;
const EXTENDED_PUBLIC = /^[xyztuvYZUV]pub/;
/** Wallet import format of main and test networks, and its encrypted form. @see BIP-38 */
const SINGLE_KEY =
  /^(?:5[1-9A-HJ-NP-Za-km-z]{50}|9[1-9A-HJ-NP-Za-km-z]{50}|[KLc][1-9A-HJ-NP-Za-km-z]{51}|6P[1-9A-HJ-NP-Za-km-z]{56})$/;

/**
 * A root key as `xprv…` or `tprv…`, or undefined for what is no key at all.
 *
 * @param text without white space
 * @throws InvalidSeedError
 */
export function parseRootKey(text: string): { xprv: string } | undefined {
  if (SINGLE_KEY.test(text)) throw new InvalidSeedError("private-key");
  if (EXTENDED_PUBLIC.test(text)) throw new InvalidSeedError("public-key");
  if (!EXTENDED_PRIVATE.test(text)) return undefined;
  const { encode, decode } = createBase58check(sha256);
  let bytes: Uint8Array;
  try {
    bytes = decode(text);
  } catch {
    throw new InvalidSeedError("base58-checksum");
  }
  try {
    const version = bytes.length === EXTENDED_KEY_BYTES ? PRIVATE_VERSIONS.get(versionOf(bytes)) : undefined;
    if (version === undefined) throw new InvalidSeedError("malformed-key");
    if (bytes[DEPTH_AT] !== 0) throw new InvalidSeedError("not-root");
    new DataView(bytes.buffer).setUint32(0, version);
    const xprv = encode(bytes);
    assertPrivateKey(xprv, version);
    return { xprv };
  } finally {
    bytes.fill(0);
  }
}

function versionOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
}

/** A zero, a number beyond the curve's order, a root that has a parent: BIP-32, test vector 5. */
function assertPrivateKey(xprv: string, version: number): void {
  try {
    // The public version plays no part.
    HDKey.fromExtendedKey(xprv, { private: version, public: 0 }).wipePrivateData();
  } catch {
    // The library's error could show part of the key.
    throw new InvalidSeedError("malformed-key");
  }
}
