import fc from "fast-check";
import { decodeDump, encodeDump } from "../../../packages/core/src/dump/codec.ts";
import { InvalidDumpError } from "../../../packages/core/src/errors.ts";
import { formatDumpJson, parseDumpJson } from "../../../packages/core/src/interchange/dump-json.ts";
import { InvalidDumpJsonError } from "../../../packages/core/src/interchange/dump-json-reader.ts";
import { sectionBodies } from "../corpus.ts";
import { mutateBytes } from "../mutate-bytes.ts";
import { mutateJson } from "../mutate-json.ts";
import type { Source } from "../source.ts";
import { attempt, claim, claimEqual, defineTarget, type Target } from "../target.ts";

/** What is read over and over stays small. */
const MAX_BODY_BYTES = 2_000;
const anyText = fc.string({ unit: "binary", maxLength: 60 });

export const dumpJsonTargets: readonly Target[] = [
  defineTarget({
    name: "parseDumpJson",
    share: 10,
    open: () => ({
      make: (source) => (source.oneIn(20) ? source.draw(anyText) : mutantOf(source)),
      check: (text: string) => {
        const { outcome, value } = attempt(() => parseDumpJson(text), [InvalidDumpJsonError, InvalidDumpError]);
        if (!value) return outcome;
        claim(isJson(text), "what is read is JSON");
        const again = formatDumpJson(value);
        claimEqual(encodeDump(parseDumpJson(again)), encodeDump(value), "what was written reads as the same");
        return outcome;
      },
    }),
  }),
];

const texts: readonly string[] = sectionBodies
  .filter(({ body }) => body.length <= MAX_BODY_BYTES)
  .flatMap(({ name, body }) => {
    const empty = { accounts: new Uint8Array(), pairings: new Uint8Array() };
    const { value } = attempt(
      () => formatDumpJson(decodeDump(new Map(Object.entries({ ...empty, [name]: body })))),
      [InvalidDumpError],
    );
    return value ?? [];
  });

/** A change of the structure, or of the text. */
function mutantOf(source: Source): string {
  const text = source.pick(texts);
  const bytes = new TextEncoder().encode(text);
  const mutant = source.oneIn(2) ? mutateJson(source, JSON.parse(text)) : mutateBytes(source, bytes, bytes);
  return new TextDecoder().decode(mutant);
}

/** A mark at its beginning is of the file, not of the text. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text.replace(/^\ufeff/, ""));
    return true;
  } catch {
    return false;
  }
}
