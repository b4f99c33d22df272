import { type AnySectionDefinition, type Dump, decodeDump, encodeDump, type SectionEntry } from "@cloudbackup/core";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { HeldView, MirrorView } from "./mirror.ts";

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

/** The whole content of the newest backup that this device holds. */
export async function heldDump(newest: HeldView): Promise<Dump> {
  const names = newest.base.state.manifest.sections.map(({ name }) => name);
  return (await readHeld(newest, names)) as Dump;
}

/** Sections of what this device holds, from its storage alone. */
async function readHeld({ parts, base }: HeldView, names: readonly string[]): Promise<Partial<Dump>> {
  const { local, options } = parts;
  const bodies = await local.sections(base.state, names);
  const sections: readonly AnySectionDefinition[] = options.sections;
  const dump = decodeDump(new Map([...encodeDump(NOTHING), ...bodies]), { sections }) as Dump;
  return Object.fromEntries(Object.entries(dump).filter(([name]) => names.includes(name)));
}
