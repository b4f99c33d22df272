/**
 * `@cloudbackup/core/interchange`: dumps as texts and files of other programs, and back.
 *
 * @module interchange
 */
export { descriptorChecksum, withChecksum } from "./dump/descriptor-checksum.ts";
export { formatDumpJson, InvalidDumpJsonError, parseDumpJson } from "./interchange/dump-json.ts";
export {
  formatLabels,
  InvalidLabelsError,
  type LabelProblem,
  type ParsedLabels,
  parseLabels,
} from "./interchange/labels-jsonl.ts";
