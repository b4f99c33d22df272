/** What few calls need; `loadLater` loads it with the first of them. Nothing else imports this. */
export { acceptRealm } from "./accept-realm.ts";
export { mergeLatest } from "./merge-backup.ts";
export { moveTo } from "./move-to.ts";
export { readBackup } from "./read-backup.ts";
export { reconcile } from "./reconcile.ts";
export { activate, register, untilActivated } from "./registration.ts";
export { readStanding } from "./replace.ts";
export { restore } from "./restore.ts";
export { sessionInfoOf } from "./session-info.ts";
export { compareWithBackup } from "./verify.ts";
export { watchRevisions } from "./watch.ts";
