import { describe, expect, it } from "vitest";
import { type BackupCache, createBackupCache, prepareDump } from "../../src/backup-cache.ts";
import { createBackup } from "../../src/create-backup.ts";
import { type Dump, RawSection } from "../../src/dump/dump.ts";
import { defineSection } from "../../src/dump/sections.ts";
import { deriveBackupKeys } from "../../src/keys/backup-keys.ts";
import { openBackup } from "../../src/open-backup.ts";
import type { Primitives } from "../../src/primitives/primitives.ts";
import {
  account,
  backupOf,
  codeOf,
  DEVICE,
  keys,
  NOW,
  noise,
  otherKeys,
  REALM,
  SEED,
  seededRandom,
} from "../fixtures.ts";

const photo = (i: number) => ({ id: i, bytes: noise(3_000, i) });
const dumpOf = (): Dump => ({
  accounts: [account],
  pairings: [],
  labels: [{ type: "tx", ref: "a", label: "Rent" }],
  "acme.photos": Array.from({ length: 60 }, (_, i) => photo(i)),
});

/** How often records of a section are looked at. */
function countingSection() {
  const looked = { times: 0 };
  const definition = defineSection({
    name: "acme.photos",
    schema: {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: (value) => {
          looked.times++;
          return { value };
        },
      },
    },
    identity: (record: { id: number }) => record.id,
    order: "given",
  });
  return { looked, definition };
}

/** Bytes that were named as chunks. */
function countingKeys() {
  const named = { bytes: 0 };
  const hmacSha256: Primitives["hmacSha256"] = (key, bytes) => {
    named.bytes += bytes.length;
    return keys.primitives.hmacSha256(key, bytes);
  };
  return { named, keys: deriveBackupKeys(SEED, REALM, { primitives: { ...keys.primitives, hmacSha256 } }) };
}

const entriesOf = (dump: Dump) => backupOf(dump).manifest.sections;

describe("without a word on what changed", () => {
  it("finds a record that was changed in place", () => {
    const cache = createBackupCache();
    const dump = dumpOf();
    backupOf(dump, { cache });
    (dump["acme.photos"] as { bytes: Uint8Array }[])[7]?.bytes.fill(1);
    for (const label of dump.labels ?? []) label.label = "Changed";
    const backup = backupOf(dump, { cache });
    expect(backup.manifest.sections).toEqual(entriesOf(dump));
    expect(openBackup(backup.bundle, { keys }).dump.labels?.[0]?.label).toBe("Changed");
  });

  it("cuts and names no chunk of what is the same", () => {
    const cache = createBackupCache();
    const counting = countingKeys();
    backupOf(dumpOf(), { cache, keys: counting.keys });
    expect(counting.named.bytes).toBeGreaterThan(180_000);
    counting.named.bytes = 0;
    // Whole, so that everything is in the bundle again.
    const { bundle } = backupOf(dumpOf(), { cache, keys: counting.keys });
    // The gear table of the wallet is derived by the same function.
    expect(counting.named.bytes).toBeLessThan(5_000);
    expect(openBackup(bundle, { keys }).manifest.sections).toEqual(entriesOf(dumpOf()));
  });

  it("of a section that grew names the end alone", () => {
    const cache = createBackupCache();
    const counting = countingKeys();
    const first = backupOf(dumpOf(), { cache, keys: counting.keys });
    counting.named.bytes = 0;
    const grown = { ...dumpOf(), "acme.photos": [...(dumpOf()["acme.photos"] as unknown[]), photo(60)] };
    const update = backupOf(grown, { cache, keys: counting.keys, previous: first.state });
    expect(counting.named.bytes).toBeLessThan(80_000);
    expect(update.manifest.sections).toEqual(entriesOf(grown));
  });
});

describe("with a word on what changed", () => {
  it("looks at no record of the other sections", () => {
    const cache = createBackupCache();
    const { looked, definition } = countingSection();
    const sections = [definition];
    const first = backupOf(dumpOf(), { cache, sections });
    looked.times = 0;
    const renamed = { ...dumpOf(), labels: [{ type: "tx", ref: "a", label: "New" }] };
    const update = backupOf(renamed, { cache, sections, changed: ["labels"], previous: first.state });
    expect(looked.times).toBe(0);
    expect(update.stats.changed).toEqual(["labels"]);
    expect(update.manifest.sections).toEqual(backupOf(renamed, { sections }).manifest.sections);
  });

  it("takes it: a section that is not named is as it was", () => {
    const cache = createBackupCache();
    const dump = dumpOf();
    backupOf(dump, { cache });
    const later = { ...dump, labels: [{ type: "tx", ref: "a", label: "Not told" }] };
    expect(backupOf(later, { cache, changed: [] }).manifest.sections).toEqual(entriesOf(dump));
    // Said at last.
    expect(backupOf(later, { cache, changed: ["labels"] }).manifest.sections).toEqual(entriesOf(later));
  });

  const label = (ref: string) => ({ type: "tx", ref });
  it.each<{ id: string; before: Partial<Dump>; after: Partial<Dump>; changed?: string[] }>([
    { id: "a record more", before: { labels: [label("a")] }, after: { labels: [label("a"), label("b")] } },
    { id: "no record any more", before: { labels: [label("a")] }, after: { labels: [] } },
    { id: "a section that was not there", before: {}, after: { labels: [label("a")] } },
    { id: "a section that was empty", before: { labels: [] }, after: { labels: [label("a")] } },
    { id: "a section that is gone", before: { labels: [label("a")] }, after: {} },
    { id: "a mistyped name", before: { labels: [label("a")] }, after: { labels: [label("b")] }, changed: ["lables"] },
    {
      id: "records in place of a raw section",
      before: { "acme.a": new RawSection("acme.a", Uint8Array.of(1)) },
      after: { "acme.a": [2] },
    },
    {
      id: "a longer raw section",
      before: { "acme.a": new RawSection("acme.a", Uint8Array.of(1)) },
      after: { "acme.a": new RawSection("acme.a", Uint8Array.of(2, 2)) },
    },
  ])("finds what is plain to see: $id", ({ before, after, changed = [] }) => {
    const cache = createBackupCache();
    const base = { accounts: [], pairings: [] };
    backupOf({ ...base, ...before }, { cache });
    const dump = { ...base, ...after };
    expect(backupOf(dump, { cache, changed }).manifest.sections).toEqual(entriesOf(dump));
  });

  it("is new to a section whose definition is another", () => {
    const cache = createBackupCache();
    backupOf(dumpOf(), { cache, sections: [countingSection().definition] });
    const { looked, definition } = countingSection();
    backupOf(dumpOf(), { cache, sections: [definition], changed: [] });
    expect(looked.times).toBeGreaterThan(0);
  });

  it("counts from the last dump that could be encoded", () => {
    const cache = createBackupCache();
    const dump = dumpOf();
    backupOf(dump, { cache });
    const broken = { ...dump, labels: [{ type: "tx", ref: "" }] };
    expect(codeOf(() => backupOf(broken, { cache, changed: ["labels"] }))).toBe("ERR_CB_INVALID_DUMP");
    expect(backupOf(dump, { cache, changed: [] }).manifest.sections).toEqual(entriesOf(dump));
  });
});

