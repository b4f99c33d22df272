import { bytesToHex, concatBytes, hexToBytes, joinBytes, u64 } from "../../../packages/core/src/bytes.ts";
import { encodeCbor } from "../../../packages/core/src/cbor.ts";
import {
  type BundleHead,
  type ChunkItem,
  decodeBundle,
  encodeBundle,
  FORMAT,
} from "../../../packages/core/src/chunks/bundle.ts";
import { gearTable } from "../../../packages/core/src/chunks/chunker.ts";
import { encodeManifest, type Manifest, type SectionEntry } from "../../../packages/core/src/chunks/manifest.ts";
import { storeSection } from "../../../packages/core/src/chunks/section-chunks.ts";
import { checksumOfSums, payloadChecksum, type Sections } from "../../../packages/core/src/dump/checksum.ts";
import { chunkIdOf, sealChunk, sealEnvelope } from "../../../packages/core/src/envelope/envelope.ts";
import { encodeFrame } from "../../../packages/core/src/envelope/frame.ts";
import {
  DoesNotDecryptError,
  IncompleteError,
  TamperedError,
  TooLargeError,
  UnsupportedVersionError,
} from "../../../packages/core/src/errors.ts";
import { type BackupKeys, deriveBackupKeys, subkeyOf } from "../../../packages/core/src/keys/backup-keys.ts";
import { type OpenedBackup, openBackup } from "../../../packages/core/src/open-backup.ts";
import { nativePrimitives } from "../../../packages/core/src/primitives/native.ts";
import { portablePrimitives } from "../../../packages/core/src/primitives/portable.ts";
import type { Primitives } from "../../../packages/core/src/primitives/primitives.ts";
import { cborValue } from "../../../packages/core/test/property/arbitraries.ts";
import { refused, wallets } from "../corpus.ts";
import { BOUNDARIES, mutateBytes } from "../mutate-bytes.ts";
import { encodeItems, everyItem, type Item, mutateItems, parseItems } from "../mutate-cbor.ts";
import type { Source } from "../source.ts";
import { attempt, claim, claimEqual, defineTarget, type Target } from "../target.ts";
import { isCbor, mutantOf } from "./bundles.ts";
import { mutateFrame } from "./frames.ts";
import { checkDump, sectionMutator } from "./sections.ts";

const REFUSALS = [DoesNotDecryptError, IncompleteError, TamperedError, TooLargeError, UnsupportedVersionError];
/** Chunks of the vectors come to a hundred kilobytes; what says that it is more is not believed. */
const MAX_PAYLOAD_BYTES = 1024 * 1024;

/** A backup of the vectors, and the keys that it was sealed with. */
interface Opened {
  keys: BackupKeys;
  bytes: Uint8Array;
  head: BundleHead;
  items: ChunkItem[];
  opened: OpenedBackup;
  manifest: Item[];
}

interface BackupInput {
  /** Which of the vectors' backups it was made of. */
  from: number;
  bytes: Uint8Array;
  /** Whether the keys sealed what is in it: then it may be another backup, not merely none. */
  isSealed: boolean;
}

export const backupTargets: readonly Target[] = [
  backupTarget("openBackup", 8, nativePrimitives),
  backupTarget("openBackup (portable)", 2, portablePrimitives),
];

function backupTarget(name: string, share: number, primitives: Primitives): Target {
  return defineTarget({
    name,
    share,
    open: () => {
      const backups = openAll(primitives);
      const make = backupMaker(backups);
      return {
        make,
        check: ({ from, bytes, isSealed }: BackupInput) => {
          const { keys, opened } = backups[from] as Opened;
          const { outcome, value } = attempt(
            () => openBackup(bytes, { keys }, { maxPayloadBytes: MAX_PAYLOAD_BYTES }),
            REFUSALS,
          );
          if (!value) return outcome;
          claimEqual(value.manifest.checksum, payloadChecksum(value.sections), "what opens has its checksum");
          checkDump(value.dump);
          if (isSealed) return outcome;
          claimEqual(value.sections, opened.sections, "what was not sealed anew opens to what was sealed");
          claim(value.manifest.revision === opened.manifest.revision, "it opens at its own revision alone");
          return `${outcome} as it was`;
        },
      };
    },
  });
}

