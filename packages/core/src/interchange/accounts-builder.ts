import { assertKnownOptions, bytesToHex, concatBytes } from "../bytes.ts";
import type { Account } from "../dump/accounts.ts";
import type { Pairing } from "../dump/pairings.ts";
import type { KeySource } from "../keys/backup-keys.ts";
import { defaultPrimitives } from "../primitives/default.ts";
import { type DescriptorTree, formatDescriptor } from "./descriptor.ts";
import { ImportError, type Place } from "./errors.ts";
import type { KeyExpression } from "./key-expression.ts";
import { isOwn, isWhereItSays, type OwnKeys, ownKeysOf } from "./own-key.ts";
import { placeText, type ReportItem } from "./report.ts";
import { inOneOrder, type Shape, shapeOf } from "./shape.ts";

/** How a wallet's file is read. */
export interface ImportOptions {
  /** Of the wallet's master key, 4 bytes, as `masterFingerprint` gives it: which keys of the file are its own. */
  fingerprint?: Uint8Array | undefined;
  /** Instead of it the seed or root `xprv`: a file that says of a key that it is this wallet's is then held to it. */
  source?: KeySource | undefined;
  /** Where the file does not say it: `tpub` is of any test network. */
  network?: "mainnet" | "testnet" | "testnet4" | "signet" | "regtest" | undefined;
  /** What accounts without a name are called. */
  name?: string | undefined;
}

/** What a file says of one key of an account and its descriptor does not. */
export interface Cosigner {
  /** The key in the account's descriptor. */
  xpub: string;
  /** What the person calls it. */
  name?: string;
  /** How it signs: `ledger`. */
  method?: string;
  /** Of its master key, 4 bytes; where the descriptor has no origin. */
  fingerprint?: Uint8Array;
}

/** An account as a file describes it. */
export interface FoundAccount {
  tree: DescriptorTree;
  at: Place;
  name?: string | undefined;
  network?: string | undefined;
  cosigners?: Cosigner[] | undefined;
  /** What else the account's record gets. */
  more?: Partial<Account> | undefined;
}

/** Kinds of accounts that are neither `standard` nor `paired`. */
const MULTISIG_KIND = "cloudbackup.multisig";
const DESCRIPTOR_KIND = "cloudbackup.descriptor";

const NETWORKS = ["mainnet", "testnet", "testnet4", "signet", "regtest"];
const MAX_NAME_CHARACTERS = 100;

/** Puts together what an import gives. */
export class AccountsBuilder {
  readonly accounts: Account[] = [];
  readonly pairings: Pairing[] = [];
  readonly report: ReportItem[] = [];
  readonly #byDescriptor = new Map<string, Account>();
  readonly #ids = new Set<string>();
  readonly #pairingIds = new Set<string>();
  readonly #said = new Set<string>();
  readonly #own: OwnKeys;
  readonly #options: ImportOptions;

  /** @throws TypeError, RangeError for wrong options */
  constructor(options: ImportOptions) {
    assertKnownOptions(options, ["fingerprint", "source", "network", "name"], "options");
    const { network, name } = options;
    if (network !== undefined && !NETWORKS.includes(network)) {
      throw new RangeError(`network must be one of ${NETWORKS.join(", ")}`);
    }
    if (name !== undefined && (typeof name !== "string" || name === "" || [...name].length > MAX_NAME_CHARACTERS)) {
      throw new RangeError("name must have 1 to 100 characters");
    }
    this.#own = ownKeysOf(options);
    this.#options = options;
  }

