import { CloudBackupError, type Dump, decodeDump, readStateSections } from "@cloudbackup/core";
import { bytesToHex } from "@noble/hashes/utils.js";
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
export async function assertDoesNotShrink(dump: Dump, base: KnownState, parts: WalletParts): Promise<void> {
  const before = await idsOf(base, parts);
  const lost = (name: "accounts" | "pairings"): string[] => {
    const kept = new Set(dump[name].map((record) => record.id));
    return before[name].filter((id) => !kept.has(id));
  };
  const lostAccounts = lost("accounts");
  const lostPairings = lost("pairings");
  const losesHalf = lostAccounts.length > 0 && lostAccounts.length * 2 >= before.accounts.length;
  if (losesHalf || lostPairings.length > 0) throw new WouldShrinkError(lostAccounts, lostPairings);
}

async function idsOf(
  { state }: KnownState,
  { keys, local }: WalletParts,
): Promise<{ accounts: string[]; pairings: string[] }> {
  const ids = WATCHED.flatMap((name) => (state.chunkIds.get(name) ?? []).map(bytesToHex));
  try {
    const { accounts, pairings } = decodeDump(readStateSections(keys, state, WATCHED, await local.chunks(ids)));
    return { accounts: accounts.map(({ id }) => id), pairings: pairings.map(({ id }) => id) };
  } catch (error) {
    if (error instanceof CloudBackupError) throw new RestoreFirstError(state.manifest.revision);
    throw error;
  }
}