function openAll(primitives: Primitives): Opened[] {
  return wallets.flatMap(({ seed, realm, downloads }) => {
    const keys = deriveBackupKeys(seed, realm, { primitives });
    return downloads.map((bytes) => {
      const opened = openBackup(bytes, { keys });
      return { keys, bytes, ...decodeBundle(bytes), opened, manifest: parseItems(encodeManifest(opened.manifest)) };
    });
  });
}

function backupMaker(backups: readonly Opened[]): (source: Source) => BackupInput {
  const trees = backups.map(({ bytes }) => parseItems(bytes));
  const donors = trees.flatMap(everyItem);
  const manifestDonors = backups.flatMap(({ manifest }) => everyItem(manifest));
  const strangers = refused.filter(isCbor).map(parseItems);
  const mutateSections = sectionMutator();
  // Most have a kilobyte; those with chunks take their time.
  const small = backups.flatMap(({ bytes }, i) => (bytes.length < 4_000 ? [i, i, i, i] : [i]));

  return (source) => {
    const from = source.pick(small);
    const backup = backups[from] as Opened;
    const sealed = (bytes: Uint8Array): BackupInput => ({ from, bytes, isSealed: true });
    const random = (length: number) => source.bytes(length);
    switch (source.below(8)) {
      case 0:
        return { from, bytes: mutantOf(source, [backup.bytes], [trees[from] as Item[]], donors), isSealed: false };
      case 1:
        return { from, bytes: withOddHead(source, backup, source.pick(backups)), isSealed: false };
      case 2: {
        const bytes = source.oneIn(2)
          ? encodeItems(mutateItems(source, source.pick(strangers), donors))
          : mutateBytes(source, source.pick(refused), backup.bytes);
        // Among them are backups of this wallet that are good.
        return { from, bytes, isSealed: backup.keys === backups.at(-1)?.keys };
      }
      case 3:
        return sealed(withManifest(backup, encodeItems(mutateItems(source, backup.manifest, manifestDonors)), random));
      case 4:
        return sealed(withFrame(source, backup, random));
      case 5:
      case 6:
        return sealed(withSections(source, backup, mutateSections(source, backup.opened.sections), random));
      default:
        return sealed(withChunk(source, backup, random));
    }
  };
}

type Random = (length: number) => Uint8Array;

/** Fields of the head that are not what they were: another backup's, or nobody's. */
function withOddHead(source: Source, { head, items }: Opened, other: Opened): Uint8Array {
  const odd: Record<string, unknown> = { format: FORMAT, ...head };
  const key = source.pick(Object.keys(odd));
  odd[key] = source.pick([
    () => (other.head as unknown as Record<string, unknown>)[key] ?? FORMAT,
    () => source.pick(BOUNDARIES),
    () => source.draw(cborValue),
    () => undefined,
  ])();
  const chunks = source.oneIn(6) ? other.items : items;
  return joinBytes([encodeCbor(odd), ...chunks.map(({ id, sealed }) => encodeCbor([id, sealed]))]);
}

/** A manifest that this wallet sealed, whatever it says. */
function withManifest({ keys, head, items }: Opened, manifest: Uint8Array, random: Random): Uint8Array {
  return encodeBundle({ head: { ...head, envelope: sealEnvelope(keys, head.revision, manifest, random) }, items });
}

