import { CloudBackupError } from "../errors.ts";

/** Where in a text something is. */
export interface Place {
  /** From 1. */
  line?: number | undefined;
  /** Keys and positions that lead there, `extendedPublicKeys[0].xpub`. */
  path?: string | undefined;
}

/** A text is not what another wallet writes, or has what must not be in a dump. It never says a key; `line` and `path` say where. */
export class ImportError extends CloudBackupError {
  /** From 1; undefined where the text as a whole is wrong. */
  readonly line: number | undefined;
  /** Keys and positions that lead there, in JSON: `extendedPublicKeys[0].xpub`. */
  readonly path: string | undefined;

  constructor(problem: string, at: Place = {}, options?: { cause?: unknown }) {
    const place = [at.line === undefined ? "" : `Line ${at.line}`, at.path ? `(${at.path})` : ""]
      .filter(Boolean)
      .join(" ");
    super("ERR_CB_INVALID_IMPORT", `${place ? `${place}: ` : ""}${problem}`, options);
    this.line = at.line;
    this.path = at.path || undefined;
  }
}

/** The other wallet has no form for this account. */
export class NotExportableError extends CloudBackupError {
  constructor(message: string, options?: { cause?: unknown }) {
    super("ERR_CB_NOT_EXPORTABLE", message, options);
  }
}
