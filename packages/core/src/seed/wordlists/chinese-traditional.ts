import { wordlist as words } from "@scure/bip39/wordlists/traditional-chinese.js";
import type { Wordlist } from "../wordlist.ts";

/** The Chinese (traditional) words of BIP-39. */
export const wordlist: Wordlist = words;
