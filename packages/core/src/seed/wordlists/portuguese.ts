import { wordlist as words } from "@scure/bip39/wordlists/portuguese.js";
import type { Wordlist } from "../wordlist.ts";

/** The Portuguese words of BIP-39. */
export const wordlist: Wordlist = words;
