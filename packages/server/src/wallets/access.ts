import { ID_BYTES } from "@cloudbackup/core/wire";
import type { FastifyRequest, onRequestAsyncHookHandler } from "fastify";
import { parseHex } from "../bytes.ts";
import type { Context } from "../context.ts";
import { ProblemError } from "../errors.ts";
import { requireAnySession, sessionOf } from "../sessions/access.ts";
import type { WalletRow } from "../store/store.ts";

const wallets = new WeakMap<FastifyRequest, WalletRow>();

/** The wallet of the path, which is the session's to use. */
export function walletOf(request: FastifyRequest): WalletRow {
  const wallet = wallets.get(request);
  if (!wallet) throw new Error("the route asks for a wallet and has no hook that looks for it");
  return wallet;
}

/**
 * Lets in a session to a wallet of its user. Comes before the signature and the body are looked at: another user's wallet,
 * one that does not exist and what is no id get the same answer, whatever else the request holds.
 */
export function requireWallet(context: Context): onRequestAsyncHookHandler[] {
  return [
    requireAnySession(context),
    async (request) => {
      const session = sessionOf(request);
      const id = parseHex((request.params as { wallet: string }).wallet, ID_BYTES);
      if (session.kind === "wallet" && !(id && session.wallet && id.equals(session.wallet))) {
        throw new ProblemError("session-too-narrow");
      }
      const wallet = id && (await context.store.wallets.byId(id));
      if (wallet?.userId !== session.userId) throw new ProblemError("no-wallet");
      wallets.set(request, wallet);
    },
  ];
}

/**
 * Looks again, after a wait that the client can draw out: the wallet may be deleted by now, and be another user's.
 * Changes of a wallet look for themselves.
 */
export async function assertStillOwned({ store }: Context, request: FastifyRequest): Promise<void> {
  const { id, userId } = walletOf(request);
  if ((await store.wallets.byId(id))?.userId !== userId) throw new ProblemError("no-wallet");
}
