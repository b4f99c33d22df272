/**
 * `@cloudbackup/core/interchange`: dumps as texts and files of other programs, and back.
 *
 * @module interchange
 */
export { descriptorChecksum, withChecksum } from "./dump/descriptor-checksum.ts";
export type { Cosigner, ImportOptions } from "./interchange/accounts-builder.ts";
export { addImported } from "./interchange/add-imported.ts";
export { importCaravan } from "./interchange/caravan.ts";
export { importColdcard } from "./interchange/coldcard.ts";
export {
  type DescriptorTree,
  expandDescriptor,
  formatDescriptor,
  parseDescriptor,
  type ScriptExpression,
} from "./interchange/descriptor.ts";
export { formatDumpJson, parseDumpJson } from "./interchange/dump-json.ts";
export { InvalidDumpJsonError } from "./interchange/dump-json-reader.ts";
export type { Place } from "./interchange/errors.ts";
export { ImportError, NotExportableError } from "./interchange/errors.ts";
export { type ExportDescriptorsOptions, exportDescriptors } from "./interchange/export-descriptors.ts";
export { exportCaravan, exportColdcard } from "./interchange/export-multisig.ts";
export type { ExportOptions } from "./interchange/exportable.ts";
export type { ExtendedKey } from "./interchange/extended-key.ts";
export { importDescriptors } from "./interchange/import-descriptors.ts";
export { importWallet, type WalletFormat } from "./interchange/import-wallet.ts";
export type { KeyExpression, KeyOrigin } from "./interchange/key-expression.ts";
export { exportLabels, importLabels } from "./interchange/labels.ts";
export {
  formatLabels,
  InvalidLabelsError,
  type LabelProblem,
  type ParsedLabels,
  parseLabels,
} from "./interchange/labels-jsonl.ts";
export { masterFingerprint } from "./interchange/own-key.ts";
export type { Exported, Imported, ReportItem } from "./interchange/report.ts";
