import { NoBackupError, NoWalletError, type WalletBackup } from "@cloudbackup/client";
import type { Context } from "./context.ts";
import { NotBackedUpError, NothingFoundError, UsageError } from "./errors.ts";
import { readSeed, type SeedCandidate, type SeedOptions, wipe } from "./read-seed.ts";
import { openServer, type Server, type ServerOptions } from "./server.ts";

/** A wallet that a seed has signed in. */
export interface SignedIn extends Server {
  readonly wallet: WalletBackup;
  readonly username: string;
  readonly candidate: SeedCandidate;
}

/**
 * Reads a seed, then finds the server, signs in by the seed, and works. Keys are wiped at the end, whatever it is.
 *
 * @throws NothingFoundError: the seed is right, and the server has no wallet of it; NotBackedUpError: it has one without a backup
 */
export async function withWallet<T>(
  context: Context,
  options: SeedOptions & ServerOptions,
  url: string | undefined,
  work: (signedIn: SignedIn) => Promise<T>,
): Promise<T> {
  return explainNothing(options, () =>
    withSeed(context, options, async (candidates) => {
      const server = await openServer(context, options, url);
      const found = await signIn(context, server, candidates);
      return useWallet(context, server, found.candidate, (wallet) => work({ ...server, ...found, wallet }));
    }),
  );
}

/** Reads a seed, works, and wipes it. */
export async function withSeed<T>(
  context: Context,
  options: SeedOptions,
  work: (candidates: readonly SeedCandidate[]) => Promise<T>,
): Promise<T> {
  const candidates = await readSeed(context, options);
  try {
    return await work(candidates);
  } finally {
    wipe(candidates);
  }
}

/** Signs in by the first reading of a seed that the server has a wallet of. @throws NoWalletError: it has of none */
export async function signIn(
  { io }: Context,
  { client, url, state }: Server,
  candidates: readonly SeedCandidate[],
): Promise<{ candidate: SeedCandidate; username: string }> {
  for (const candidate of candidates) {
    try {
      const { username } = await client.signInWithSeed(candidate.source, { signal: io.stop });
      await state.rememberServer(url);
      return { candidate, username };
    } catch (error) {
      if (!(error instanceof NoWalletError)) throw error;
    }
  }
  throw new NoWalletError();
}

/**
 * The reading of a seed by which a wallet is made that no server has yet, and none could tell which is meant.
 *
 * @throws UsageError where there are several
 */
export function onlyOne(candidates: readonly SeedCandidate[]): SeedCandidate {
  const [candidate, ...others] = candidates;
  if (!candidate) throw new Error("a seed has no reading");
  if (others.length === 0) return candidate;
  throw new UsageError(
    "The server does not know this wallet yet, and shares do not say whether they are those of a seed or of words. Give the words or the seed: cloudbackup seed combine shows both",
  );
}

/** Opens a wallet for a while. */
export async function useWallet<T>(
  { io }: Context,
  { client }: Server,
  { source }: SeedCandidate,
  work: (wallet: WalletBackup) => Promise<T>,
): Promise<T> {
  const wallet = await client.openWallet(source, { signal: io.stop });
  try {
    return await work(wallet);
  } finally {
    wallet.close();
  }
}

/** Tells a person whose words or shares are right why nothing is there. */
async function explainNothing<T>({ shares }: SeedOptions, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof NoWalletError) throw new NothingFoundError(shares ? "shares" : "words");
    // With a cause it is an older revision that is not there.
    if (error instanceof NoBackupError && !error.cause) throw new NotBackedUpError();
    throw error;
  }
}
