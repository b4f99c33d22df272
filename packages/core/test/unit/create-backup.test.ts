import { describe, expect, it } from "vitest";
import { prepareDump } from "../../src/backup-cache.ts";
import { bytesToHex, hexToBytes } from "../../src/bytes.ts";
import { encodeCbor } from "../../src/cbor.ts";
import { decodeBundle } from "../../src/chunks/bundle.ts";
import { type Backup, type CreateBackupOptions, changedSections, foldChain } from "../../src/create-backup.ts";
import { encodeDump } from "../../src/dump/codec.ts";
import type { Dump } from "../../src/dump/dump.ts";
import { RawSection } from "../../src/dump/dump.ts";
import { deriveBackupKeys } from "../../src/keys/backup-keys.ts";
import { type OpenedBackup, openBackup } from "../../src/open-backup.ts";
import { portablePrimitives } from "../../src/primitives/portable.ts";
import { chunkIdsOf, readState } from "../../src/state.ts";
import {
  account,
  backupOf,
  codeOf,
  DEVICE,
  emptyDump,
  keys,
  NOW,
  noise,
  otherKeys,
  REALM,
  SEED,
  smallDump,
  TestServer,
} from "../fixtures.ts";

const big = noise(100_000);
const bigDump: Dump = { ...smallDump, "acme.notes": [{ id: 1, text: "a" }], "acme.photos": [big] };
const open = (download: Uint8Array): OpenedBackup => openBackup(download, { keys });
const headOf = (backup: Backup) => decodeBundle(backup.bundle).head;
/** As after a restart: nothing but the bytes of the state is left. */
const next = (before: Backup, dump: Dump, options: Partial<CreateBackupOptions> = {}) =>
  backupOf(dump, { previous: before.state.slice(), ...options });

describe("the first backup", () => {
  const backup = backupOf(bigDump, { app: "acme 1.0", heals: [new Uint8Array(32).fill(1)] });
  const { manifest, dump, sha256 } = open(new TestServer().commit(backup.bundle));

  it("is revision 1, of generation 1, without a parent", () => {
    expect(headOf(backup)).toMatchObject({ revision: 1, base: 0, after: null, drop: [] });
    expect(manifest).toMatchObject({ revision: 1, gen: 1, parent: null, at: NOW, app: "acme 1.0" });
    expect(manifest.chain).toEqual(new Uint8Array(32));
    expect(manifest.heals).toEqual([new Uint8Array(32).fill(1)]);
    expect(manifest.device).toEqual(DEVICE);
  });

  it("opens to the dump", () => {
    expect(encodeDump(dump)).toEqual(encodeDump(bigDump));
    expect(sha256).toEqual(backup.sha256);
    expect(backup.manifest).toEqual(manifest);
  });

  it("counts", () => {
    const { stats } = backup;
    expect(stats.changed).toEqual(["accounts", "acme.notes", "acme.photos", "labels", "pairings"]);
    expect(stats.payloadBytes).toBe([...encodeDump(bigDump).values()].reduce((sum, body) => sum + body.length, 0));
    expect(stats.newChunks).toBe(stats.chunks);
    expect(stats.chunks).toBe(decodeBundle(backup.bundle).items.length);
  });

  it("leaves the dump as it was", () => {
    const given = structuredClone(bigDump);
    backupOf(given);
    expect(given).toEqual(bigDump);
  });

  it("asks for 24 random bytes an envelope and a chunk, no more", () => {
    const lengths: number[] = [];
    const random = (length: number) => {
      lengths.push(length);
      return noise(length, lengths.length);
    };
    const { stats } = backupOf(bigDump, { random });
    expect(lengths).toEqual(new Array(stats.newChunks + 1).fill(24));
  });
});