/** A frame that this wallet sealed, be it no frame. */
function withFrame(source: Source, { keys, head, items, opened }: Opened, random: Random): Uint8Array {
  const header = head.envelope.subarray(0, 8);
  const nonce = random(24);
  const aad = concatBytes(header, hexToBytes(keys.walletId), u64(head.revision));
  const frame = mutateFrame(source, encodeFrame(encodeManifest(opened.manifest), keys.primitives));
  const box = keys.primitives.sealXChaCha20Poly1305(subkeyOf(keys, "envelope"), nonce, aad, frame);
  const envelope = concatBytes(header, nonce, box);
  return joinBytes([
    encodeCbor({ format: FORMAT, ...head, envelope }),
    ...items.map(({ id, sealed }) => encodeCbor([id, sealed])),
  ]);
}

/** Sections of any content, laid out, summed up and sealed as a writer would. */
function withSections(source: Source, backup: Opened, sections: Sections, random: Random): Uint8Array {
  const { keys } = backup;
  const gear = gearTable(keys);
  const inChunks = source.oneIn(3);
  const chunks = new Map<string, Uint8Array>();
  const entries = [...sections].map(([name, body]): SectionEntry => {
    const sum = keys.primitives.sha256(body);
    if (!inChunks) return { name, size: body.length, sum, data: body };
    const stored = storeSection(keys, gear, name, body, { sum });
    for (const [id, chunk] of stored.chunks) chunks.set(id, chunk);
    return stored.entry;
  });
  return sealedAnew(backup, entries, chunks, random);
}

/** A section whose list names chunks that this wallet sealed, with bytes and lengths that may be others. */
function withChunk(source: Source, backup: Opened, random: Random): Uint8Array {
  const { keys, opened } = backup;
  const body = source.pick([...opened.sections.values(), source.bytes(40)]);
  const list: { id: Uint8Array; size: number }[] = [];
  const chunks = new Map<string, Uint8Array>();
  const add = (bytes: Uint8Array) => {
    const id = chunkIdOf(keys, bytes);
    chunks.set(bytesToHex(id), bytes);
    list.push({ id, size: source.oneIn(10) ? 1 + source.below(65_536) : Math.max(1, bytes.length) });
  };
  for (let at = 0; at < Math.min(body.length, 2_000); at += 1_000) add(body.subarray(at, at + 1_000));
  const depth = source.pick([0, 1, 1, 2, 4]);
  const lists = encodeItems(list.flatMap(({ id, size }) => parseItems(encodeCbor([id, size]))));
  const nested = mutateBytes(source, lists.length > 0 ? lists : source.bytes(3), body);
  if (depth > 0) add(source.oneIn(2) ? lists : nested);
  const size = source.pick([body.length, list.reduce((total, chunk) => total + chunk.size, 0), source.below(100_000)]);
  const entry = {
    name: "acme.z",
    size,
    sum: keys.primitives.sha256(body),
    depth,
    chunks: depth > 0 ? list.slice(-1) : list,
  };
  const others = opened.manifest.sections.filter(({ name }) => name !== entry.name && !name.startsWith("z"));
  const entries = [...others, entry].sort((a, b) => (a.name < b.name ? -1 : 1));
  return sealedAnew(backup, entries, chunks, random);
}

/** The backup with other sections. Its own chunks stay, so that entries of before still find theirs. */
function sealedAnew(
  { keys, head, items, opened }: Opened,
  sections: SectionEntry[],
  chunks: ReadonlyMap<string, Uint8Array>,
  random: Random,
): Uint8Array {
  const checksum = checksumOfSums(new Map(sections.map(({ name, sum }) => [name, sum])), keys.primitives);
  const manifest: Manifest = { ...opened.manifest, checksum, sections };
  const all = new Map(items.map(({ id, sealed }) => [bytesToHex(id), sealed]));
  for (const [hex, chunk] of chunks) all.set(hex, sealChunk(keys, hexToBytes(hex), chunk, random));
  const sorted = [...all]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([hex, sealed]) => ({ id: hexToBytes(hex), sealed }));
  return encodeBundle({
    head: {
      ...head,
      add: sorted.map(({ id }) => id),
      envelope: sealEnvelope(keys, head.revision, encodeManifest(manifest), random),
    },
    items: sorted,
  });
}
