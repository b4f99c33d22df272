import { encodeCbor } from "../../../packages/core/src/cbor.ts";
import { openAtHome, sealAtHome } from "../../../packages/core/src/envelope/at-home.ts";
import { deriveBackupKeys } from "../../../packages/core/src/keys/backup-keys.ts";
import { openBackup } from "../../../packages/core/src/open-backup.ts";
import { readState, sealState } from "../../../packages/core/src/state.ts";
import { cborValue } from "../../../packages/core/test/property/arbitraries.ts";
import { wallets } from "../corpus.ts";
import { mutateBytes } from "../mutate-bytes.ts";
import { everyItem, parseItems } from "../mutate-cbor.ts";
import { ACCEPTED, claim, claimEqual, defineTarget, type Target } from "../target.ts";
import { mutantOf } from "./bundles.ts";

const LABEL = "state";

export const homeTargets: readonly Target[] = [
  defineTarget({
    name: "readState",
    share: 20,
    open: () => {
      const { seed, realm, downloads } = wallets[0] as (typeof wallets)[number];
      const keys = deriveBackupKeys(seed, realm);
      const states = downloads.map((download) => openBackup(download, { keys }).state);
      const plaintexts = states.map((state) => openAtHome(keys, LABEL, state) as Uint8Array);
      const trees = plaintexts.map(parseItems);
      const donors = trees.flatMap(everyItem);
      return {
        // Behind the seal, most often: in front of it every change is refused alike.
        make: (source) => {
          if (source.oneIn(4)) return mutateBytes(source, source.pick(states), source.pick(states));
          const plain = source.oneIn(10)
            ? encodeCbor({
                v: 1,
                sha256: new Uint8Array(32),
                manifest: source.draw(cborValue),
                chunks: source.draw(cborValue),
              })
            : mutantOf(source, plaintexts, trees, donors);
          return sealAtHome(keys, LABEL, plain);
        },
        check: (kept: Uint8Array) => {
          const state = readState(kept, keys);
          if (state === null) return "null";
          claim(openAtHome(keys, LABEL, kept) !== null, "a state that is read was sealed");
          claimEqual(readState(sealState(keys, state), keys), state, "a state comes back from its bytes");
          return ACCEPTED;
        },
      };
    },
  }),
];
