import { NETWORK, p2ms, p2sh, p2wsh, TEST_NETWORK } from "@scure/btc-signer";
import type { HDKey } from "#curves";
import { compareBytes } from "../../../src/bytes.ts";

/** The 2-of-n address of these nodes at c/i below each, keys in BIP-67's order. */
export function multisigAddress(
  nodes: readonly HDKey[],
  required: number,
  script: string,
  isMainnet: boolean,
  chain: number,
  index: number,
): string {
  const keys = nodes.map((node) => node.deriveChild(chain).deriveChild(index).publicKey as Uint8Array);
  const sorted = keys.sort(compareBytes);
  const network = isMainnet ? NETWORK : TEST_NETWORK;
  const multi = p2ms(required, sorted);
  const output =
    script === "p2sh"
      ? p2sh(multi, network)
      : script === "p2wsh"
        ? p2wsh(multi, network)
        : p2sh(p2wsh(multi, network), network);
  return output.address as string;
}
