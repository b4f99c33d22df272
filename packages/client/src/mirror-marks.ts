import type { MirrorMark } from "@cloudbackup/core";
import { bytesToHex } from "@noble/hashes/utils.js";

/**
 * What the other servers had last acknowledged, by all that is known: of each realm the highest revision, ascending by realm.
 *
 * @param ownRealm of the server that the backup is for, which is none of the others
 */
export function uniteMirrorMarks(ownRealm: Uint8Array, ...known: (readonly MirrorMark[])[]): MirrorMark[] {
  const byRealm = new Map<string, MirrorMark>();
  for (const mark of known.flat()) {
    const realm = bytesToHex(mark.realm);
    if ((byRealm.get(realm)?.revision ?? 0) < mark.revision) byRealm.set(realm, mark);
  }
  byRealm.delete(bytesToHex(ownRealm));
  return [...byRealm].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, mark]) => mark);
}

/** What is known of one server by several, the highest revision; undefined: nothing. */
export function mirrorMarkIn(realm: Uint8Array, ...known: (readonly MirrorMark[])[]): MirrorMark | undefined {
  const own = bytesToHex(realm);
  const of = known.flat().filter((mark) => bytesToHex(mark.realm) === own);
  return of.sort((a, b) => b.revision - a.revision)[0];
}