it("serves one wallet in one realm: other keys start from nothing", () => {
  const cache = createBackupCache();
  const dump = dumpOf();
  backupOf(dump, { cache });
  const later = { ...dump, labels: [{ type: "tx", ref: "a", label: "Other" }] };
  const theirs = backupOf(later, { cache, keys: otherKeys, changed: [] });
  expect(theirs.manifest.sections).toEqual(backupOf(later, { keys: otherKeys }).manifest.sections);
  expect(backupOf(dump, { cache, changed: [] }).manifest.sections).toEqual(entriesOf(dump));
});

it("forgets", () => {
  const cache = createBackupCache();
  const dump = dumpOf();
  backupOf(dump, { cache });
  cache.forget();
  const later = { ...dump, labels: [{ type: "tx", ref: "a", label: "Other" }] };
  expect(backupOf(later, { cache, changed: [] }).manifest.sections).toEqual(entriesOf(later));
});

it("is not reached through what is given out or in", () => {
  const cache = createBackupCache();
  const raw = new RawSection("acme.raw", Uint8Array.of(1, 2, 3));
  const dump = { ...dumpOf(), "acme.raw": raw };
  const expected = structuredClone(entriesOf(dump));
  const { manifest } = backupOf(dump, { cache });
  for (const entry of manifest.sections) {
    entry.sum.fill(0);
    if ("data" in entry) entry.data.fill(0);
    else for (const { id } of entry.chunks) id.fill(0);
  }
  raw.body.fill(9);
  expect(backupOf(dump, { cache, changed: [] }).manifest.sections).toEqual(expected);
  expect(backupOf(dump, { cache }).manifest.sections).toEqual(entriesOf(dump));
});

describe("a prepared dump", () => {
  it("is the dump as it was", () => {
    const dump = dumpOf();
    const expected = entriesOf(dump);
    const prepared = prepareDump(dump, { keys });
    (dump.labels as unknown[]).push({ type: "tx", ref: "later" });
    expect(backupOf(prepared as never).manifest.sections).toEqual(expected);
  });

  it("stays so when the cache goes on", () => {
    const cache = createBackupCache();
    const dumps = [
      dumpOf(),
      { ...dumpOf(), "acme.photos": [photo(1)] },
      { ...dumpOf(), "acme.photos": [photo(1), photo(2)] },
    ];
    const prepared = dumps.map((dump) => prepareDump(dump, { keys, cache }));
    for (const i of [2, 0, 1]) {
      expect(backupOf(prepared[i] as never).manifest.sections).toEqual(entriesOf(dumps[i] as Dump));
    }
  });

  it("takes the place of the dump, its options and its keys", () => {
    const prepared = prepareDump(dumpOf(), { keys });
    const options = { dump: prepared, keys, device: DEVICE, now: NOW, random: seededRandom() };
    expect(() => createBackup({ ...options, keys: otherKeys })).toThrow(TypeError);
    for (const more of [{ sections: [] }, { cache: createBackupCache() }]) {
      expect(() => createBackup({ ...options, ...more })).toThrow(TypeError);
    }
    expect(() => createBackup({ ...options, remove: ["labels"] })).toThrow(RangeError);
    expect(createBackup({ ...options, remove: ["acme.none"] }).stats.changed).toHaveLength(4);
  });
});

it.each<{ id: string; options: object; error: typeof TypeError | typeof RangeError }>([
  { id: "changed without a cache", options: { changed: ["labels"] }, error: TypeError },
  { id: "a name alone", options: { cache: createBackupCache(), changed: "labels" }, error: TypeError },
  { id: "a name that is none", options: { cache: createBackupCache(), changed: ["A b"] }, error: RangeError },
  { id: "another object as cache", options: { cache: {} as BackupCache }, error: TypeError },
])("refuses $id", ({ options, error }) => {
  expect(() => backupOf(dumpOf(), options)).toThrow(error);
  expect(() => prepareDump(dumpOf(), { keys, ...options })).toThrow(error);
});
