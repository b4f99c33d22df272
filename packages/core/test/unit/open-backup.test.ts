import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { bytesToHex } from "../../src/bytes.ts";
import { encodeCbor } from "../../src/cbor.ts";
import { decodeBundle, encodeBundleHead } from "../../src/chunks/bundle.ts";
import { RawSection } from "../../src/dump/dump.ts";
import { defineSection } from "../../src/dump/sections.ts";
import { IncompleteError } from "../../src/errors.ts";
import { deriveBackupKeys, NO_REALM } from "../../src/keys/backup-keys.ts";
import { type Opener, type OpeningStep, openBackup, openBackupInSteps, openManifest } from "../../src/open-backup.ts";
import {
  backupOf,
  codeOf,
  emptyDump,
  errorOf,
  keys,
  noise,
  otherKeys,
  rebundle,
  SEED,
  smallDump,
  textOf,
} from "../fixtures.ts";

const dump = { ...smallDump, "acme.notes": [{ id: 1, text: "hunter2" }], "acme.photos": [noise(50_000)] };
const { bundle, sha256 } = backupOf(dump);

describe("an opener", () => {
  it("may be a seed, an export or keys", () => {
    const openers: Opener[] = [{ seed: SEED }, { seed: { exported: keys.export() } }, { keys }];
    for (const opener of openers) {
      const opened = openBackup(bundle, opener);
      expect(opened.dump.accounts).toEqual(dump.accounts);
      expect(opened.sha256).toEqual(sha256);
    }
  });

  it("of another wallet or realm does not decrypt", () => {
    const elsewhere = deriveBackupKeys(SEED, NO_REALM);
    for (const opener of [{ keys: otherKeys }, { keys: elsewhere }, { seed: SEED.subarray(1) }]) {
      expect(codeOf(() => openBackup(bundle, opener))).toBe("ERR_CB_DOES_NOT_DECRYPT");
    }
  });

  it.each([
    ["a seed itself", SEED],
    ["nothing", {}],
    ["keys that are none", { keys: {} }],
  ])("%s is a TypeError", (_, opener) => {
    expect(() => openBackup(bundle, opener as never)).toThrow(TypeError);
  });

  it("leaves keys usable, and wipes those it derived itself", () => {
    openBackup(bundle, { keys });
    expect(() => keys.export()).not.toThrow();
  });
});

describe("in steps", () => {
  it("gives what is given at once, and says which section is under way", () => {
    const steps = openBackupInSteps(bundle, { keys });
    const taken: OpeningStep[] = [];
    let step = steps.next();
    for (; !step.done; step = steps.next()) taken.push(step.value);
    expect(step.value).toEqual(openBackup(bundle, { keys }));
    const { total } = taken[0] as OpeningStep;
    expect(total).toBe(step.value.manifest.sections.reduce((bytes, { size }) => bytes + size, 0));
    expect(taken.map(({ done }) => done)).toEqual(taken.map(({ done }) => done).toSorted((a, b) => a - b));
    // Opened where it has chunks, then each decoded.
    const names = step.value.manifest.sections.map(({ name }) => name);
    expect(taken.filter(({ done }) => done === total).map(({ section }) => section)).toEqual(names);
    expect(taken.some(({ section, done }) => section === "acme.photos" && done < total)).toBe(true);
  });

  it("gives nothing out before every check has passed, and can be given up", () => {
    const cut = rebundle(bundle, ({ head, items }) => ({ head, items: items.slice(1) }));
    expect(errorOf(() => [...openBackupInSteps(cut, { seed: SEED })])).toBeInstanceOf(IncompleteError);
    const abandoned = openBackupInSteps(bundle, { seed: SEED });
    expect(abandoned.next().done).toBe(false);
    expect(abandoned.return(undefined as never).done).toBe(true);
  });
});

describe("options", () => {
  it.each([
    ["an unknown one", { maxPayload: 1 }, TypeError],
    ["a limit that is text", { maxPayloadBytes: "1" }, TypeError],
    ["a negative limit", { maxPayloadBytes: -1 }, RangeError],
  ])("%s", (_, options, error) => {
    expect(() => openBackup(bundle, { keys }, options as never)).toThrow(error);
  });

  it("a bundle must be bytes", () => {
    expect(() => openBackup("bundle" as never, { keys })).toThrow(TypeError);
  });
});

describe("sections", () => {
  const notes = defineSection({
    name: "acme.notes",
    schema: v.looseObject({ id: v.number(), text: v.string() }),
    identity: (record) => record.id,
  });

  it("without a definition are carried as they are", () => {
    const opened = openBackup(bundle, { keys });
    expect(opened.dump["acme.notes"]).toEqual(new RawSection("acme.notes", encodeCbor({ id: 1, text: "hunter2" })));
  });

  it("with a definition are records", () => {
    expect(openBackup(bundle, { keys }, { sections: [notes] }).dump["acme.notes"]).toEqual([
      { id: 1, text: "hunter2" },
    ]);
  });

  it("that break their definition are tampered, and the error holds no plaintext", () => {
    const strict = defineSection({ name: "acme.notes", schema: v.array(v.number()), identity: () => 1 });
    const error = errorOf(() => openBackup(bundle, { keys }, { sections: [strict] }));
    expect(error).toMatchObject({ code: "ERR_CB_TAMPERED" });
    expect(textOf(error)).toContain("acme.notes");
    expect(textOf(error)).not.toContain("hunter2");
  });
});

describe("what is missing", () => {
  it("is named, each chunk once", () => {
    const runs = backupOf({ ...emptyDump, "acme.runs": [new Uint8Array(400_000)] });
    const { head, items } = decodeBundle(runs.bundle);
    expect(items.length).toBeGreaterThan(1);
    const bare = rebundle(runs.bundle, () => ({ head: { ...head, add: [] }, items: [] }));
    const error = errorOf(() => openBackup(bare, { keys })) as IncompleteError;
    expect(error).toBeInstanceOf(IncompleteError);
    expect([...error.missing].sort()).toEqual(head.add.map(bytesToHex));
    expect(error.message).toContain(`${items.length} chunks`);
  });
});

it("lists each chunk of a section once in the state, however often the section repeats it", () => {
  const { state } = openBackup(backupOf({ ...emptyDump, "acme.runs": [new Uint8Array(4_000_000)] }).bundle, { keys });
  expect(state.length).toBeLessThan(4_000);
});

describe("openManifest", () => {
  const { head } = decodeBundle(bundle);

  it("opens the first item alone", () => {
    const opened = openManifest(encodeBundleHead(head), keys);
    expect(opened.sha256).toEqual(sha256);
    expect(opened.manifest).toEqual(openBackup(bundle, { keys }).manifest);
  });

  it("refuses what is more than the first item, another wallet, another revision", () => {
    expect(codeOf(() => openManifest(bundle, keys))).toBe("ERR_CB_TAMPERED");
    expect(codeOf(() => openManifest(encodeBundleHead(head), otherKeys))).toBe("ERR_CB_DOES_NOT_DECRYPT");
    expect(codeOf(() => openManifest(encodeBundleHead({ ...head, revision: 2 }), keys))).toBe("ERR_CB_TAMPERED");
  });
});

it("opens a Node Buffer to plain arrays", () => {
  const { manifest, sections } = openBackup(Buffer.from(bundle), { keys });
  const found = [
    manifest.checksum,
    manifest.device,
    ...sections.values(),
    ...manifest.sections.map((entry) => entry.sum),
  ];
  expect(found.filter((bytes) => Buffer.isBuffer(bytes))).toEqual([]);
});
