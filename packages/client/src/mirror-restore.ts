import {
  type AnySectionDefinition,
  CloudBackupError,
  type Dump,
  type DumpOf,
  type MergeConflict,
  type MirrorMark,
  mergeDumps,
} from "@cloudbackup/core";
import { bytesToHex } from "@noble/hashes/utils.js";
import { throwIfAborted } from "./abort.ts";
import { ForkError, SameRealmError, WentBackError } from "./errors.ts";
import type { Mirror } from "./mirror.ts";
import { mirrorMarkIn } from "./mirror-marks.ts";
import { type MirrorStanding, mostTelling, stateOfError } from "./mirror-standing.ts";
import type { OnProgress } from "./progress.ts";
import { type ReadBackup, readBackup } from "./read-backup.ts";
import { assertNotBehind } from "./trust.ts";
import type { WalletParts } from "./wallet-parts.ts";

type Definitions = readonly AnySectionDefinition[];

/** A backup that one of the servers gave, and that opened. */
export interface MirrorRead<D extends Definitions> {
  mirror: Mirror<D>;
  parts: WalletParts;
  read: ReadBackup<D>;
  /** That the server went back, by what other servers' backups say of it. */
  accusation: CloudBackupError | undefined;
}

/** What all servers gave together. */
export interface MirrorReads<D extends Definitions> {
  /** The newest backup of all. */
  winner: MirrorRead<D>;
  /** It, and what only others have, united. */
  dump: DumpOf<D>;
  conflicts: MergeConflict[];
  /** In the order of the servers. */
  standings: MirrorStanding[];
  reads: MirrorRead<D>[];
}

/**
 * Reads the latest backup of every server, tells which of them can be believed, and unites what they have.
 *
 * @throws the most telling error of all where no server gave a backup
 */
export async function readFromAll<D extends Definitions>(
  mirrors: readonly Mirror<D>[],
  options: { signal?: AbortSignal | undefined; onProgress: (mirror: Mirror<D>) => OnProgress | undefined },
): Promise<MirrorReads<D>> {
  const answers = await Promise.all(mirrors.map((mirror) => readFrom(mirror, options)));
  throwIfAborted(options.signal);
  const reads = answers.filter((answer) => "read" in answer);
  const failures = answers.flatMap((answer) => ("error" in answer ? [answer] : []));
  const [first, ...others] = reads;
  if (!first) throw mostTelling(failures.map(({ error }) => error));
  const winner = others.reduce((best, each) => (genOf(each) > genOf(best) ? each : best), first);
  await Promise.all(reads.map((read) => judge(read, reads, options.signal)));

  const { dump, conflicts } = unite(winner, reads);
  const standings = answers.map((answer) => standingOf(answer, winner));
  return { winner, dump, conflicts, standings, reads };
}

type Answer<D extends Definitions> = MirrorRead<D> | { mirror: Mirror<D>; error: CloudBackupError };

async function readFrom<D extends Definitions>(
  mirror: Mirror<D>,
  { signal, onProgress }: Parameters<typeof readFromAll<D>>[1],
): Promise<Answer<D>> {
  try {
    const parts = await mirror.open();
    const read = await readBackup<D>(parts, "latest", { signal, onProgress: onProgress(mirror) });
    return { mirror, parts, read, accusation: undefined };
  } catch (error) {
    throwIfAborted(signal);
    if (!(error instanceof CloudBackupError) || error instanceof SameRealmError) throw error;
    return { mirror, error };
  }
}

const genOf = ({ read }: MirrorRead<Definitions>) => read.opened.manifest.gen;
const checksumOf = ({ read }: MirrorRead<Definitions>) => bytesToHex(read.opened.manifest.checksum);

/** What the wallet's own devices wrote down elsewhere of this server, no server can have made up. */
async function judge<D extends Definitions>(
  judged: MirrorRead<D>,
  reads: readonly MirrorRead<D>[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const { parts, read } = judged;
  const witnesses = reads.filter((each) => each !== judged).map((each) => each.read.opened.manifest.mirrors);
  const named = mirrorMarkIn(parts.keys.realm, ...witnesses);
  if (!named) return;
  try {
    await assertHolds(parts, read, named, signal);
  } catch (error) {
    throwIfAborted(signal);
    if (!(error instanceof CloudBackupError)) throw error;
    // A server that fails now told the truth so far.
    if (stateOfError(error) === "lying") judged.accusation = error;
  }
}

/** @throws WentBackError, ForkError: the server does not stand on what it had acknowledged */
async function assertHolds(
  { requests }: WalletParts,
  { opened }: ReadBackup<Definitions>,
  named: MirrorMark,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { manifest, sha256 } = opened;
  const mark = { revision: named.revision, sha256: bytesToHex(named.sha256) };
  if (manifest.heals.some((healed) => bytesToHex(healed) === mark.sha256)) return;
  if (manifest.revision < mark.revision) {
    throw new WentBackError(
      `The server is at revision ${manifest.revision}, another server's backup names its revision ${mark.revision}: it went back`,
    );
  }
  assertNotBehind(mark, { revision: manifest.revision, sha256: bytesToHex(sha256) });
  if (manifest.revision === mark.revision) return;
  const [first] = await requests.chain(mark.revision, signal);
  if (first?.[0] === mark.revision && first[1] === mark.sha256) return;
  throw new ForkError(`The server's revision ${mark.revision} is not the one that another server's backup names`);
}

/** Nothing is taken as removed: without a base nobody knows. Where two values exclude each other, the newest backup's stands. */
function unite<D extends Definitions>(
  winner: MirrorRead<D>,
  reads: readonly MirrorRead<D>[],
): { dump: DumpOf<D>; conflicts: MergeConflict[] } {
  const conflicts: MergeConflict[] = [];
  let dump: Dump = winner.read.opened.dump as Dump;
  const contents = new Set([checksumOf(winner)]);
  for (const other of reads) {
    const { manifest, dump: theirs } = other.read.opened;
    const named = mirrorMarkIn(other.parts.keys.realm, winner.read.opened.manifest.mirrors);
    const isKnown = contents.has(checksumOf(other)) || manifest.revision <= (named?.revision ?? 0);
    if (other === winner || isKnown) continue;
    contents.add(checksumOf(other));
    const { sections } = other.parts.options;
    const merged = mergeDumps({ base: null, local: theirs as Dump, remote: dump, sections });
    dump = merged.dump;
    conflicts.push(...merged.conflicts);
  }
  return { dump: dump as DumpOf<D>, conflicts };
}

function standingOf<D extends Definitions>(answer: Answer<D>, winner: MirrorRead<D>): MirrorStanding {
  const { url, realm } = answer.mirror;
  if ("error" in answer) {
    const { error } = answer;
    return { url, realm, state: stateOfError(error), revision: undefined, gen: undefined, error };
  }
  const { revision, gen } = answer.read.opened.manifest;
  const { accusation: error } = answer;
  const isNewest = answer === winner || checksumOf(answer) === checksumOf(winner);
  return { url, realm, state: error ? "lying" : isNewest ? "ok" : "stale", revision, gen, error };
}