describe("an update after a restart", () => {
  const first = backupOf(bigDump);

  it("sends what changed, and the server's download is the new dump", () => {
    const server = new TestServer();
    server.commit(first.bundle);
    const dump = { ...bigDump, "acme.notes": [{ id: 1, text: "b" }] };
    const second = next(first, dump);
    expect(second.stats).toMatchObject({ changed: ["acme.notes"], newChunks: 1 });
    expect(headOf(second)).toMatchObject({ revision: 2, base: 1 });
    expect([headOf(second).add.length, headOf(second).drop.length]).toEqual([1, 1]);
    expect(second.bundle.length).toBeLessThan(2_000);

    const opened = open(server.commit(second.bundle));
    expect(encodeDump(opened.dump)).toEqual(encodeDump(dump));
    expect(opened.manifest).toMatchObject({ revision: 2, gen: 2 });
    expect(opened.manifest.parent).toEqual(first.sha256);
    expect(opened.manifest.chain).toEqual(foldChain(keys, new Uint8Array(32), first.sha256));
    expect(headOf(second).after).toEqual(first.sha256);
  });

  it("sends no chunk where nothing changed", () => {
    const second = next(first, bigDump);
    expect(second.stats).toMatchObject({ changed: [], newChunks: 0 });
    expect(headOf(second)).toMatchObject({ add: [], drop: [] });
  });

  it("sends a few chunks of a section in which a little changed", () => {
    const changed = big.slice();
    changed[50_000] = (changed[50_000] as number) ^ 1;
    const second = next(first, { ...bigDump, "acme.photos": [changed] });
    expect(second.stats.changed).toEqual(["acme.photos"]);
    expect(second.stats.newChunks).toBeGreaterThan(0);
    expect(second.stats.newChunks).toBeLessThanOrEqual(2);
  });

  it("goes on from a download as from what it wrote itself", () => {
    const server = new TestServer();
    const { state } = open(server.commit(first.bundle));
    const dump = { ...bigDump, labels: [{ type: "tx", ref: "bb" }] };
    const second = backupOf(dump, { previous: state });
    expect(second.stats).toMatchObject({ changed: ["labels"], newChunks: 0 });
    expect(encodeDump(open(server.commit(second.bundle)).dump)).toEqual(encodeDump(dump));
  });

  it("keeps a chunk that one section gives up while another uses it", () => {
    const server = new TestServer();
    const photos = { ...emptyDump, "acme.a": [big], "acme.b": [big] };
    const both = backupOf(photos);
    server.commit(both.bundle);
    const one = next(both, photos, { dump: { ...emptyDump, "acme.b": [big] }, remove: ["acme.a"] });
    expect(headOf(one)).toMatchObject({ add: [], drop: [] });
    const moved = next(one, { ...emptyDump, "acme.b": [1], "acme.c": [big] });
    expect(headOf(moved).drop).toEqual([]);
    expect(headOf(moved).add.length).toBe(1);
    server.commit(one.bundle);
    expect(encodeDump(open(server.commit(moved.bundle)).dump).get("acme.c")).toEqual(encodeCbor(big));
  });

  it("drops every chunk that nothing uses any more", () => {
    const server = new TestServer();
    server.commit(first.bundle);
    server.commit(next(first, emptyDump, { remove: ["labels", "acme.notes", "acme.photos"] }).bundle);
    expect(server.inUse.size).toBe(0);
  });

  it("holds all chunks in its state, those carried over too", () => {
    const third = next(next(first, smallDump), smallDump);
    const state = readState(third.state, keys);
    expect(state && [...chunkIdsOf(state)].sort()).toEqual(headOf(first).add.map(bytesToHex));
    expect(third.stats.chunks).toBe(first.stats.chunks);
  });
});

