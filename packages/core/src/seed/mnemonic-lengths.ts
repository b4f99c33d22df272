/** BIP-39, "Generating the mnemonic": three words for every four bytes of entropy. */
const WORD_COUNTS = [12, 15, 18, 21, 24];
const ENTROPY_BYTES = /* @__PURE__ */ WORD_COUNTS.map(entropyBytesOf);

/** Whether a mnemonic may have so many words. */
export function isMnemonicLength(words: number): boolean {
  return WORD_COUNTS.includes(words);
}

/** Whether a mnemonic may write down so many bytes. */
export function isEntropyLength(bytes: number): boolean {
  return ENTROPY_BYTES.includes(bytes);
}

/** How many bytes so many words write down. */
export function entropyBytesOf(words: number): number {
  return (words / 3) * 4;
}
