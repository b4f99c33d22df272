import { type BackupKeys, foldChain, type Manifest } from "@cloudbackup/core";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { ForkError } from "./errors.ts";
import { assertNotBehind, type Mark } from "./trust.ts";

/**
 * Checks that an opened backup continues from the mark: its chain must fold from the mark's through the hashes of every
 * revision between, unless its manifest says that it heals the mark's.
 *
 * @param hashes asks the server for `[revision, sha256]` from one revision on
 * @returns SHA-256 of the envelopes that it continues and that are known, hex, newest last
 * @throws WentBackError, ForkError
 */
export async function assertContinues(
  mark: Mark | null,
  keys: BackupKeys,
  opened: { manifest: Manifest; sha256: Uint8Array },
  hashes: (from: number) => Promise<[revision: number, sha256: string][]>,
): Promise<string[]> {
  const { manifest } = opened;
  assertNotBehind(mark, { revision: manifest.revision, sha256: bytesToHex(opened.sha256) });
  const parent = manifest.parent ? [bytesToHex(manifest.parent)] : [];
  if (!mark || manifest.revision === mark.revision) return parent;
  const healed = manifest.heals.map(bytesToHex);
  if (healed.includes(mark.sha256)) return [...healed, ...parent];

  const fork = () =>
    new ForkError(
      `Revision ${manifest.revision} does not continue revision ${mark.revision}, which this device has seen`,
    );
  const between = (await hashes(mark.revision)).filter(([revision]) => revision < manifest.revision);
  const [first] = between;
  if (first?.[0] !== mark.revision || first[1] !== mark.sha256) throw fork();
  const hashesBetween = between.map(([, sha256]) => sha256);
  let chain: Uint8Array = hexToBytes(mark.chain);
  for (const sha256 of hashesBetween) chain = foldChain(keys, chain, hexToBytes(sha256));
  if (bytesToHex(chain) !== bytesToHex(manifest.chain)) throw fork();
  return hashesBetween;
}
