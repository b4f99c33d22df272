import { bytesToHex } from "../bytes.ts";
import type { Account } from "../dump/accounts.ts";
import type { Dump } from "../dump/dump.ts";
import type { Pairing } from "../dump/pairings.ts";
import type { KeySource } from "../keys/backup-keys.ts";
import type { Cosigner } from "./accounts-builder.ts";
import { type DescriptorTree, parseDescriptor } from "./descriptor.ts";
import { ImportError, NotExportableError } from "./errors.ts";
import { fingerprintOf, formatExtendedKey } from "./extended-key.ts";
import { endOf, type KeyOrigin } from "./key-expression.ts";
import { accountKeyOf, masterFingerprint } from "./own-key.ts";
import type { ReportItem } from "./report.ts";
import {
  inOneOrder,
  isMultisigScript,
  isSingleScript,
  type MultisigScript,
  multisigDescriptor,
  type Shape,
  type SingleScript,
  shapeOf,
  singleDescriptor,
} from "./shape.ts";

/** What an export may need beside the dump. */
export interface ExportOptions {
  /** The wallet's seed or root `xprv`: of accounts without a descriptor it is made of their keys. */
  source?: KeySource | undefined;
}

/** What an account's descriptor says, which is made of its keys where the account has none. @throws NotExportableError */
export function treeOf(dump: Dump, account: Account, source: KeySource | undefined): DescriptorTree {
  const text = account.descriptor ?? madeDescriptor(dump, account, source);
  try {
    return inOneOrder(parseDescriptor(text));
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    throw new NotExportableError("The account's descriptor cannot be read", { cause: error });
  }
}

/** A multisig account as wallets for that have it: keys in BIP-67's order, chains 0 and 1 below each. */
export interface Multisig {
  account: Account;
  shape: Shape & { required: number };
  /** In the order of the file that the account came from. */
  cosigners: { key: Shape["keys"][number]; cosigner: Cosigner | undefined; name: string | undefined }[];
}

/** @throws RangeError: no such account; NotExportableError: it is none of that kind */
export function multisigOf(dump: Dump, accountId: string, options: ExportOptions): Multisig {
  const account = accountOf(dump, accountId);
  const shape = shapeOf(treeOf(dump, account, options.source));
  if (!shape || shape.required === undefined) throw new NotExportableError("The account is no multisig account");
  if (!shape.isSorted) {
    throw new NotExportableError("The account's keys stand in an order of its own, and not in that of BIP-67");
  }
  if (shape.chains !== "both") throw new NotExportableError("The account's addresses are not those at 0/* and 1/*");
  const pairing = dump.pairings.find(({ id }) => id === account.pairing);
  const known = cosignersIn(account);
  const keys = [...shape.keys].sort((a, b) => rankOf(known, a.key) - rankOf(known, b.key));
  const cosigners = keys.map((key) => {
    const cosigner = known.find(({ xpub }) => xpub === key.key);
    const isAuthenticator = pairing && bytesToHex(pairing.publicKey) === bytesToHex(key.extended.publicKey);
    return { key, cosigner, name: cosigner?.name ?? (isAuthenticator ? pairing.name : undefined) };
  });
  return { account, shape: { ...shape, required: shape.required }, cosigners };
}

/** Says what of a dump and of an account a file of one multisig account cannot hold. */
export function lossesOf(dump: Dump, account: Account, others: readonly string[] = []): ReportItem[] {
  const lost = (where: string, why: string): ReportItem => ({ what: "lost", where, why });
  const report: ReportItem[] = [];
  for (const name of sectionsBesideAccounts(dump)) report.push(lost(name, "The file has no place for this section."));
  for (const key of ["external", "internal", "birthday", "archived", ...others]) {
    if (account[key] !== undefined) report.push(lost(`accounts.${key}`, "The file has no place for it."));
  }
  const pairing = dump.pairings.find(({ id }) => id === account.pairing);
  if (pairing && ["secret", "pushToken", "keys", "pairedAt"].some((key) => pairing[key] !== undefined)) {
    report.push(lost("pairings", "Of the pairing only the other device's key goes into the file."));
  }
  return report;
}

/** The sections with records that descriptors and files of accounts have no place for. */
export function sectionsBesideAccounts(dump: Dump): string[] {
  return Object.entries(dump).flatMap(([name, records]) => {
    if (["accounts", "pairings", "descriptors"].includes(name) || !records) return [];
    return Array.isArray(records) && records.length === 0 ? [] : [name];
  });
}

function accountOf(dump: Dump, id: string): Account {
  if (typeof dump !== "object" || dump === null) throw new TypeError("dump must be an object of sections");
  if (typeof id !== "string") throw new TypeError("accountId must be text");
  const account = dump.accounts.find((each) => each.id === id);
  if (!account) throw new RangeError("accountId is of no account in the dump");
  return account;
}

/** A wallet of another program may have a key of that name for something else. */
function cosignersIn({ cosigners }: Account): Cosigner[] {
  if (!Array.isArray(cosigners)) return [];
  return cosigners.filter((each) => typeof each === "object" && each !== null && typeof each.xpub === "string");
}

function rankOf(cosigners: readonly Cosigner[], key: string): number {
  const rank = cosigners.findIndex(({ xpub }) => xpub === key);
  return rank < 0 ? cosigners.length : rank;
}

function madeDescriptor(dump: Dump, account: Account, source: KeySource | undefined): string {
  const { path, script = "", network } = account;
  const pairing = account.kind === "paired" ? dump.pairings.find(({ id }) => id === account.pairing) : undefined;
  const hasForm = pairing ? isMultisigScript(script) : account.kind === "standard" && isSingleScript(script);
  if (!hasForm || !path) {
    throw new NotExportableError("The account has no descriptor, and is of a kind of which none can be made");
  }
  if (source === undefined) {
    throw new NotExportableError("The account has no descriptor: the seed is needed to make it (source)");
  }
  const isMainnet = network === "mainnet";
  const own = keyText({ fingerprint: masterFingerprint(source), path }, accountKeyOf(source, path, isMainnet).xpub);
  if (!pairing) return singleDescriptor(script as SingleScript, own);
  return multisigDescriptor(script as MultisigScript, 2, [own, authenticatorKey(pairing, isMainnet)]);
}

function authenticatorKey(pairing: Pairing, isMainnet: boolean): string {
  const { publicKey, chainCode } = pairing;
  const given = pairing.origin as Partial<KeyOrigin> | undefined;
  const isKnown = given?.fingerprint instanceof Uint8Array && typeof given.path === "string";
  const origin = isKnown ? (given as KeyOrigin) : { fingerprint: fingerprintOf(pairing), path: "m" };
  const { depth, index } = endOf(origin.path);
  const key = formatExtendedKey({ isMainnet, depth, index: depth === 0 ? 0 : index, publicKey, chainCode });
  return keyText(origin, key);
}

function keyText({ fingerprint, path }: KeyOrigin, xpub: string): string {
  return `[${bytesToHex(fingerprint)}${path.slice(1)}]${xpub}/<0;1>/*`;
}
