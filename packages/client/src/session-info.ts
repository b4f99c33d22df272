import { dateOf, objectOf, textOf } from "./answers.ts";

/** One session of a user or a wallet, as the server lists them. */
export interface SessionInfo {
  /** Names it at the server; it is not the token. */
  id: string;
  /** `password`: for all wallets of the user; `wallet`: by seed, for one. */
  kind: string;
  /** When it began, by the server's clock. */
  createdAt: Date;
  /** When it ends by itself. */
  expiresAt: Date;
  /** Whether it is the one that asks. */
  current: boolean;
}

export function sessionInfoOf(json: unknown): SessionInfo {
  const object = objectOf(json);
  return {
    id: textOf(object, "id"),
    kind: textOf(object, "kind"),
    createdAt: dateOf(object, "createdAt"),
    expiresAt: dateOf(object, "expiresAt"),
    current: object.current === true,
  };
}