  say(what: ReportItem["what"], at: Place, why: string): void {
    const where = placeText(at);
    if (this.#said.has(`${where} ${why}`)) return;
    this.#said.add(`${where} ${why}`);
    this.report.push({ what, where, why });
  }

  /** Says of each key of SLIP-132 that it is written otherwise now. */
  sayConverted(keys: readonly KeyExpression[], at: Place): void {
    for (const { extended } of keys) {
      if (!extended?.slip132) continue;
      const prefix = extended.text.slice(0, 4);
      this.say(
        "converted",
        at,
        `A key was written as ${extended.slip132} (SLIP-132); the same key is kept as ${prefix}.`,
      );
    }
  }

  add(found: FoundAccount): Account {
    const { at } = found;
    const tree = inOneOrder(found.tree);
    const shape = shapeOf(tree);
    assertDifferent(shape?.keys ?? [], at);
    const network = this.#networkOf(found);
    const name = this.#nameOf(found, shape);
    const descriptor = formatDescriptor(tree);
    const own = this.#ownKeyOf(found);
    const common = { network, name, ...found.more };
    if (shape && own && shape.required === undefined && shape.chains) {
      const { path } = own.origin;
      return this.#push({
        id: `${network}/${path}`,
        kind: "standard",
        ...common,
        path,
        script: shape.script,
        origin: own.origin,
        descriptor,
      });
    }
    const other = shape?.keys.length === 2 ? shape.keys.find((key) => key.key !== own?.key) : undefined;
    if (shape && own && other && shape.required === 2 && shape.isSorted && shape.chains === "both") {
      return this.#addPaired(found, { ...common, descriptor, script: shape.script }, own, other);
    }
    const checksum = descriptor.slice(-8);
    return this.#push({
      id: `${network}/${checksum}`,
      kind: shape?.required === undefined ? DESCRIPTOR_KIND : MULTISIG_KIND,
      ...common,
      ...(own && { path: own.origin.path, origin: own.origin }),
      ...(shape && { script: shape.script }),
      descriptor,
      ...withCosigners(found.cosigners),
    });
  }

  #addPaired(
    found: FoundAccount,
    common: Pick<Account, "network" | "name" | "script" | "descriptor">,
    own: OwnKey,
    other: Shape["keys"][number],
  ): Account {
    const { path } = own.origin;
    const { publicKey, chainCode } = other.extended;
    const id = bytesToHex(defaultPrimitives.sha256(concatBytes(publicKey, chainCode)));
    const cosigner = found.cosigners?.find(({ xpub }) => xpub === other.key);
    const fingerprint = other.origin?.fingerprint ?? cosigner?.fingerprint;
    const account = this.#push({
      id: `${common.network}/${path}`,
      kind: "paired",
      ...common,
      path,
      origin: own.origin,
      pairing: id,
      ...withCosigners(found.cosigners),
    });
    const name = cosigner?.name ?? (fingerprint ? `Key ${bytesToHex(fingerprint)}` : "Other key");
    if (!cosigner?.name) this.say("assumed", found.at, `The other key has no name: its device is called "${name}".`);
    const pairing: Pairing = {
      id,
      network: common.network,
      account: account.id,
      name,
      publicKey,
      chainCode,
      ...(other.origin && { origin: other.origin }),
    };
    if (this.#pairingIds.has(id)) return account;
    this.#pairingIds.add(id);
    this.pairings.push(pairing);
    return account;
  }

  /** Undefined too where more than one key is the wallet's, or its place cannot be right. */
  #ownKeyOf({ tree, at }: FoundAccount): OwnKey | undefined {
    const own = tree.keys.filter((key): key is OwnKey => isOwn(this.#own, key, at));
    if (own.length > 1) {
      this.say("assumed", at, "More than one of its keys is this wallet's: the account is kept by its descriptor.");
      return undefined;
    }
    const [key] = own;
    if (!key && this.#own.fingerprint) {
      this.say("assumed", at, "None of its keys is known as this wallet's own: the account is kept by its descriptor.");
    }
    if (!key || isWhereItSays(key.origin.path, key.extended)) return key;
    this.say("assumed", at, "Its path does not lead to this wallet's key: the account is kept by its descriptor.");
    return undefined;
  }

  #networkOf({ tree, at, network: declared }: FoundAccount): string {
    const kinds = new Set(tree.keys.flatMap(({ extended }) => (extended ? [extended.isMainnet] : [])));
    if (kinds.size > 1) throw new ImportError("some keys are of mainnet, others of a test network", at);
    const [isMainnet] = kinds;
    const network = declared ?? this.#options.network;
    if (network === undefined) {
      if (isMainnet === false) {
        this.say("assumed", at, "tpub is of testnet, testnet4, signet or regtest alike: testnet is assumed.");
        return "testnet";
      }
      if (isMainnet === undefined) this.say("assumed", at, "Nothing says the network: mainnet is assumed.");
      return "mainnet";
    }
    if (declared && this.#options.network && declared !== this.#options.network) {
      throw new ImportError(`it is of ${declared}, not of ${this.#options.network}`, at);
    }
    if (isMainnet !== undefined && isMainnet !== (network === "mainnet")) {
      throw new ImportError(`its keys are of ${isMainnet ? "mainnet" : "a test network"}, not of ${network}`, at);
    }
    return network;
  }

  #nameOf({ name: given, at }: FoundAccount, shape: Shape | undefined): string {
    const name = given?.trim();
    if (name) return this.shorten(name, at);
    const kind =
      shape?.required === undefined ? (shape?.script ?? "descriptor") : `${shape.required} of ${shape.keys.length}`;
    const assumed = this.#options.name ?? `Imported (${kind})`;
    if (!this.#options.name) this.say("assumed", at, `It has no name: the account is called "${assumed}".`);
    return assumed;
  }

  /** To what a name may have. */
  shorten(name: string, at: Place): string {
    const characters = [...name];
    if (characters.length <= MAX_NAME_CHARACTERS) return name;
    this.say("lost", at, `The name is longer than ${MAX_NAME_CHARACTERS} characters: the rest of it is left out.`);
    return characters.slice(0, MAX_NAME_CHARACTERS).join("");
  }

  /** The same account twice is one; another under the same id gets another id. */
  #push(account: Account): Account {
    const { descriptor = "", id } = account;
    const same = this.#byDescriptor.get(descriptor);
    if (same) return same;
    const pushed = this.#ids.has(id) ? { ...account, id: `${id}#${descriptor.slice(-8)}` } : account;
    this.#ids.add(pushed.id);
    this.#byDescriptor.set(descriptor, pushed);
    this.accounts.push(pushed);
    return pushed;
  }
}

type OwnKey = KeyExpression & Required<Pick<KeyExpression, "origin" | "extended">>;

function withCosigners(cosigners: Cosigner[] | undefined): { cosigners?: Cosigner[] } {
  return cosigners?.some((cosigner) => Object.keys(cosigner).length > 1) ? { cosigners } : {};
}

function assertDifferent(keys: Shape["keys"], at: Place): void {
  const seen = new Set(
    keys.map(
      ({ extended, derivation }) => `${bytesToHex(extended.publicKey)}${bytesToHex(extended.chainCode)}${derivation}`,
    ),
  );
  if (seen.size < keys.length) throw new ImportError("two of its keys are the same", at);
}
