import { hexToBytes } from "@noble/hashes/utils.js";

/**
 * The second device of the demo, as it was paired: the master public key and the chain code of one cosigner of a real
 * 2-of-2 P2SH wallet on mainnet. Both are public test values.
 *
 * They are what `XPUB` says when its Base58Check is undone; BIP-32 calls the layout "serialization format".
 *
 * @see caravan-bitcoin/caravan (MIT), apps/coordinator/fixtures, wallet "P2SH-M", the cosigner with fingerprint f57ec65d
 */
export const XPUB =
  "xpub6CCHViYn5VzPfSR7baop9FtGcbm3UnqHwa54Z2eNvJnRFCJCdo9HtCYoLJKZCoATMLUowDDA1BMGfQGauY3fDYU3HyMzX4NDkoLYCSkLpbH";

/** Where `XPUB` stands in its own device's tree: what an xpub carries beside the key and the chain code. */
export const XPUB_POSITION = { depth: 3, index: 0x8000_0064, parentFingerprint: 0x49ed_9bb4 };

/** What the wallet learns of a second device when they are paired. */
export interface Authenticator {
  name: string;
  /** Master public key, compressed, 33 bytes. */
  publicKey: Uint8Array;
  /** 32 bytes. */
  chainCode: Uint8Array;
}

export const authenticator: Authenticator = {
  name: "My phone",
  publicKey: hexToBytes("028257b519520e4a611b0fbf062bef41e815145b85e621887d267c695f2c508259"),
  chainCode: hexToBytes("8f8521ebe6ac7fd6d6c468aa25cad78e34e9a4c02211a00bf2c6069ffdb11722"),
};