describe("sections that the dump lacks", () => {
  const first = backupOf(bigDump);
  const sectionsAfter = (dump: Dump, options: Partial<CreateBackupOptions> = {}) => {
    const server = new TestServer();
    server.commit(first.bundle);
    const second = next(first, dump, options);
    const { sections } = open(server.commit(second.bundle));
    return { names: [...sections.keys()], changed: second.stats.changed, sections };
  };

  it("are carried over", () => {
    const { names, changed, sections } = sectionsAfter(emptyDump);
    expect(names).toEqual(["accounts", "acme.notes", "acme.photos", "labels", "pairings"]);
    expect(changed).toEqual(["accounts", "pairings"]);
    expect(sections.get("labels")).toEqual(encodeDump(bigDump).get("labels"));
  });

  it("are carried over where they are undefined", () => {
    expect(sectionsAfter({ ...bigDump, labels: undefined })).toMatchObject({ changed: [] });
  });

  it("go where `remove` names them", () => {
    const { names, changed } = sectionsAfter(smallDump, { remove: ["acme.photos", "acme.never"] });
    expect(names).toEqual(["accounts", "acme.notes", "labels", "pairings"]);
    expect(changed).toEqual(["acme.photos"]);
  });

  it("go where they are there and empty: the last label was deleted", () => {
    const { names, changed } = sectionsAfter({
      ...bigDump,
      labels: [],
      "acme.notes": new RawSection("acme.notes", new Uint8Array()),
    });
    expect(names).toEqual(["accounts", "acme.photos", "pairings"]);
    expect(changed).toEqual(["acme.notes", "labels"]);
  });
});

describe("revision, gen, whole, replaces", () => {
  const first = backupOf(bigDump);

  it("take a higher revision, which makes the bundle whole", () => {
    const second = next(first, bigDump, { revision: 7, gen: 40 });
    expect(headOf(second)).toMatchObject({ revision: 7, base: 0, drop: [] });
    expect(headOf(second).add).toEqual(headOf(first).add);
    expect(second.stats).toMatchObject({ changed: [], newChunks: first.stats.chunks });
    const { manifest } = open(new TestServer().commit(second.bundle));
    expect(manifest).toMatchObject({ revision: 7, gen: 40 });
    expect(manifest.parent).toEqual(first.sha256);
  });

  it.each([1, 0])("refuse revision %i after revision 1", (revision) => {
    expect(() => next(first, bigDump, { revision })).toThrow(RangeError);
  });

  it("seal everything again where `whole` says so", () => {
    const second = next(first, bigDump, { whole: true });
    expect(headOf(second)).toMatchObject({ revision: 2, base: 0 });
    expect(second.stats.newChunks).toBe(first.stats.chunks);
    expect(encodeDump(open(new TestServer().commit(second.bundle)).dump)).toEqual(encodeDump(bigDump));
  });

  it("list in a whole bundle also the chunks of carried sections, which the server must still have", () => {
    const second = next(first, smallDump, { whole: true });
    expect(headOf(second).add).toEqual(headOf(first).add);
    expect(second.stats.newChunks).toBe(0);
    const server = new TestServer();
    server.commit(first.bundle);
    expect([...open(server.commit(second.bundle)).sections.keys()]).toContain("acme.photos");
  });

  it("stand on what cannot be opened", () => {
    const replaces = { revision: 4, sha256: new Uint8Array(32).fill(4), chain: new Uint8Array(32).fill(5), gen: 9 };
    const backup = backupOf(smallDump, { replaces });
    expect(headOf(backup)).toMatchObject({ revision: 5, base: 0 });
    expect(headOf(backup).after).toEqual(replaces.sha256);
    const { manifest } = open(new TestServer().commit(backup.bundle));
    expect(manifest).toMatchObject({ revision: 5, gen: 10 });
    expect(manifest.chain).toEqual(foldChain(keys, replaces.chain, replaces.sha256));
  });

  it("stand on a deleted wallet's last number", () => {
    const replaces = { revision: 4, sha256: null, chain: new Uint8Array(32), gen: 0 };
    const backup = backupOf(smallDump, { replaces });
    expect(headOf(backup)).toMatchObject({ revision: 5, base: 0, after: null });
    expect(open(new TestServer().commit(backup.bundle)).manifest).toMatchObject({ parent: null, gen: 1 });
  });
});

