import fc from "fast-check";
import { expect, it } from "vitest";
import { createBackupCache } from "../../src/backup-cache.ts";
import type { Dump } from "../../src/dump/dump.ts";
import { defineSection } from "../../src/dump/sections.ts";
import { openBackup } from "../../src/open-backup.ts";
import { backupOf, keys, noise, seededRandom, TestServer } from "../fixtures.ts";

/** A wallet whose records are changed in place, as wallets do. */
interface Wallet {
  accounts: { id: string; kind: string; network: string; name: string }[];
  pairings: [];
  labels?: { type: string; ref: string; label: string }[];
  "acme.photos"?: { id: number; bytes: Uint8Array }[];
  "acme.log"?: unknown[];
}
type Named = "accounts" | "labels" | "acme.photos" | "acme.log";

const photos = defineSection({
  name: "acme.photos",
  schema: { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } },
  identity: (record: { id: number }) => record.id,
  order: "given",
});
const sections = [photos];

/** What a wallet does to itself, and which sections that touches. */
type Edit = (wallet: Wallet) => readonly Named[];

const size = fc.constantFrom(1, 40, 900, 5_000, 30_000);
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(fc.nat(1_000), size).map(
    ([id, length]): Edit =>
      (wallet) => {
        wallet["acme.photos"] ??= [];
        const known = wallet["acme.photos"].findIndex((photo) => photo.id === id);
        const photo = { id, bytes: noise(length, id) };
        if (known >= 0) wallet["acme.photos"][known] = photo;
        else wallet["acme.photos"].push(photo);
        return ["acme.photos"];
      },
  ),
  fc.tuple(fc.nat(), fc.nat(255)).map(
    ([at, byte]): Edit =>
      (wallet) => {
        const list = wallet["acme.photos"] ?? [];
        const { bytes } = list[at % Math.max(1, list.length)] ?? { bytes: new Uint8Array(1) };
        bytes[at % bytes.length] = byte;
        return ["acme.photos"];
      },
  ),
  fc.nat().map(
    (at): Edit =>
      (wallet) => {
        wallet["acme.photos"]?.splice(at % (wallet["acme.photos"].length + 1), 1 + (at % 3));
        return ["acme.photos"];
      },
  ),
  fc.tuple(fc.nat(300), fc.string({ maxLength: 20 })).map(
    ([at, name]): Edit =>
      (wallet) => {
        const id = `account ${at}`;
        const known = wallet.accounts.find((account) => account.id === id);
        if (known) known.name = `${name}!`;
        else wallet.accounts.push({ id, kind: "acme.kind", network: "mainnet", name: `${name}!` });
        return ["accounts"];
      },
  ),
  fc.tuple(fc.nat(200), fc.string({ maxLength: 300 })).map(
    ([ref, label]): Edit =>
      (wallet) => {
        wallet.labels = [
          ...(wallet.labels ?? []).filter((each) => each.ref !== `${ref}`),
          { type: "tx", ref: `${ref}`, label },
        ];
        return ["labels"];
      },
  ),
  fc.nat(400).map(
    (count): Edit =>
      (wallet) => {
        wallet["acme.log"] = [...(wallet["acme.log"] ?? []), ...Array.from({ length: count }, (_, i) => [i, "entry"])];
        return ["acme.log"];
      },
  ),
  fc.constantFrom<Named>("labels", "acme.photos", "acme.log").map(
    (name): Edit =>
      (wallet) => {
        wallet[name as "labels"] = [];
        return [name];
      },
  ),
  fc.constantFrom<Named>("labels", "acme.photos", "acme.log").map(
    (name): Edit =>
      (wallet) => {
        delete wallet[name as "labels"];
        return [name];
      },
  ),
  fc.constant<Edit>(() => []),
);

/** Some edits, then a backup: of what changed said or not, stored by the server or lost on the way. */
const step = fc.record({
  edits: fc.array(edit, { maxLength: 4 }),
  says: fc.boolean(),
  isLost: fc.boolean(),
  isWhole: fc.nat(5).map((n) => n === 0),
});

it("gives the same backups as without a cache, whatever a wallet does and says", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 2, maxLength: 14 }), (steps) => {
      const cache = createBackupCache();
      const server = new TestServer();
      const wallet: Wallet = { accounts: [], pairings: [] };
      let previous: Uint8Array | undefined;
      for (const { edits, says, isLost, isWhole } of steps) {
        const changed = edits.flatMap((each) => each(wallet));
        const dump = wallet as unknown as Dump;
        const options = { previous, whole: isWhole, sections };
        const backup = backupOf(dump, { ...options, cache, changed: says ? changed : undefined });
        const expected = backupOf(dump, options);
        expect(backup.manifest).toEqual(expected.manifest);
        expect(backup.stats).toEqual(expected.stats);
        expect(backup.bundle.length).toBe(expected.bundle.length);
        if (isLost) continue;
        const download = server.commit(backup.bundle);
        const opened = openBackup(download, { keys }, { sections });
        expect(opened.manifest.sections).toEqual(expected.manifest.sections);
        previous = backup.state;
      }
    }),
    { numRuns: 150 },
  );
});

it("has no part in the randomness", () => {
  const dump: Dump = { accounts: [], pairings: [], "acme.log": [noise(20_000)] };
  const cache = createBackupCache();
  const [first, second] = [1, 1].map((start) => backupOf(dump, { cache, random: seededRandom(start) }));
  expect(first?.bundle).toEqual(second?.bundle);
  expect(backupOf(dump, { cache, random: seededRandom(2) }).bundle).not.toEqual(first?.bundle);
});
