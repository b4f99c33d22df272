import { CloudBackupError } from "@cloudbackup/core";

/** The program was called in a way that it does not know. */
export class UsageError extends CloudBackupError {
  constructor(message: string) {
    super("ERR_CB_USAGE", message);
  }
}

/** Something must be asked, and there is no terminal to ask at. */
export class NoTerminalError extends CloudBackupError {
  constructor(what: string, instead: string) {
    super("ERR_CB_NO_TERMINAL", `${what} cannot be asked for: there is no terminal. ${instead}`);
  }
}

/** A file cannot be read or written. */
export class FileError extends CloudBackupError {
  constructor(message: string, options?: { cause?: unknown }) {
    super("ERR_CB_FILE", message, options);
  }
}

/** The restore drill found that the backup is not what the file says. */
export class DiffersError extends CloudBackupError {
  constructor(message: string) {
    super("ERR_CB_DIFFERS", message);
  }
}

/** A person or another program ended it. */
export class InterruptedError extends CloudBackupError {
  /** 128 and the signal's number, as shells have it. */
  readonly exitCode: number;

  constructor(exitCode: number) {
    super("ERR_CB_INTERRUPTED", "Interrupted");
    this.exitCode = exitCode;
  }
}

/** The server has no wallet of a valid seed. */
export class NothingFoundError extends CloudBackupError {
  constructor(by: "words" | "shares") {
    super("ERR_CB_NO_WALLET", `This server has no backup for these ${by}. ${CAUSES[by]} Nothing has been changed.`);
  }
}

/** The server knows the wallet, and nobody has backed it up. */
export class NotBackedUpError extends CloudBackupError {
  constructor() {
    super(
      "ERR_CB_NO_BACKUP",
      "This server knows the wallet, and has no backup of it yet: cloudbackup backup makes the first. Nothing has been changed.",
    );
  }
}

const CAUSES = {
  words: "The words are valid. Usual causes: a passphrase (25th word), another server, another wallet's words.",
  shares:
    "The shares belong together. Usual causes: a passphrase, which no share can say is wrong, another server, another wallet's shares.",
};
