/**
 * `@cloudbackup/core/interchange`: dumps as texts and files of other programs, and back.
 *
 * @module interchange
 */
export { descriptorChecksum, withChecksum } from "./dump/descriptor-checksum.ts";
export {
  type DescriptorTree,
  expandDescriptor,
  formatDescriptor,
  parseDescriptor,
  type ScriptExpression,
} from "./interchange/descriptor.ts";
export { formatDumpJson, InvalidDumpJsonError, parseDumpJson } from "./interchange/dump-json.ts";
export type { Place } from "./interchange/errors.ts";
export { ImportError, NotExportableError } from "./interchange/errors.ts";
export type { ExtendedKey } from "./interchange/extended-key.ts";
export type { KeyExpression, KeyOrigin } from "./interchange/key-expression.ts";
export {
  formatLabels,
  InvalidLabelsError,
  type LabelProblem,
  type ParsedLabels,
  parseLabels,
} from "./interchange/labels-jsonl.ts";
