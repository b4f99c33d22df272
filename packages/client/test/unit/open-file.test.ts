import { createBackup, defineSection, deriveBackupKeys, NO_REALM, RawSection } from "@cloudbackup/core";
import { decodeBundle, encodeBundle } from "@cloudbackup/core/wire";
import { beforeEach, describe, expect, it } from "vitest";
import {
  DoesNotDecryptError,
  IncompleteError,
  NoBackupError,
  TamperedError,
  TooLargeError,
  UnsupportedVersionError,
  WentBackError,
} from "../../src/errors.ts";
import { openFile } from "../../src/open-file.ts";
import { memoryStorage, type Storage } from "../../src/storage.ts";
import type { WalletBackup } from "../../src/wallet-backup.ts";
import { errorOf } from "../support/errors.ts";
import { dump, noNetwork, OTHER_SEED, type RealServer, renamed, SEED, startServer } from "../support/wallets.ts";

let server: RealServer;
let storage: Storage;
let wallet: WalletBackup;
beforeEach(async () => {
  server = await startServer();
  storage = memoryStorage();
  wallet = await (await server.signedIn("alice", { storage, app: "acme/1" })).openWallet(SEED);
});

describe("exportFile", () => {
  it("gives the download as it came, which opens without a server", async () => {
    await wallet.backup(dump);
    await wallet.backup(renamed("Savings"));
    const progress: string[] = [];
    const file = await wallet.exportFile({ onProgress: ({ phase }) => void progress.push(phase) });
    expect(new Set(progress)).toEqual(new Set(["download", "open"]));
    server.intercept = noNetwork;
    const opened = openFile(file, SEED);
    expect(opened.dump).toEqual(renamed("Savings"));
    expect(opened).toMatchObject({ revision: 2, gen: 2, app: "acme/1" });
    expect(Date.now() - opened.at.getTime()).toBeLessThan(60_000);
    server.intercept = undefined;
    const restored = await wallet.restore();
    expect(opened.device).toBe(restored.device);
    expect(opened.at).toEqual(restored.at);
    expect(opened.realm).toBe((await server.client().serverInfo()).realm);
  });

  it("does not make it this device's", async () => {
    await wallet.backup(dump);
    const fresh = await (await server.signedIn("alice")).openWallet(SEED);
    await fresh.exportFile();
    expect(await errorOf(fresh.backup(dump))).toMatchObject({ code: "ERR_CB_RESTORE_FIRST" });
  });

  it("gives no file where there is no good backup", async () => {
    expect(await errorOf(wallet.exportFile())).toMatchObject({ code: "ERR_CB_NO_WALLET" });
    await wallet.backup(dump);
    await wallet.backup(renamed("Savings"));
    server.intercept = ({ path }) =>
      path.endsWith("/latest") ? Response.json({ code: "no-backup" }, { status: 404, headers: PROBLEM }) : undefined;
    expect(await errorOf(wallet.exportFile())).toBeInstanceOf(WentBackError);
    const fresh = await (await server.signedIn("alice")).openWallet(SEED);
    expect(await errorOf(fresh.exportFile())).toBeInstanceOf(NoBackupError);
  });

  it("stops where it is aborted, and knows its options", async () => {
    await wallet.backup(dump);
    const reason = new Error("enough");
    expect(await errorOf(wallet.exportFile({ signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(await errorOf(wallet.exportFile({ revision: 1 } as object))).toBeInstanceOf(TypeError);
  });
});

const PROBLEM = { "content-type": "application/problem+json" };

describe("openFile", () => {
  const device = new Uint8Array(16).fill(5);
  const random = (length: number) => new Uint8Array(length).fill(7);
  const realm = new Uint8Array(16).fill(3);
  const { bundle } = createBackup({ dump, keys: deriveBackupKeys(SEED, realm), device, now: 1_000, random });

  it("takes a seed, what was exported, or keys of any realm, and leaves them as they are", () => {
    const keys = deriveBackupKeys(SEED, NO_REALM);
    const before = bundle.slice();
    for (const source of [SEED, { exported: keys.export() }, keys]) {
      const { dump: opened, ...rest } = openFile(bundle, source);
      expect(opened).toEqual(dump);
      expect(rest).toEqual({
        revision: 1,
        gen: 1,
        at: new Date(1_000),
        device: "05".repeat(16),
        app: undefined,
        realm: "03".repeat(16),
      });
    }
    expect(bundle).toEqual(before);
    expect(keys.export()).toHaveLength(65);
    expect(SEED[1]).toBe(1);
  });

  it("tells what is wrong with a file apart", () => {
    const failure = (bytes: Uint8Array, source = SEED) =>
      errorOf(Promise.resolve().then(() => openFile(bytes, source)));
    const { head, items } = decodeBundle(bundle);
    const newer = bundle.slice();
    newer[
      newer.indexOf(
        0x01,
        newer.findIndex((_, i) => text(newer, i) === "format"),
      )
    ] = 2;
    return Promise.all([
      expect(failure(bundle, OTHER_SEED)).resolves.toBeInstanceOf(DoesNotDecryptError),
      expect(failure(encodeBundle({ head, items: items.slice(1) }))).resolves.toBeInstanceOf(IncompleteError),
      expect(failure(newer)).resolves.toBeInstanceOf(UnsupportedVersionError),
      expect(failure(bundle.subarray(0, -1))).resolves.toBeInstanceOf(TamperedError),
      expect(failure(new Uint8Array())).resolves.toBeInstanceOf(TamperedError),
      expect(failure("file" as unknown as Uint8Array)).resolves.toBeInstanceOf(TypeError),
    ]);
  });

  it("keeps to the limit, and knows its options", () => {
    expect(() => openFile(bundle, SEED, { maxPayloadBytes: 10 })).toThrow(TooLargeError);
    expect(() => openFile(bundle, SEED, { maxBytes: 10 } as object)).toThrow(TypeError);
  });

  it("decodes the wallet's own sections by their definitions", () => {
    const notes = defineSection({
      name: "acme.notes",
      schema: {
        "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value: value as { id: number } }) },
      },
      identity: (record) => (record as { id: number }).id,
    });
    const keys = deriveBackupKeys(SEED, realm);
    const withNotes = { ...dump, "acme.notes": [{ id: 1 }] };
    const file = createBackup({ dump: withNotes, keys, device, now: 0, random, sections: [notes] }).bundle;
    expect(openFile(file, SEED, { sections: [notes] }).dump["acme.notes"]).toEqual([{ id: 1 }]);
    expect((openFile(file, SEED).dump as Record<string, unknown>)["acme.notes"]).toBeInstanceOf(RawSection);
  });
});

const text = (bytes: Uint8Array, at: number) => new TextDecoder().decode(bytes.subarray(at, at + 6));
