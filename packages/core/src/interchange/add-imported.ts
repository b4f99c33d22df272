import { bytesToHex } from "../bytes.ts";
import type { Account } from "../dump/accounts.ts";
import type { Dump } from "../dump/dump.ts";
import { type MergeConflict, mergeDumps } from "../dump/merge.ts";
import { formatDescriptor, parseDescriptor } from "./descriptor.ts";
import { ImportError } from "./errors.ts";
import { inOneOrder } from "./shape.ts";

/**
 * An import in what the wallet has. Of what both know, the wallet's own stands. An account that has the id of another one (the
 * same path, with another script or another co-signer) comes in beside it, with its descriptor's checksum behind its id: merged
 * key by key, the one would get the other's addresses.
 *
 * @param imported `dump` of an import; stays as it is
 * @param dump what the wallet has; stays as it is
 * @returns what `mergeDumps` gives, with the import for its local side and the wallet for the remote one
 * @throws TypeError for wrong arguments
 * @example
 * ```ts
 * import { addImported, importWallet } from "@cloudbackup/core/interchange";
 *
 * const text = `wpkh([73c5da0a/84h/0h/0h]xpub6CatWdiZiodmUeTDp8LT5or8nmbKNcuyvz7WyksVFkKB4RHwCD3XyuvPEbvqAQY3rAPshWcMLoP2fMFMKHPJ4ZeZXYVUhLv1VMrjPC7PW6V/<0;1>/*)`;
 * const { dump: imported } = importWallet(text, { source: seed });
 * const added = addImported(imported, dump);
 * console.log(added.dump.accounts[0]?.name, added.dump.descriptors?.length); // → Spending 1
 * ```
 */
export function addImported(
  imported: Partial<Dump>,
  dump: Dump,
): {
  /** What the wallet has, and the import beside it. */
  dump: Dump;
  /** What both have and say otherwise: the wallet's stands. */
  conflicts: MergeConflict[];
} {
  for (const [name, value] of Object.entries({ imported, dump })) {
    if (typeof value !== "object" || value === null) throw new TypeError(`${name} must be an object of sections`);
  }
  const given: Dump = { accounts: [], pairings: [], ...imported };
  const known = new Map(dump.accounts.map((account) => [account.id, account]));
  const ids = new Map<string, string>();
  for (const account of given.accounts) {
    let { id } = account;
    for (let other = known.get(id); other && !isSame(account, given, other, dump); other = known.get(id)) {
      id = `${id}#${account.descriptor?.slice(-8) ?? ""}`;
    }
    ids.set(account.id, id);
  }
  const named = (id: string) => ids.get(id) ?? id;
  const local: Dump = {
    ...given,
    accounts: given.accounts.map((account) => ({ ...account, id: named(account.id) })),
    pairings: given.pairings.map((pairing) => ({ ...pairing, account: named(pairing.account) })),
  };
  return mergeDumps({ base: null, local, remote: dump });
}

/** Whether both are one account: the same addresses, as far as they say it. */
function isSame(a: Account, ofA: Dump, b: Account, ofB: Dump): boolean {
  const keys = ["kind", "network", "path", "script"] as const;
  if (keys.some((key) => a[key] !== b[key]) || otherKey(a, ofA) !== otherKey(b, ofB)) return false;
  if (a.descriptor === undefined || b.descriptor === undefined) return true;
  return normal(a.descriptor) === normal(b.descriptor);
}

/** The authenticator's key, whatever the pairing is called. */
function otherKey({ pairing: id }: Account, { pairings }: Dump): string | undefined {
  const pairing = pairings.find((each) => each.id === id);
  return pairing ? `${bytesToHex(pairing.publicKey)}${bytesToHex(pairing.chainCode)}` : id;
}

/** As imports write it. */
function normal(descriptor: string): string {
  try {
    return formatDescriptor(inOneOrder(parseDescriptor(descriptor)));
  } catch (error) {
    if (error instanceof ImportError) return descriptor;
    throw error;
  }
}
