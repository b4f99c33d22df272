import { encodeCbor } from "../../../packages/core/src/cbor.ts";
import { decodeManifest, encodeManifest } from "../../../packages/core/src/chunks/manifest.ts";
import { TamperedError, UnsupportedVersionError } from "../../../packages/core/src/errors.ts";
import { deriveBackupKeys } from "../../../packages/core/src/keys/backup-keys.ts";
import { openBackup } from "../../../packages/core/src/open-backup.ts";
import { cborValue } from "../../../packages/core/test/property/arbitraries.ts";
import { wallets } from "../corpus.ts";
import { everyItem, parseItems } from "../mutate-cbor.ts";
import type { Source } from "../source.ts";
import { attempt, claim, claimEqual, defineTarget, type Target } from "../target.ts";
import { mutantOf } from "./bundles.ts";

const REFUSALS = [TamperedError, UnsupportedVersionError];
const KEYS = ["v", "rev", "gen", "parent", "chain", "heals", "mirrors", "at", "device", "app", "sum", "sections"];

export const manifestTargets: readonly Target[] = [
  defineTarget({
    name: "decodeManifest",
    share: 50,
    open: () => {
      const seeds = wallets.flatMap(({ seed, realm, downloads }) => {
        const keys = deriveBackupKeys(seed, realm);
        return downloads.map((download) => encodeManifest(openBackup(download, { keys }).manifest));
      });
      const trees = seeds.map(parseItems);
      const donors = trees.flatMap(everyItem);
      return {
        make: (source) => (source.oneIn(10) ? anyMap(source) : mutantOf(source, seeds, trees, donors)),
        check: (bytes: Uint8Array) => {
          const { outcome, value } = attempt(() => decodeManifest(bytes), REFUSALS);
          if (value) {
            const encoded = encodeManifest(value);
            claimEqual(decodeManifest(encoded), value, "a manifest comes back from its bytes");
            claim(encoded.length <= bytes.length, "a manifest takes no more bytes than it was read from");
          }
          return outcome;
        },
      };
    },
  }),
];

/** The right keys, any values. */
function anyMap(source: Source): Uint8Array {
  const map = Object.fromEntries(KEYS.map((key) => [key, source.draw(cborValue)]));
  return encodeCbor(source.oneIn(4) ? map : { ...map, v: 1 });
}
