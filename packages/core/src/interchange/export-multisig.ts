import { assertKnownOptions, bytesToHex } from "../bytes.ts";
import type { Dump } from "../dump/dump.ts";
import { CARAVAN_NETWORKS } from "./caravan.ts";
import { NotExportableError } from "./errors.ts";
import { type ExportOptions, lossesOf, type Multisig, multisigOf } from "./exportable.ts";
import { isWhereItSays } from "./own-key.ts";
import type { Exported, ReportItem } from "./report.ts";

/** What Coldcard takes for a name. */
const MAX_COLDCARD_NAME = 20;

/**
 * A multisig account as a wallet of Caravan, which Sparrow and others read too.
 *
 * @param dump stays as it is
 * @param accountId which account: `paired`, or any with a descriptor of keys in BIP-67's order
 * @param options `source`: the seed, where the account has no descriptor
 * @returns JSON, and what it has no place for
 * @throws NotExportableError: the account has no such form; RangeError: there is no such account; TypeError for wrong arguments
 * @see docs/interchange.md
 */
export function exportCaravan(dump: Dump, accountId: string, options: ExportOptions = {}): Exported {
  assertKnownOptions(options, ["source"], "options");
  const multisig = multisigOf(dump, accountId, options);
  const { account, shape, cosigners } = multisig;
  const report = lossesOf(dump, account);
  const start = account.startingAddressIndex;
  const wallet = {
    name: account.name,
    addressType: shape.script.toUpperCase(),
    network: networkOf(multisig, report),
    client: { type: "public" },
    quorum: { requiredSigners: shape.required, totalSigners: cosigners.length },
    extendedPublicKeys: cosigners.map(({ key, cosigner, name }, i) => {
      const fingerprint = key.origin?.fingerprint ?? cosigner?.fingerprint;
      return {
        name: name ?? `Key ${i + 1}`,
        bip32Path: key.origin?.path ?? "Unknown",
        xpub: key.key,
        xfp: fingerprint ? bytesToHex(fingerprint) : "Unknown",
        ...(cosigner?.method !== undefined && { method: cosigner.method }),
      };
    }),
    startingAddressIndex: Number.isSafeInteger(start) && (start as number) > 0 ? start : 0,
  };
  if (cosigners.some(({ name }) => name === undefined)) {
    report.push({
      what: "assumed",
      where: "extendedPublicKeys",
      why: "Keys without a name are called by their number.",
    });
  }
  return { text: `${JSON.stringify(wallet, null, 2)}\n`, report };
}

/**
 * A multisig account as a text for Coldcard, which Sparrow and others read too.
 *
 * @param dump stays as it is
 * @param accountId which account, as for `exportCaravan`; each of its keys must have an origin
 * @param options `source`: the seed, where the account has no descriptor
 * @returns the text, and what it has no place for
 * @throws NotExportableError: the account has no such form; RangeError: there is no such account; TypeError for wrong arguments
 * @see https://coldcard.com/docs/multisig; docs/interchange.md
 */
export function exportColdcard(dump: Dump, accountId: string, options: ExportOptions = {}): Exported {
  assertKnownOptions(options, ["source"], "options");
  const { account, shape, cosigners } = multisigOf(dump, accountId, options);
  const report = lossesOf(dump, account, ["startingAddressIndex"]);
  const name = coldcardName(account.name, report);
  if (cosigners.some(({ name: given }) => given !== undefined)) {
    report.push({ what: "lost", where: "accounts.cosigners", why: "Coldcard has no names of keys." });
  }
  if (account.network !== "mainnet" && account.network !== "testnet") {
    report.push({
      what: "lost",
      where: "accounts.network",
      why: "The file says only that it is of a test network, by its keys.",
    });
  }
  const origins = cosigners.map(({ key }) => {
    if (!key.origin) throw new NotExportableError("A key has no origin, without which Coldcard knows no key");
    if (!isWhereItSays(key.origin.path, key.extended)) {
      report.push({
        what: "assumed",
        where: "accounts.descriptor",
        why: "A key does not stand where its path leads; Coldcard may refuse it.",
      });
    }
    return key.origin;
  });
  const paths = new Set(origins.map(({ path }) => path));
  const keys = cosigners.flatMap(({ key }, i) => {
    const { fingerprint, path } = origins[i] as (typeof origins)[number];
    const line = `${bytesToHex(fingerprint).toUpperCase()}: ${key.key}`;
    return paths.size > 1 ? ["", `Derivation: ${path}`, line] : [line];
  });
  const lines = [
    "# Multisig setup file",
    `Name: ${name}`,
    `Policy: ${shape.required} of ${cosigners.length}`,
    `Format: ${shape.script.toUpperCase()}`,
    ...(paths.size === 1 ? [`Derivation: ${origins[0]?.path}`, ""] : []),
    ...keys,
  ];
  return { text: `${lines.join("\n")}\n`, report };
}

function networkOf({ account, shape }: Multisig, report: ReportItem[]): string {
  if (CARAVAN_NETWORKS.includes(account.network)) return account.network;
  const network = shape.keys[0]?.extended.isMainnet ? "mainnet" : "testnet";
  report.push({
    what: "converted",
    where: "accounts.network",
    why: `Caravan does not know the network: ${network} is written.`,
  });
  return network;
}

/** Printable ASCII, 20 characters at most. */
function coldcardName(name: string, report: ReportItem[]): string {
  const ascii = [...name].map((char) => (/[ -~]/.test(char) ? char : "?")).join("");
  const short = ascii.slice(0, MAX_COLDCARD_NAME).trim();
  if (short !== name) {
    report.push({
      what: "converted",
      where: "accounts.name",
      why: `The name is written in ${MAX_COLDCARD_NAME} characters of ASCII at most.`,
    });
  }
  return short || "Multisig";
}
