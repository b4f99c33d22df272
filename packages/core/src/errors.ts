/**
 * Everything that data or environment can make fail. Programmer mistakes are `TypeError` or `RangeError` instead.
 *
 * `code` is stable and is what a program compares; `message` is for people and may change. No message, and no `cause`,
 * holds a key, a word of a mnemonic or a plaintext.
 */
export class CloudBackupError extends Error {
  /** Stable, `ERR_CB_…`. */
  readonly code: string;
  /** Whether the same call can succeed later without anybody changing anything. */
  readonly retryable: boolean;

  constructor(code: string, message: string, options: { cause?: unknown; retryable?: boolean } = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.name = new.target.name;
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/** Made by another version of the format: update the wallet, nothing is wrong with the data. */
export class UnsupportedVersionError extends CloudBackupError {
  constructor(message: string, options?: { cause?: unknown }) {
    super("ERR_CB_UNSUPPORTED_VERSION", message, options);
  }
}

/** The backup belongs to another seed (or passphrase): its wallet id is not that of the keys. */
export class DoesNotDecryptError extends CloudBackupError {
  constructor(message: string, options?: { cause?: unknown }) {
    super("ERR_CB_DOES_NOT_DECRYPT", message, options);
  }
}

/** The bytes are not what a writer of this wallet sealed: damaged or forged. Nothing of them is released. */
export class TamperedError extends CloudBackupError {
  constructor(message: string, options?: { cause?: unknown }) {
    super("ERR_CB_TAMPERED", message, options);
  }
}

/** A chunk that the backup lists is not there. */
export class IncompleteError extends CloudBackupError {
  /** Ids of the chunks that are missing, lower-case hex. */
  readonly missing: readonly string[];

  constructor(message: string, missing: readonly string[], options?: { cause?: unknown }) {
    super("ERR_CB_INCOMPLETE", message, options);
    this.missing = missing;
  }
}

/** A dump breaks the rules of its sections. `section`, `index` and `path` say where. */
export class InvalidDumpError extends CloudBackupError {
  /** Name of the section that is wrong. */
  readonly section: string;
  /** Position of the record in its section, from 0; undefined where the section as a whole is wrong. */
  readonly index: number | undefined;
  /** Key within the record, dotted: `external.next`; undefined where the record as a whole is wrong. */
  readonly path: string | undefined;

  constructor(
    problem: string,
    at: { section: string; index?: number | undefined; path?: string | undefined },
    options?: { cause?: unknown },
  ) {
    const record = at.index === undefined ? at.section : `${at.section}[${at.index}]`;
    super("ERR_CB_INVALID_DUMP", `${record}${at.path ? `.${at.path}` : ""}: ${problem}`, options);
    this.section = at.section;
    this.index = at.index;
    this.path = at.path;
  }
}

/** More than this reader or writer is ready to hold: raise the limit if the backup really is that large. */
export class TooLargeError extends CloudBackupError {
  constructor(message: string, options?: { cause?: unknown }) {
    super("ERR_CB_TOO_LARGE", message, options);
  }
}
