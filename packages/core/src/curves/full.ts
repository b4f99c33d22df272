import { ed25519 as curve } from "@noble/curves/ed25519.js";
import type { Ed25519 } from "./curves.ts";

export { HDKey } from "@scure/bip32";

/** By the libraries as they are, where size is no matter. */
export const ed25519: Ed25519 = curve;
