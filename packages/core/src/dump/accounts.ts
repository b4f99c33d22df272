import {
  all,
  bool,
  bytes,
  type Check,
  listOf,
  map,
  must,
  name,
  optional,
  path,
  schemaOf,
  text,
  uint,
} from "./fields.ts";
import { type SectionDefinition, sectionOf } from "./sections.ts";

/** A branch of the wallet's hierarchy. Keys not named here are kept and written back. @see docs/sections.md */
export interface Account {
  /** By default `network/path`: `mainnet/m/44'/0'/3'`. */
  id: string;
  /** `standard`: one key, the wallet's. `paired`: 2-of-2 with the authenticator's. A wallet's own kind is dotted. */
  kind: "standard" | "paired" | (string & {});
  /** Which coins it holds. Others than those named are the wallet's affair. */
  network: "mainnet" | "testnet" | "testnet4" | "signet" | "regtest" | (string & {});
  /** 1–100 characters. */
  name: string;
  /** BIP-32 path of the account's node; there in `standard` and `paired`. */
  path?: string;
  /** Kind of its output scripts; there in `standard` and `paired`. */
  script?: "p2pkh" | "p2sh-p2wpkh" | "p2wpkh" | "p2tr" | "p2sh" | "p2sh-p2wsh" | "p2wsh" | (string & {});
  /** Output descriptor, BIP-380. */
  descriptor?: string;
  /** Where its keys come from, BIP-380. */
  origin?: {
    /** Of the master key, 4 bytes. */
    fingerprint: Uint8Array;
    /** BIP-32 path from there. */
    path: string;
  };
  /** Keys of addresses that others pay to: chain 0. @see BIP-44, "Change" */
  external?: AccountChain;
  /** Keys of change: chain 1. */
  internal?: AccountChain;
  /** Id of the pairing, for `paired`. */
  pairing?: string;
  /** Unix seconds; nothing of the account is older. */
  birthday?: number;
  /** Whether the person has put it away. */
  archived?: boolean;
  [key: string]: unknown;
}

/** One chain of an account's keys. */
export interface AccountChain {
  /** The next unused key index. */
  next: number;
  /** All used indices, ascending; left out where they are exactly 0 … next − 1. */
  used?: readonly number[];
  [key: string]: unknown;
}

const ascending = must(
  (value) => (value as number[]).every((index, i, list) => i === 0 || index > (list[i - 1] as number)),
  "must ascend",
);

const chain = map({ next: uint, used: optional(all(listOf(uint, "must be a list of integers"), ascending)) });

/** By kind, what an account must have beside what every one has. */
const NEEDED = new Map([
  ["standard", ["path", "script"]],
  ["paired", ["path", "script", "pairing"]],
]);

const neededByKind: Check = (value) => {
  const record = value as Account;
  const missing = NEEDED.get(record.kind)?.find((key) => record[key] === undefined);
  return missing ? { message: `must be there in an account of kind ${record.kind}`, path: [missing] } : undefined;
};

const account = all(
  map({
    id: text,
    kind: text,
    network: text,
    name,
    path: optional(path),
    script: optional(text),
    descriptor: optional(text),
    origin: optional(map({ fingerprint: bytes(4), path })),
    external: optional(chain),
    internal: optional(chain),
    pairing: optional(text),
    birthday: optional(uint),
    archived: optional(bool),
  }),
  neededByKind,
);

export const accountsSection: SectionDefinition<"accounts", Account> = sectionOf({
  name: "accounts",
  schema: schemaOf(account),
  identity: (record) => record.id,
  normalize: (record) => shortChain(shortChain(record, "external"), "internal"),
  merge: {
    external: mergeChains,
    internal: mergeChains,
    birthday: (local, remote) => Math.min(local as number, remote as number),
  },
});

/** Leaves `used` out where it says no more than `next`. */
function shortChain(record: Account, key: "external" | "internal"): Account {
  const used = record[key]?.used;
  if (!used || used.length !== record[key]?.next || used.some((index, i) => index !== i)) return record;
  const { used: _, ...rest } = record[key] as AccountChain;
  return { ...record, [key]: rest };
}

/** The larger `next`, the union of `used`. */
function mergeChains(local: unknown, remote: unknown): AccountChain {
  const [a, b] = [local as AccountChain, remote as AccountChain];
  const next = Math.max(a.next, b.next);
  if (!a.used && !b.used) return { ...b, ...a, next };
  const all = a.used ? b : a;
  const some = a.used ?? b.used;
  // All of the longer chain are used: a list of them would say no more, and have no end where an index is far up.
  if (!all.used && all.next === next && some?.every((index) => index < next)) {
    const { used: _, ...rest } = { ...b, ...a, next };
    return rest;
  }
  const used = [...new Set([...usedOf(a), ...usedOf(b)])].sort((x, y) => x - y);
  return { ...b, ...a, next, used };
}

function usedOf(side: AccountChain): readonly number[] {
  return side.used ?? Array.from({ length: side.next }, (_, index) => index);
}
