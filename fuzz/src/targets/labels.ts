import fc from "fast-check";
import { InvalidDumpError } from "../../../packages/core/src/errors.ts";
import { formatLabels, InvalidLabelsError, parseLabels } from "../../../packages/core/src/interchange/labels-jsonl.ts";
import { labelFiles } from "../corpus.ts";
import { mutateBytes } from "../mutate-bytes.ts";
import type { Source } from "../source.ts";
import { attempt, claim, claimEqual, defineTarget, type Target } from "../target.ts";

const anyText = fc.string({ unit: "binary", maxLength: 60 });

export const labelTargets: readonly Target[] = [
  defineTarget({
    name: "parseLabels",
    share: 20,
    open: () => ({
      make: (source) => (source.oneIn(20) ? source.draw(anyText) : mutantOf(source)),
      check: (text: string) => {
        const { outcome, value } = attempt(() => parseLabels(text), [InvalidLabelsError]);
        if (!value) return outcome;
        const lines = text.split("\n").filter((line) => line.trim().length > 0).length;
        claim(value.labels.length + value.problems.length <= lines, "a line is a label, or a problem, and never both");
        const again = attempt(() => formatLabels(value.labels), [InvalidDumpError]);
        claim(again.value !== undefined, "what was read is written");
        const { labels, problems } = parseLabels(again.value);
        claimEqual(labels, value.labels, "what was written reads as the same");
        claimEqual(problems, [], "what was written has no problems");
        return outcome;
      },
    }),
  }),
];

/** Bytes changed, read as UTF-8 as far as they are. */
function mutantOf(source: Source): string {
  const bytes = new TextEncoder().encode(source.pick(labelFiles));
  return new TextDecoder().decode(mutateBytes(source, bytes, bytes));
}
