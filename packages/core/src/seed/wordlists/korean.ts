import { wordlist as words } from "@scure/bip39/wordlists/korean.js";
import type { Wordlist } from "../wordlist.ts";

/** The Korean words of BIP-39. */
export const wordlist: Wordlist = words;
