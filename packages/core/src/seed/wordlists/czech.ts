import { wordlist as words } from "@scure/bip39/wordlists/czech.js";
import type { Wordlist } from "../wordlist.ts";

/** The Czech words of BIP-39. */
export const wordlist: Wordlist = words;