describe("changedSections", () => {
  const prepare = (dump: Dump) => prepareDump(dump, { keys });
  const state = readState(backupOf(bigDump).state, keys);

  it("names what is changed, new or removed, ascending", () => {
    const prepared = prepare({
      ...emptyDump,
      accounts: smallDump.accounts,
      labels: [{ type: "tx", ref: "z" }],
      "acme.new": [1],
    });
    expect(changedSections(prepared, state)).toEqual(["acme.new", "labels", "pairings"]);
    expect(changedSections(prepared, state, { remove: ["acme.notes", "acme.none", "labels"] })).toEqual([
      "acme.new",
      "acme.notes",
      "labels",
      "pairings",
    ]);
  });

  it("names nothing where nothing changed, and all without a state", () => {
    expect(changedSections(prepare(bigDump), state)).toEqual([]);
    expect(changedSections(prepare(emptyDump), null)).toEqual(["accounts", "pairings"]);
  });

  it("names what the dump has without a record", () => {
    expect(changedSections(prepare({ ...bigDump, labels: [], "acme.none": [] }), state)).toEqual(["labels"]);
  });
});

it("hashes every section once, also to read it", () => {
  const hashed: number[] = [];
  const sha256 = (bytes: Uint8Array) => {
    hashed.push(bytes.length);
    return portablePrimitives.sha256(bytes);
  };
  const createSha256 = () => {
    const hash = portablePrimitives.createSha256();
    const update = (bytes: Uint8Array) => {
      hashed.push(bytes.length);
      hash.update(bytes);
    };
    return { ...hash, update };
  };
  const counting = deriveBackupKeys(SEED, REALM, { primitives: { ...portablePrimitives, sha256, createSha256 } });
  const length = encodeDump(bigDump).get("acme.photos")?.length as number;
  const times = () => hashed.splice(0).filter((hashedLength) => hashedLength === length).length;
  const first = backupOf(bigDump, { keys: counting });
  expect(times()).toBe(1);
  next(first, bigDump, { keys: counting });
  expect(times()).toBe(1);
  openBackup(first.bundle, { keys: counting });
  expect(times()).toBe(1);
});

