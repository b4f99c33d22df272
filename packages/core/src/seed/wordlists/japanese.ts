import { wordlist as words } from "@scure/bip39/wordlists/japanese.js";
import type { Wordlist } from "../wordlist.ts";

/** The Japanese words of BIP-39. */
export const wordlist: Wordlist = words;
