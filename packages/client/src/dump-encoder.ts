import {
  type AnySectionDefinition,
  type BackupKeys,
  createBackupCache,
  type Dump,
  type PreparedDump,
  prepareDump,
} from "@cloudbackup/core";

/** Who reads the dumps of a wallet, and says which sections have changed from one to the next. */
export interface DumpSource {
  /** The same object for all of its dumps. */
  reader: object;
  /** What this device held before the dump was read, `standingOf`; once it is stored, what it has held since. */
  standing: string;
  /** Names of the sections that may differ from its last dump; undefined: any may. */
  changed: readonly string[] | undefined;
}

/**
 * Encodes the dumps of one wallet one after the other, so that what came of one serves the next. What has changed is
 * believed only of a reader whose dump was the last one, and while this device holds what came of that: since another's
 * dump, and since a backup was taken over by whomever, anything may have.
 */
export class DumpEncoder {
  readonly #keys: BackupKeys;
  readonly #sections: readonly AnySectionDefinition[];
  readonly #cache = createBackupCache();
  #last: DumpSource | undefined;

  constructor(keys: BackupKeys, sections: readonly AnySectionDefinition[]) {
    this.#keys = keys;
    this.#sections = sections;
  }

  /** @throws InvalidDumpError */
  encode(dump: Dump, source?: DumpSource): PreparedDump {
    const isBelieved = source?.reader === this.#last?.reader && source?.standing === this.#last?.standing;
    const prepared = prepareDump(dump, {
      keys: this.#keys,
      sections: this.#sections,
      cache: this.#cache,
      changed: isBelieved ? source?.changed : undefined,
    });
    this.#last = source;
    return prepared;
  }

  /** The wallet's content is about to be replaced by what was backed up, or nobody needs it any more. */
  forget(): void {
    this.#cache.forget();
    this.#last = undefined;
  }
}
