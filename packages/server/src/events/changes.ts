import { hexOf } from "../bytes.ts";
import type { Store } from "../store/store.ts";

/** What may have changed. Told after it has: who hears it looks for itself. */
export type Change = { wallet: string } | { user: string };

/** Who is told of changes in this process. */
export type OnChange = (change: Change) => void;

/**
 * The same store, which tells of what was done through it: a new backup, a wallet that is another's or nobody's, a session
 * that was ended. What another process does on the same database is not heard of.
 */
export function tellingStore(store: Store, tell: OnChange): Store {
  const { backups, wallets, sessions } = store;
  /** Whatever came of it: to look once too often costs a look. */
  const telling = async <T>(change: Change, done: Promise<T>): Promise<T> => {
    const outcome = await done;
    tell(change);
    return outcome;
  };
  return {
    ...store,
    backups: {
      ...backups,
      commit: (commit) => telling({ wallet: hexOf(commit.wallet) }, backups.commit(commit)),
    },
    wallets: {
      ...wallets,
      register: (wallet) => telling({ wallet: hexOf(wallet.id) }, wallets.register(wallet)),
      delete: (id, userId, sha256) => telling({ wallet: hexOf(id) }, wallets.delete(id, userId, sha256)),
    },
    sessions: {
      ...sessions,
      delete: (userId, id) => telling({ user: userId }, sessions.delete(userId, id)),
    },
  };
}
