import { CloudBackupError, type Dump, decodeDump, type PreparedDump } from "@cloudbackup/core";
import { RestoreFirstError, WouldShrinkError } from "./errors.ts";
import type { KnownState } from "./local-state.ts";
import type { WalletParts } from "./wallet-parts.ts";

const WATCHED = ["accounts", "pairings"];

/**
 * Refuses a dump that loses a pairing, or half of the accounts, of the backup before it: more often a wallet that has not
 * finished loading than a person's wish.
 *
 * @throws WouldShrinkError; RestoreFirstError where what this device keeps of that backup cannot be read any more
 */
export async function assertDoesNotShrink(dump: PreparedDump, base: KnownState, parts: WalletParts): Promise<void> {
  const before = await idsBefore(base, parts);
  assertKeeps(before, idsIn(new Map(WATCHED.map((name) => [name, dump.sections.get(name)?.body ?? new Uint8Array()]))));
}

/** @throws WouldShrinkError */
export function assertKeeps(before: Ids, after: Ids): void {
  const lost = (name: "accounts" | "pairings"): string[] => {
    const kept = new Set(after[name]);
    return before[name].filter((id) => !kept.has(id));
  };
  const lostAccounts = lost("accounts");
  const lostPairings = lost("pairings");
  const losesHalf = lostAccounts.length > 0 && lostAccounts.length * 2 >= before.accounts.length;
  if (losesHalf || lostPairings.length > 0) throw new WouldShrinkError(lostAccounts, lostPairings);
}

interface Ids {
  accounts: string[];
  pairings: string[];
}

async function idsBefore({ state }: KnownState, { local }: WalletParts): Promise<Ids> {
  try {
    return idsIn(await local.sections(state, WATCHED));
  } catch (error) {
    if (error instanceof CloudBackupError) throw new RestoreFirstError(state.manifest.revision);
    throw error;
  }
}

function idsIn(sections: ReadonlyMap<string, Uint8Array>): Ids {
  return idsOf(decodeDump(sections));
}

export function idsOf({ accounts, pairings }: Dump): Ids {
  return { accounts: accounts.map(({ id }) => id), pairings: pairings.map(({ id }) => id) };
}
