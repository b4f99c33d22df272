import { wordlist as words } from "@scure/bip39/wordlists/spanish.js";
import type { Wordlist } from "../wordlist.ts";

/** The Spanish words of BIP-39. */
export const wordlist: Wordlist = words;
