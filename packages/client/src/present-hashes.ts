import type { WalletParts } from "./wallet-parts.ts";

/** Revisions in whose chain a hash is looked for; what stands further back is taken for lost, which does no harm. */
const MAX_LOOKED_BACK = 100_000;

/** SHA-256, in hex, of the envelopes of all revisions up to one, as far as the server still knows them. */
export async function presentHashes(
  { requests }: WalletParts,
  revision: number,
  signal: AbortSignal | undefined,
): Promise<Set<string>> {
  const chain = await requests.chain(Math.max(1, revision - MAX_LOOKED_BACK), signal);
  return new Set(chain.flatMap(([each, sha256]) => (each <= revision ? [sha256] : [])));
}
