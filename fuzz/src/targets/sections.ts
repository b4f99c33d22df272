import { joinBytes } from "../../../packages/core/src/bytes.ts";
import { encodeCbor } from "../../../packages/core/src/cbor.ts";
import type { Sections } from "../../../packages/core/src/dump/checksum.ts";
import { decodeDump, encodeDump } from "../../../packages/core/src/dump/codec.ts";
import type { Dump } from "../../../packages/core/src/dump/dump.ts";
import { InvalidDumpError } from "../../../packages/core/src/errors.ts";
import { dump as anyDump } from "../../../packages/core/test/property/arbitraries.ts";
import { labels, sectionBodies } from "../corpus.ts";
import { everyItem, type Item, parseItems } from "../mutate-cbor.ts";
import type { Source } from "../source.ts";
import { attempt, claimEqual, defineTarget, type Target } from "../target.ts";
import { mutantOf } from "./bundles.ts";

/** Records of the sections that have a definition; longer bodies would only cost time. */
const DEFINED = ["accounts", "pairings", "labels", "descriptors"];
const MAX_BODY_BYTES = 2_000;

export const sectionTargets: readonly Target[] = [
  defineTarget({
    name: "decodeDump",
    share: 30,
    open: () => {
      const mutate = sectionMutator();
      return {
        make: (source) => (source.oneIn(100) ? mutate(source, encodeDump(source.draw(anyDump))) : mutate(source)),
        check: (sections: Sections) => {
          const { outcome, value } = attempt(() => decodeDump(sections), [InvalidDumpError]);
          if (value) checkDump(value);
          return outcome;
        },
      };
    },
  }),
];

const descriptors = [
  { descriptor: "raw(deadbeef)#89f8spxm", name: "Raw", next: 7, timestamp: 1_700_000_000 },
  { descriptor: "wpkh(02f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9)#8zl0zxma" },
];

/** Changes the body of one section of those given, or of the vectors'. */
export function sectionMutator(): (source: Source, sections?: Sections) => Sections {
  const seeds = DEFINED.map((name) => {
    const bodies = sectionBodies.filter((section) => section.name === name && section.body.length <= MAX_BODY_BYTES);
    const more =
      name === "labels"
        ? [joinBytes(labels.map((label) => encodeCbor(recordOf(label))))]
        : name === "descriptors"
          ? [joinBytes(descriptors.map((record) => encodeCbor(record)))]
          : [];
    return { name, bodies: [...bodies.map(({ body }) => body), ...more].filter((body) => body.length > 0) };
  });
  const everyBody = seeds.flatMap(({ bodies }) => bodies);
  const donors: readonly Item[] = everyBody.flatMap(parseItems).flatMap((item) => everyItem([item]));
  return (source, sections) => {
    const { name, bodies } = source.pick(seeds);
    const given = sections?.get(name);
    const from = given && given.length > 0 && given.length <= MAX_BODY_BYTES ? [given] : bodies;
    const body = mutantOf(source, from, from.map(parseItems), donors);
    return new Map([
      ...(sections ?? [
        ["accounts", new Uint8Array()],
        ["pairings", new Uint8Array()],
      ]),
      [name, body],
    ]);
  };
}

/** A dump that was read is written as one that reads the same. */
export function checkDump(dump: Dump): void {
  const sections = encodeDump(dump);
  const again = encodeDump(decodeDump(sections));
  claimEqual(again, sections, "a dump that was read is written, and read again, as the same");
}

/** A line of BIP-329 as a record: what the section has no key for goes into `more`. */
function recordOf(line: object): object {
  const known = ["type", "ref", "label", "origin", "spendable"];
  const entries = Object.entries(line);
  const more = Object.fromEntries(entries.filter(([key]) => !known.includes(key)));
  return { ...Object.fromEntries(entries.filter(([key]) => known.includes(key))), more: JSON.stringify(more) };
}
