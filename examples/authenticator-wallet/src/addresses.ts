import type { HDKey } from "@scure/bip32";
import { p2ms, p2pkh, p2sh, p2wpkh } from "@scure/btc-signer";

/** The two chains below an account's node, BIP-44: addresses handed out, and change. */
export type Chain = "external" | "internal";

const CHAIN_INDEX: Record<Chain, number> = { external: 0, internal: 1 };

/** Scripts of accounts with one key. */
export type SingleKeyScript = "p2pkh" | "p2wpkh";

export function isSingleKeyScript(script: string | undefined): script is SingleKeyScript {
  return script === "p2pkh" || script === "p2wpkh";
}

/** The mainnet address of key `index` on a chain below a standard account's node. */
export function standardAddress(node: HDKey, script: SingleKeyScript, chain: Chain, index: number): string {
  const publicKey = publicKeyAt(node, chain, index);
  return addressOf(script === "p2pkh" ? p2pkh(publicKey) : p2wpkh(publicKey));
}

/**
 * The mainnet P2SH address that takes both devices to spend from: the wallet's key below its account's node, and the
 * authenticator's key at the same chain and index below its master public key.
 */
export function pairedAddress(node: HDKey, authenticator: HDKey, chain: Chain, index: number): string {
  return twoSignaturesAddress([publicKeyAt(node, chain, index), publicKeyAt(authenticator, chain, index)]);
}

/** P2SH of a script that needs two signatures, its compressed public keys in lexicographic order. @see BIP-67 */
export function twoSignaturesAddress(publicKeys: readonly Uint8Array[]): string {
  return addressOf(p2sh(p2ms(2, sortPublicKeys(publicKeys))));
}

/** A sorted copy: ascending by byte. @see BIP-67 */
export function sortPublicKeys(publicKeys: readonly Uint8Array[]): Uint8Array[] {
  return [...publicKeys].sort((a, b) => {
    const at = a.findIndex((byte, i) => byte !== b[i]);
    return at < 0 ? 0 : (a[at] as number) - (b[at] as number);
  });
}

function publicKeyAt(node: HDKey, chain: Chain, index: number): Uint8Array {
  const { publicKey } = node.deriveChild(CHAIN_INDEX[chain]).deriveChild(index);
  if (!publicKey) throw new Error(`There is no public key at ${CHAIN_INDEX[chain]}/${index}`);
  return publicKey;
}

function addressOf(payment: { address?: string | undefined }): string {
  if (payment.address === undefined) throw new Error("This script has no address");
  return payment.address;
}
