/**
 * Format 1 of CloudBackup: dumps, keys, backups.
 *
 * @module
 * @mergeModuleWith <project>
 */
export { BackupCache, createBackupCache, PreparedDump, type PrepareOptions, prepareDump } from "./backup-cache.ts";
export type { EncodedSection } from "./chunks/encoded-section.ts";
export type { Manifest, MirrorMark, SectionEntry } from "./chunks/manifest.ts";
export type { ChunkMap } from "./chunks/section-chunks.ts";
export {
  type Backup,
  type CreateBackupOptions,
  changedSections,
  createBackup,
  foldChain,
} from "./create-backup.ts";
export type { Account, AccountChain } from "./dump/accounts.ts";
export { payloadChecksum, type Sections } from "./dump/checksum.ts";
export { decodeDump, encodeDump, serializeDump } from "./dump/codec.ts";
export { type CompareOptions, compareSection, type RecordDifference, type SectionComparison } from "./dump/compare.ts";
export type { Contact } from "./dump/contacts.ts";
export type { Descriptor } from "./dump/descriptors.ts";
export { type Dump, type DumpOf, RawSection } from "./dump/dump.ts";
export type { Filter } from "./dump/filters.ts";
export type { BlockHeaders } from "./dump/headers.ts";
export type { Label } from "./dump/labels.ts";
export { type MergeConflict, type MergeOptions, type MergeResolver, mergeDumps } from "./dump/merge.ts";
export type { Key } from "./dump/order.ts";
export type { Pairing } from "./dump/pairings.ts";
export {
  type AnySectionDefinition,
  defineSection,
  type MergeRule,
  type RecordOf,
  type SectionDefinition,
} from "./dump/sections.ts";
export type { Transaction } from "./dump/transactions.ts";
export { openAtHome, sealAtHome } from "./envelope/at-home.ts";
export type { Random } from "./envelope/envelope.ts";
export {
  CloudBackupError,
  DoesNotDecryptError,
  IncompleteError,
  InvalidDumpError,
  TamperedError,
  TooLargeError,
  UnsupportedVersionError,
} from "./errors.ts";
export { BackupKeys, deriveBackupKeys, type KeySource, NO_REALM } from "./keys/backup-keys.ts";
export { isDerivationPath } from "./keys/derivation-path.ts";
export { MAX_PAYLOAD_BYTES } from "./limits.ts";
export {
  type OpenedBackup,
  type Opener,
  type OpeningStep,
  type OpenOptions,
  openBackup,
  openBackupInSteps,
  openManifest,
} from "./open-backup.ts";
export { defaultPrimitives } from "./primitives/default.ts";
export { portablePrimitives } from "./primitives/portable.ts";
export type { Primitives, RunningSha256 } from "./primitives/primitives.ts";
export { Redacted } from "./redacted.ts";
export { type BackupState, chunkIdsOf, readState, readStateSections } from "./state.ts";
export type { Steps } from "./steps.ts";
