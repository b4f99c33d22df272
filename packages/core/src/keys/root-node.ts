import { HDKey } from "#curves";

/** Version bytes of `tprv` and `tpub`: the same keys, written down for a test network. @see BIP-32, "Serialization format" */
const TESTNET = { private: 0x04358394, public: 0x043587cf };

/**
 * The root node of a BIP-32 seed, or of a root key as `xprv` or `tprv`: the caller's, who wipes its private data.
 *
 * @throws TypeError, RangeError, which show nothing of the key
 */
export function rootNodeOf(source: Uint8Array | { xprv: string }): HDKey {
  if (!(source instanceof Uint8Array)) return parseRootXprv(source.xprv);
  if (source.length < 16 || source.length > 64) {
    throw new RangeError(`seed must have 16 to 64 bytes, it has ${source.length}`);
  }
  return HDKey.fromMasterSeed(source);
}

function parseRootXprv(xprv: string): HDKey {
  if (typeof xprv !== "string") throw new TypeError("xprv must be a string");
  let root: HDKey;
  try {
    root = xprv.startsWith("tprv") ? HDKey.fromExtendedKey(xprv, TESTNET) : HDKey.fromExtendedKey(xprv);
  } catch {
    // The library's message could show part of the key.
    throw new RangeError("xprv is no BIP-32 extended private key");
  }
  if (root.privateKey === null) throw new RangeError("xprv is a public key");
  if (root.depth !== 0) throw new RangeError(`xprv must be the root key, it stands at depth ${root.depth}`);
  return root;
}