describe("wrong options", () => {
  const state = backupOf(smallDump).state;
  const replaces = { revision: 1, sha256: new Uint8Array(32), chain: new Uint8Array(32), gen: 1 };
  const mirror = { realm: new Uint8Array(16), revision: 1, sha256: new Uint8Array(32) };

  it.each([
    { id: "an unknown one", options: { prevoius: state }, error: /no option "prevoius"/ },
    { id: "no dump", options: { dump: undefined }, error: /dump/ },
    { id: "no dump, but remove", options: { dump: undefined, remove: ["labels"] }, error: /dump/ },
    { id: "no keys", options: { keys: undefined }, error: /keys must be/ },
    { id: "a seed as keys", options: { keys: new Uint8Array(64) }, error: /keys must be/ },
    { id: "a device of 15 bytes", options: { device: new Uint8Array(15) }, error: /device/ },
    { id: "no device", options: { device: undefined }, error: /device/ },
    { id: "now as a Date", options: { now: new Date() }, error: /now/ },
    { id: "now with a fraction", options: { now: 0.5 }, error: /now/ },
    { id: "no random", options: { random: undefined }, error: /random/ },
    { id: "random that gives too little", options: { random: () => new Uint8Array(23) }, error: /random/ },
    { id: "revision 0", options: { revision: 0 }, error: /revision/ },
    { id: "gen 0", options: { gen: 0 }, error: /gen/ },
    { id: "gen as text", options: { gen: "2" }, error: /gen/ },
    { id: "app that is no text", options: { app: 1 }, error: /app/ },
    { id: "app that is null", options: { app: null }, error: /app/ },
    { id: "whole that is no boolean", options: { whole: "no" }, error: /whole/ },
    { id: "heals of 31 bytes", options: { heals: [new Uint8Array(31)] }, error: /heals/ },
    {
      id: "a mirror's realm of 32 bytes",
      options: { mirrors: [{ ...mirror, realm: new Uint8Array(32) }] },
      error: /realm/,
    },
    { id: "a mirror's revision 0", options: { mirrors: [{ ...mirror, revision: 0 }] }, error: /revision/ },
    { id: "a mirror's hash in hex", options: { mirrors: [{ ...mirror, sha256: "00" }] }, error: /sha256/ },
    { id: "previous that is no bytes", options: { previous: "state" }, error: /previous/ },
    {
      id: "previous that cannot be read",
      options: { previous: new Uint8Array(100) },
      error: /previous cannot be read/,
    },
    {
      id: "previous of another wallet",
      options: { previous: state, keys: otherKeys },
      error: /previous cannot be read/,
    },
    { id: "previous and replaces", options: { previous: state, replaces }, error: /exclude each other/ },
    {
      id: "replaces with a short hash",
      options: { replaces: { ...replaces, sha256: new Uint8Array(20) } },
      error: /replaces.sha256/,
    },
    {
      id: "replaces without a chain",
      options: { replaces: { ...replaces, chain: undefined } },
      error: /replaces.chain/,
    },
    { id: "replaces with a negative gen", options: { replaces: { ...replaces, gen: -1 } }, error: /replaces.gen/ },
    {
      id: "replaces without a revision",
      options: { replaces: { ...replaces, revision: undefined } },
      error: /replaces.revision/,
    },
    { id: "remove that is text", options: { remove: "labels" }, error: /remove/ },
    { id: "remove of what every backup has", options: { remove: ["accounts"] }, error: /remove names accounts/ },
    { id: "remove of what the dump has", options: { remove: ["labels"] }, error: /remove names labels/ },
    { id: "remove of what is no section's name", options: { remove: ["Labels"] }, error: /remove/ },
    { id: "two definitions of one section", options: { sections: [{ name: "labels" }] }, error: /labels twice/ },
  ])("$id: refused, naming it", ({ options, error }) => {
    expect(() => backupOf(smallDump, options as never)).toThrow(error);
    const outcome = (() => {
      try {
        return backupOf(smallDump, options as never);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(outcome instanceof TypeError || outcome instanceof RangeError).toBe(true);
  });

  it("remove may name what only Object has", () => {
    expect(codeOf(() => backupOf(smallDump, { remove: ["constructor"] }))).toBeNull();
  });
});

it("refuses a dump whose manifest passes 4 MiB", () => {
  const record = noise(4_000);
  const sections = Object.fromEntries(Array.from({ length: 1_060 }, (_, i) => [`section${i}`, [record]]));
  expect(codeOf(() => backupOf({ ...emptyDump, ...sections }))).toBe("ERR_CB_TOO_LARGE");
});

it("writes the optional keys of the manifest", () => {
  const mirrors = [{ realm: new Uint8Array(16).fill(1), revision: 3, sha256: new Uint8Array(32).fill(2) }];
  const { manifest } = open(backupOf({ ...emptyDump, accounts: [account] }, { mirrors, app: "a" }).bundle);
  expect(manifest.mirrors).toEqual(mirrors);
  expect(hexToBytes(keys.walletId)).toEqual(headOf(backupOf(emptyDump)).wallet);
});

it("repeats which lost backups the one before heals, unless it is told something else, or continues none", () => {
  const heals = [new Uint8Array(32).fill(1)];
  const { state, manifest, sha256 } = backupOf(emptyDump, { heals });
  expect(backupOf(emptyDump, { previous: state }).manifest.heals).toEqual(heals);
  expect(backupOf(emptyDump, { previous: state, heals: [] }).manifest.heals).toEqual([]);
  const replaces = { revision: 1, gen: 1, sha256, chain: manifest.chain };
  expect(backupOf(emptyDump, { replaces }).manifest.heals).toEqual([]);
});

it("repeats what the backup before says of other servers, unless it is told something else", () => {
  const mirrors = [{ realm: new Uint8Array(16).fill(1), revision: 3, sha256: new Uint8Array(32).fill(2) }];
  const previous = backupOf(emptyDump, { mirrors }).state;
  expect(backupOf(emptyDump, { previous }).manifest.mirrors).toEqual(mirrors);
  expect(backupOf(emptyDump, { previous, mirrors: [] }).manifest.mirrors).toEqual([]);
});
