import { copyBytes, sharedStart } from "../bytes.ts";
import type { BackupKeys } from "../keys/backup-keys.ts";
import type { RunningSha256 } from "../primitives/primitives.ts";
import type { SectionEntry } from "./manifest.ts";
import type { CutBody } from "./recut.ts";
import { type StoredSection, storeSection } from "./section-chunks.ts";

/**
 * The body of a section at one moment, for one wallet in one realm, and what was made of it so far. It never changes.
 *
 * It starts from what was made of the section before, as far as that is the same by its bytes.
 */
export class EncodedSection {
  /** Of the section. */
  readonly name: string;
  /** Not to be changed, nor given out. */
  readonly body: Uint8Array;
  /** SHA-256 of the body; the same holds. */
  readonly sum: Uint8Array;
  readonly #keys: BackupKeys;
  /** Of the body. A section that begins with this one takes it over and goes on. */
  #hash: RunningSha256 | undefined;
  #stored: StoredSection | undefined;
  /** How the section before was cut, until this one is cut itself. */
  #before: CutBody | undefined;

  constructor(keys: BackupKeys, name: string, body: Uint8Array, before?: EncodedSection) {
    this.name = name;
    this.body = body;
    this.#keys = keys;
    if (before) this.#before = before.#stored ? { body: before.body, list: before.#stored.list } : before.#before;
    const known = before ? before.#handOverHash(body) : undefined;
    this.#hash = known ?? keys.primitives.createSha256();
    this.#hash.update(known && before ? body.subarray(before.body.length) : body);
    this.sum = this.#hash.digest();
  }

  /**
   * The entry, the caller's, and the chunks: views of the body, and of its lists.
   *
   * @internal
   */
  store(gear: () => Int32Array): Pick<StoredSection, "entry" | "chunks"> {
    this.#stored ??= storeSection(this.#keys, gear(), this.name, this.body, { sum: this.sum, before: this.#before });
    this.#before = undefined;
    return { entry: copyEntry(this.#stored.entry), chunks: this.#stored.chunks };
  }

  /** To a body that begins with this one; whoever takes it goes on where this one ends. */
  #handOverHash(longer: Uint8Array): RunningSha256 | undefined {
    if (sharedStart(this.body, longer) < this.body.length) return undefined;
    const hash = this.#hash;
    this.#hash = undefined;
    return hash;
  }
}

/** Manifests are given out: nobody who writes into one may change what a later backup holds. */
function copyEntry(entry: SectionEntry): SectionEntry {
  const sum = copyBytes(entry.sum);
  if ("data" in entry) return { ...entry, sum, data: copyBytes(entry.data) };
  return { ...entry, sum, chunks: entry.chunks.map(({ id, size }) => ({ id: copyBytes(id), size })) };
}
