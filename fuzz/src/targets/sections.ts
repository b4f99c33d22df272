import { hexToBytes, joinBytes } from "../../../packages/core/src/bytes.ts";
import { encodeCbor } from "../../../packages/core/src/cbor.ts";
import type { Sections } from "../../../packages/core/src/dump/checksum.ts";
import { decodeDump, encodeDump } from "../../../packages/core/src/dump/codec.ts";
import type { Dump } from "../../../packages/core/src/dump/dump.ts";
import { InvalidDumpError } from "../../../packages/core/src/errors.ts";
import { parseLabels } from "../../../packages/core/src/interchange/labels-jsonl.ts";
import { dump as anyDump } from "../../../packages/core/test/property/arbitraries.ts";
import { blocks, labelFiles, sectionBodies } from "../corpus.ts";
import { everyItem, type Item, parseItems } from "../mutate-cbor.ts";
import type { Source } from "../source.ts";
import { attempt, claimEqual, defineTarget, type Target } from "../target.ts";
import { mutantOf } from "./bundles.ts";

/** Records of the sections that have a definition; longer bodies would only cost time. */
const DEFINED = ["accounts", "pairings", "labels", "transactions", "headers", "filters", "contacts", "descriptors"];
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

const bloom = { kind: "bip37", bytes: Uint8Array.of(0x61, 0x4e, 0x9b), hashFunctions: 5, tweak: 2 ** 31, flags: 1 };

/** What the vectors of the format have none of. */
const records: readonly { name: string; list: readonly object[] }[] = [
  { name: "labels", list: labelFiles.flatMap((text) => parseLabels(text).labels) },
  {
    name: "transactions",
    list: [
      { txid: new Uint8Array(32), height: 0, time: 2 ** 31, raw: new Uint8Array(60) },
      { txid: new Uint8Array(32).fill(1) },
    ],
  },
  {
    name: "headers",
    list: [
      { network: "testnet", start: 0, bytes: new Uint8Array(160) },
      ...blocks.map(({ block }, start) => ({ network: "testnet", start, bytes: hexToBytes(block.slice(0, 160)) })),
    ].slice(-4),
  },
  {
    name: "filters",
    list: [
      bloom,
      { kind: "acme", deep: [{ a: null }] },
      ...blocks.map(({ hash, filter }) => ({ kind: "bip158", block: hexToBytes(hash), bytes: hexToBytes(filter) })),
    ].slice(0, 5),
  },
  { name: "contacts", list: [{ name: "Ada", uri: "bitcoin:bc1q?amount=50", note: "" }, { name: "Bob" }] },
  { name: "descriptors", list: descriptors },
];

/** Changes the body of one section of those given, or of the vectors'. */
export function sectionMutator(): (source: Source, sections?: Sections) => Sections {
  const seeds = DEFINED.map((name) => {
    const bodies = sectionBodies.filter((section) => section.name === name && section.body.length <= MAX_BODY_BYTES);
    const own = records.filter((section) => section.name === name);
    const more = own.map(({ list }) => joinBytes(list.map((record) => encodeCbor(record))));
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
