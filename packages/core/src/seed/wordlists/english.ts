import { wordlist as words } from "@scure/bip39/wordlists/english.js";
import type { Wordlist } from "../wordlist.ts";

/** The English words of BIP-39. */
export const wordlist: Wordlist = words;
