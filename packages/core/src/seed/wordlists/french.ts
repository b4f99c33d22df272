import { wordlist as words } from "@scure/bip39/wordlists/french.js";
import type { Wordlist } from "../wordlist.ts";

/** The French words of BIP-39. */
export const wordlist: Wordlist = words;
