import type { WalletParts } from "./wallet-parts.ts";

/** Runs what writes, after all that writes already. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** Runs what may give the wallet another content, also where it fails: nobody's word of what changed counts any more. */
export async function takingOver<T>(
  { shared, dumps }: WalletParts,
  inTurn: InTurn,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await inTurn(async () => {
      try {
        return await work();
      } finally {
        shared.takeovers++;
        dumps.forget();
      }
    });
  } finally {
    for (const tell of shared.onTakeover) tell();
  }
}
