/** So many keys are looked through; the records of a section have fewer. */
const MAX_KEYS = 32;

/** The keys of maps that a reader came across, so that those that every record has are made once. */
export class KnownKeys {
  readonly #bytes: Uint8Array;
  readonly #known: { start: number; end: number; text: string }[] = [];

  /** @param bytes that the keys stand in */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The key whose bytes are those from `start` to `end`; undefined where it is not known. */
  find(start: number, end: number): string | undefined {
    for (const known of this.#known) if (this.#isSame(known, start, end)) return known.text;
    return undefined;
  }

  add(start: number, end: number, text: string): void {
    if (this.#known.length < MAX_KEYS) this.#known.push({ start, end, text });
  }

  #isSame(known: { start: number; end: number }, start: number, end: number): boolean {
    if (known.end - known.start !== end - start) return false;
    const bytes = this.#bytes;
    for (let i = end - start - 1; i >= 0; i--) if (bytes[known.start + i] !== bytes[start + i]) return false;
    return true;
  }
}
