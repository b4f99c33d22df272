import { wordlist as words } from "@scure/bip39/wordlists/simplified-chinese.js";
import type { Wordlist } from "../wordlist.ts";

/** The Chinese (simplified) words of BIP-39. */
export const wordlist: Wordlist = words;
