import { CloudBackupError } from "@cloudbackup/client";

/** By code, what the person can do. */
const ADVICE: Record<string, string> = {
  ERR_CB_UNREACHABLE:
    "Nothing is known of the backup, and nothing is lost. Check the connection and the address, and try again.",
  ERR_CB_BAD_RESPONSE:
    "What answered is no backup server: check the address, or log in to the network that you are in.",
  ERR_CB_REDIRECTED: "The server is at another address: enter that one.",
  ERR_CB_BAD_CREDENTIALS: "Try again, or use the words alone: they need no password.",
  ERR_CB_NOT_ACTIVATED: "Open the link in the e-mail first.",
  ERR_CB_USERNAME_TAKEN: "Choose another name.",
  ERR_CB_NO_WALLET:
    "Compare the words with what was written down. If they are right, this server never had a backup of them.",
  ERR_CB_NO_BACKUP: "There is nothing to restore: the wallet was registered and never backed up.",
  ERR_CB_NOT_YOURS: "Sign in as that user, or with the words alone.",
  ERR_CB_REVISION_CONFLICT: "Another device has written; its changes and yours are brought together.",
  ERR_CB_RESTORE_FIRST: "The server holds a backup that this page has not seen: restore it first.",
  ERR_CB_WOULD_SHRINK: "Much would be lost by this backup, so it was not sent. Restore the one before it.",
  ERR_CB_TAMPERED: "The server's copy is damaged. Keep this page open, and tell whoever runs the server.",
  ERR_CB_INCOMPLETE: "The server has lost a part. Keep this page open, and tell whoever runs the server.",
  ERR_CB_WENT_BACK:
    "The server shows an older state than this page has seen. Do not restore it; tell whoever runs the server.",
  ERR_CB_FORK: "The server's history is not the one that this page has seen. Tell whoever runs the server.",
  ERR_CB_WALLET_GONE: "The server has lost this wallet. Keep this page open, and tell whoever runs the server.",
  ERR_CB_ANOTHER_REALM: "This is another server than before at the same address. Ask whoever runs it.",
  ERR_CB_INVALID_MNEMONIC: "Compare the words with what was written down, one by one.",
  ERR_CB_MNEMONIC_CHECKSUM: "Compare the words, and their order, with what was written down.",
  ERR_CB_NO_QR_CODE:
    "Take the picture again: straight from above, closer, with even light and some white around the code.",
  ERR_CB_INVALID_SEED_QR: "Look for the code of the wallet's words; others lead elsewhere.",
  ERR_CB_STORAGE_FULL: "Free some room on this device, and try again.",
  ERR_CB_QUOTA_EXCEEDED: "The server takes no more of this user.",
};

/** A sentence of what is wrong, one of what to do, and the code that the documentation explains. */
export function explain(error: unknown): { what: string; advice: string; code: string } {
  if (!(error instanceof CloudBackupError)) {
    return { what: error instanceof Error ? error.message : String(error), advice: "", code: "" };
  }
  const otherwise = error.retryable ? "Try again in a while." : "";
  return { what: `${error.message}.`, advice: ADVICE[error.code] ?? otherwise, code: error.code };
}
