import { wordlist as words } from "@scure/bip39/wordlists/italian.js";
import type { Wordlist } from "../wordlist.ts";

/** The Italian words of BIP-39. */
export const wordlist: Wordlist = words;
