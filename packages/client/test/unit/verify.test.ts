import { type Dump, defineSection, RawSection } from "@cloudbackup/core";
import { beforeEach, describe, expect, it } from "vitest";
import { memoryStorage, type Storage } from "../../src/storage.ts";
import type { SectionReport, VerifyReport } from "../../src/verify.ts";
import type { WalletBackup } from "../../src/wallet-backup.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { account, dump, labels, type RealServer, renamed, SEED, startServer } from "../support/wallets.ts";

const notes = defineSection({
  name: "acme.notes",
  // A Standard Schema that takes everything.
  schema: { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } },
  identity: (note: { id: number; text: string }) => note.id,
});

let server: RealServer;
let storage: Storage;
let wallet: WalletBackup<[typeof notes]>;
beforeEach(async () => {
  server = await startServer();
  storage = memoryStorage();
  wallet = await openedWith(storage);
});

async function openedWith(storage: Storage) {
  const client = await server.signedIn("alice", { storage, sections: [notes], clock: new FakeClock() });
  return (await client.openWallet(SEED)) as unknown as WalletBackup<[typeof notes]>;
}

/** Another device that took over what the server holds. */
async function otherDevice() {
  const other = await openedWith(memoryStorage());
  await (await other.restore()).accept();
  return other;
}

function sectionOf(report: VerifyReport, name: string): SectionReport {
  const section = report.sections.find((each) => each.name === name);
  if (!section) throw new Error(`the report has no section ${name}`);
  return section;
}

/** `outcome id newer`, of all records of a section. */
const told = (section: SectionReport) =>
  section.records.map(({ outcome, id, newer }) => `${outcome} ${id} ${newer ?? "unknown"}`);

const idOf = (index: number) => account(index).id;

describe("a restore drill", () => {
  it("is dated, and counts what is the same", async () => {
    await wallet.backup({ ...dump, "acme.notes": [{ id: 1, text: "a" }] });
    const report = await wallet.verify({ ...dump, "acme.notes": [{ id: 1, text: "a" }] });
    expect(report).toMatchObject({
      ok: true,
      revision: 1,
      gen: 1,
      checkedAt: new Date("2026-01-02T03:04:05Z"),
      writtenAt: new Date("2026-01-02T03:04:05Z"),
      device: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    const counts = report.sections.map(({ name, outcome, counts }) => [name, outcome, counts]);
    expect(counts).toEqual([
      ["accounts", "same", { dump: 3, backup: 3 }],
      ["acme.notes", "same", { dump: 1, backup: 1 }],
      ["labels", "same", { dump: 300, backup: 300 }],
      ["pairings", "same", { dump: 1, backup: 1 }],
    ]);
    expect(report.sections.flatMap(({ records }) => records)).toEqual([]);
  });

  it("names what the backup lacks, and what was changed here since", async () => {
    await wallet.backup(dump);
    const accounts = [...renamed("Rent").accounts.slice(0, 2), account(3)];
    const report = await wallet.verify({ ...dump, accounts });
    expect(report.ok).toBe(false);
    const section = sectionOf(report, "accounts");
    expect(section).toMatchObject({ outcome: "differs", newer: "dump", counts: { dump: 3, backup: 3 }, more: 0 });
    expect(told(section)).toEqual([`differs ${idOf(0)} dump`, `missing ${idOf(3)} dump`, `extra ${idOf(2)} dump`]);
    expect(section.records[0]).toMatchObject({ name: "Rent", keys: ["name"] });
    expect(section.records[2]).toMatchObject({ name: "No. 2", keys: [] });
  });

  it("names what another device has written since", async () => {
    await wallet.backup(dump);
    const other = await otherDevice();
    const accounts = [...renamed("Rent").accounts.slice(0, 2), account(3)];
    await other.backup({ ...dump, accounts });
    const section = sectionOf(await wallet.verify(dump), "accounts");
    expect(section.newer).toBe("backup");
    expect(told(section)).toEqual([
      `differs ${idOf(0)} backup`,
      `missing ${idOf(2)} backup`,
      `extra ${idOf(3)} backup`,
    ]);
    // Both have something of their own.
    const both = sectionOf(await wallet.verify({ ...dump, accounts: [...dump.accounts, account(4)] }), "accounts");
    expect(both.newer).toBeUndefined();
    expect(told(both)).toContain(`missing ${idOf(4)} dump`);
  });

  it("without anything kept here tells newer by the counters alone", async () => {
    await wallet.backup(dump);
    const fresh = await openedWith(memoryStorage());
    const accounts = [account(0, { external: { next: 9 } }), account(1, { name: "Rent" }), account(7)];
    const section = sectionOf(await fresh.verify({ ...dump, accounts }), "accounts");
    expect(told(section)).toEqual([
      `differs ${idOf(0)} dump`,
      `differs ${idOf(1)} unknown`,
      `missing ${idOf(7)} unknown`,
      `extra ${idOf(2)} unknown`,
    ]);
  });

  it("tells sections apart: absent there, not named here, emptied here, not understood", async () => {
    const raw = (text: string) => new RawSection("acme.raw", new Uint8Array([0x61, text.charCodeAt(0)]));
    await wallet.backup({ ...dump, "acme.notes": [{ id: 1, text: "a" }], "acme.raw": raw("a") });
    const { accounts, pairings } = dump;
    const report = await wallet.verify({ accounts, pairings, labels: [], "acme.raw": raw("b"), "acme.new": ["x"] });
    const outcomes = report.sections.map(({ name, outcome, newer, counts }) => [name, outcome, newer, counts]);
    expect(outcomes).toEqual([
      ["accounts", "same", undefined, { dump: 3, backup: 3 }],
      ["acme.new", "missing", "dump", undefined],
      ["acme.notes", "carried", undefined, { dump: 0, backup: 1 }],
      ["acme.raw", "differs", "dump", undefined],
      ["labels", "differs", "dump", { dump: 0, backup: 300 }],
      ["pairings", "same", undefined, { dump: 1, backup: 1 }],
    ]);
    expect(sectionOf(report, "labels").records[0]).toMatchObject({ outcome: "extra", name: "No. 0" });
    expect(sectionOf(report, "acme.notes").records).toEqual([]);
  });

  it("lists a thousand records of a section, and counts the rest", async () => {
    await wallet.backup({ ...dump, labels: [] });
    const many = Array.from({ length: 2_500 }, (_, i) => ({
      ...labels[0],
      type: "tx",
      ref: String(i),
      label: `No. ${i}`,
    }));
    const section = sectionOf(await wallet.verify({ ...dump, labels: many }), "labels");
    expect(section).toMatchObject({ outcome: "missing", more: 1_500, counts: { dump: 2_500, backup: 0 } });
    expect(section.records).toHaveLength(1_000);
  });

  it("works from the keys alone: what this device keeps may be lost", async () => {
    await wallet.backup(dump);
    for (const key of await storage.keys("")) if (key.includes("/chunks/")) await storage.delete(key);
    const changed: Dump = { ...dump, labels: labels.slice(1) };
    const section = sectionOf(await wallet.verify(changed), "labels");
    expect(told(section)).toEqual([`extra tx ${labels[0]?.ref} unknown`]);
    expect((await wallet.verify(dump)).ok).toBe(true);
  });
});
