/**
 * How a backup travels, and when.
 *
 * @module
 * @mergeModuleWith <project>
 */
export type { AnySectionDefinition, Dump, DumpOf, MergeConflict, MergeResolver } from "@cloudbackup/core";
export { type Client, createClient } from "./account.ts";
export type { AutoBackup, AutoBackupOptions } from "./auto-backup.ts";
export type { AutoStatus } from "./auto-status.ts";
export type { Clock } from "./clock.ts";
export type { Connectivity } from "./connectivity.ts";
export {
  AnotherRealmError,
  BadCredentialsError,
  BadResponseError,
  ChunksMissingError,
  CloudBackupError,
  DoesNotDecryptError,
  ForkError,
  IncompleteError,
  InvalidDumpError,
  NoBackupError,
  NotActivatedError,
  NotSignedInError,
  NotYoursError,
  NoWalletError,
  QuorumError,
  QuotaExceededError,
  RateLimitedError,
  RedirectedError,
  RefusedError,
  RestoreFirstError,
  RevisionConflictError,
  SameRealmError,
  ServerError,
  TamperedError,
  TokenSpentError,
  TooLargeError,
  UnavailableError,
  UnreachableError,
  UnsupportedVersionError,
  UsernameTakenError,
  WalletGoneError,
  WentBackError,
  WouldShrinkError,
  WrongOriginError,
} from "./errors.ts";
export type { ApplyMerged, MergedFrom } from "./merge-backup.ts";
export { MergeConflictError } from "./merge-conflict-error.ts";
export type { MirrorReceipt } from "./mirror-backup.ts";
export type { MirrorStanding } from "./mirror-standing.ts";
export type {
  MirroredReceipt,
  MirroredReport,
  MirroredRestore,
  MirroredWallet,
  MirrorInfo,
} from "./mirrored-wallet.ts";
export { createMirrors, type Mirrors, type MirrorsOptions } from "./mirrors.ts";
export type { MovedWallet } from "./move-to.ts";
export { type OpenedFile, type OpenFileOptions, openFile } from "./open-file.ts";
export type { ClientOptions, Fetch } from "./options.ts";
export type { OnProgress, Progress } from "./progress.ts";
export type { Reconciled, ReconcileFindings, ReconcileOptions } from "./reconcile.ts";
export type { RestoredBackup, RestoreOptions } from "./restore.ts";
export type { RetryOptions } from "./retry.ts";
export type { ServerInfo } from "./server-info.ts";
export type { SessionInfo } from "./session-info.ts";
export { memoryStorage, type Storage } from "./storage.ts";
export type { RecordReport, SectionReport, VerifyReport } from "./verify.ts";
export type { WalletBackup } from "./wallet-backup.ts";
export type { CommitReceipt, HistoryEntry, WalletInfo } from "./wallet-requests.ts";
export type { RemoteRevision, WatchOptions } from "./watch.ts";
export type { BackupOptions, BackupReceipt } from "./write-backup.ts";
