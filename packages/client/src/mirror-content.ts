import {
  type AnySectionDefinition,
  type Dump,
  decodeDump,
  encodeDump,
  mergeDumps,
  type SectionEntry,
} from "@cloudbackup/core";
import { bytesToHex } from "@noble/hashes/utils.js";
import { type HeldView, type MirrorView, newestOf } from "./mirror.ts";
import { mirrorMarkIn } from "./mirror-marks.ts";

const REQUIRED = ["accounts", "pairings"];
const NOTHING: Dump = { accounts: [], pairings: [] };

/**
 * What one server must be given so that all hold the same: sections that the dump does not name are those of the newest
 * backup at each of them, whatever the server's own last backup had.
 *
 * @throws IncompleteError, TamperedError where what this device keeps of them cannot be read
 */
export async function contentFor(
  view: MirrorView,
  newest: HeldView | undefined,
  dump: Dump,
  remove: readonly string[],
): Promise<{ dump: Dump; remove: string[] }> {
  const isCarried = ({ name }: SectionEntry) =>
    dump[name] === undefined && !remove.includes(name) && !REQUIRED.includes(name);
  const carried = newest?.base.state.manifest.sections.filter(isCarried) ?? [];
  const there = new Map(view.base?.state.manifest.sections.map((entry) => [entry.name, entry]));
  const lacking = carried.filter(({ name, sum }) => bytesToHex(there.get(name)?.sum ?? NO_SUM) !== bytesToHex(sum));
  const names = new Set(carried.map(({ name }) => name));
  const gone = [...there.values()].filter((entry) => isCarried(entry) && !names.has(entry.name));
  const more =
    newest && lacking.length > 0
      ? await readHeld(
          newest,
          lacking.map(({ name }) => name),
        )
      : {};
  return { dump: { ...more, ...dump }, remove: [...new Set([...remove, ...gone.map(({ name }) => name)])] };
}

const NO_SUM = new Uint8Array();

/** All that this device holds: the newest backup, united with what only another server has. Undefined: nothing. */
export async function heldDump(views: readonly MirrorView[]): Promise<Dump | undefined> {
  const held = newestAndApart(views);
  return held.length > 0 ? unite(held, () => true) : undefined;
}

/**
 * Sections that a dump does not name, where the newest backup alone does not have all of them: none, but after two devices
 * wrote to different servers.
 */
export async function heldApart(
  views: readonly MirrorView[],
  dump: Dump,
  remove: readonly string[],
): Promise<Partial<Dump>> {
  const held = newestAndApart(views);
  if (held.length < 2) return {};
  const {
    accounts: _,
    pairings: __,
    ...sections
  } = await unite(held, (name) => dump[name] === undefined && !remove.includes(name) && !REQUIRED.includes(name));
  return sections;
}

/** First the newest backup, then those that it does not hold. */
function newestAndApart(views: readonly MirrorView[]): HeldView[] {
  const newest = newestOf(views);
  if (!newest) return [];
  const { mirrors, checksum, device } = newest.base.state.manifest;
  const isIn = ({ parts, base }: HeldView) => {
    const { manifest } = base.state;
    const named = mirrorMarkIn(parts.keys.realm, mirrors)?.revision ?? 0;
    // What one device wrote later is made of what it wrote before.
    const isOf = (a: Uint8Array, b: Uint8Array) => bytesToHex(a) === bytesToHex(b);
    return manifest.revision <= named || isOf(manifest.checksum, checksum) || isOf(manifest.device, device);
  };
  return [
    newest,
    ...views.flatMap(({ base, ...view }) => (base ? { ...view, base } : [])).filter((view) => !isIn(view)),
  ];
}

/** Without a base: nothing counts as removed. Of two values the first stands. */
async function unite(held: readonly HeldView[], isWanted: (name: string) => boolean): Promise<Dump> {
  let dump: Dump | undefined;
  for (const view of held) {
    const names = view.base.state.manifest.sections.map(({ name }) => name).filter(isWanted);
    const theirs: Dump = { ...NOTHING, ...(await readHeld(view, names)) };
    const { sections } = view.parts.options;
    dump = dump ? mergeDumps({ base: null, local: theirs, remote: dump, sections }).dump : theirs;
  }
  return dump ?? NOTHING;
}

/** Sections of what this device holds, from its storage alone. */
async function readHeld({ parts, base }: HeldView, names: readonly string[]): Promise<Partial<Dump>> {
  const { local, options } = parts;
  const bodies = await local.sections(base.state, names);
  const sections: readonly AnySectionDefinition[] = options.sections;
  const dump = decodeDump(new Map([...encodeDump(NOTHING), ...bodies]), { sections }) as Dump;
  return Object.fromEntries(Object.entries(dump).filter(([name]) => names.includes(name)));
}
