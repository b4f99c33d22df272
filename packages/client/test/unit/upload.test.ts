import { createBackup, type Dump, deriveBackupKeys, RawSection } from "@cloudbackup/core";
import { decodeBundle, decodeChunkItems, encodeBundle } from "@cloudbackup/core/wire";
import { beforeEach, describe, expect, it, vi } from "vitest";
import {
  ChunksMissingError,
  NotSignedInError,
  NoWalletError,
  QuotaExceededError,
  RedirectedError,
  RevisionConflictError,
  UnavailableError,
  UnreachableError,
} from "../../src/errors.ts";
import { LocalState } from "../../src/local-state.ts";
import { memoryStorage, type Storage } from "../../src/storage.ts";
import { uploadBackup, uploadPending } from "../../src/upload.ts";
import type { WalletRequests } from "../../src/wallet-requests.ts";
import { noise, SEED } from "../support/wallets.ts";

const BATCH_BYTES = 4 * 1024 * 1024;
const keys = deriveBackupKeys(SEED, new Uint8Array(16).fill(5));
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const answer = (status: number, code: string) => ({ status, code, members: {} });

function backupOf(bytes: number) {
  const body = noise(bytes + 5);
  new DataView(body.buffer).setUint8(0, 0x5a);
  new DataView(body.buffer).setUint32(1, bytes);
  const dump: Dump = { accounts: [], pairings: [], "acme.photos": new RawSection("acme.photos", body) };
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
  return createBackup({ dump, keys, device: new Uint8Array(16), now: 1, random });
}

const large = backupOf(9 * 1024 * 1024);
const small = backupOf(100_000);

/** A server that has no chunks yet. */
function requestsOf(backup: typeof large) {
  const has = new Set<string>();
  return {
    missing: vi.fn(async (ids: readonly Uint8Array[]) => ids.filter((id) => !has.has(hex(id)))),
    putChunks: vi.fn(async (body: Uint8Array) => {
      for (const { id } of decodeChunkItems(body)) has.add(hex(id));
    }),
    commit: vi.fn(async (_: Uint8Array) => ({ revision: 1, sha256: hex(backup.sha256), storedAt: new Date(0) })),
  };
}

let storage: Storage;
let local: LocalState;
beforeEach(() => {
  storage = memoryStorage();
  local = new LocalState(storage, keys);
});

const upload = (backup: typeof large, requests: ReturnType<typeof requestsOf>, signal?: AbortSignal) =>
  uploadBackup(backup, { requests: requests as unknown as WalletRequests, local }, { signal });

it("sends a small backup in one request, kept as pending before", async () => {
  const requests = requestsOf(small);
  requests.commit.mockImplementationOnce(async (body) => {
    expect(await local.pending(hex(small.sha256))).not.toBeNull();
    expect(body).toEqual(small.bundle);
    return { revision: 1, sha256: hex(small.sha256), storedAt: new Date(0) };
  });
  expect(await upload(small, requests)).toMatchObject({ revision: 1, bytesSent: small.bundle.length });
  expect(requests.missing).not.toHaveBeenCalled();
  expect(requests.putChunks).not.toHaveBeenCalled();
});

it("sends a large one in batches of whole chunks, ascending, then a commit without", async () => {
  const requests = requestsOf(large);
  const { bytesSent } = await upload(large, requests);
  const bodies = requests.putChunks.mock.calls.map(([body]) => body);
  expect(bodies).toHaveLength(3);
  for (const body of bodies) expect(body.length).toBeLessThanOrEqual(BATCH_BYTES);
  expect(bodies.flatMap((body) => decodeChunkItems(body).map(({ id }) => hex(id)))).toEqual(
    decodeBundle(large.bundle).items.map(({ id }) => hex(id)),
  );
  const [commit] = requests.commit.mock.calls[0] ?? [];
  expect(decodeBundle(commit as Uint8Array)).toMatchObject({ items: [] });
  expect(bytesSent).toBe(large.bundle.length);
});

it("sends what the server lacks, and nothing twice: what takes one request in one", async () => {
  const requests = requestsOf(large);
  const items = decodeBundle(large.bundle).items;
  const some = items.slice(3, 5);
  requests.missing.mockResolvedValueOnce(some.map(({ id }) => id));
  const { bytesSent } = await upload(large, requests);
  expect(requests.putChunks).not.toHaveBeenCalled();
  expect(requests.commit).toHaveBeenCalledTimes(1);
  const [commit = new Uint8Array()] = requests.commit.mock.calls[0] ?? [];
  expect(decodeBundle(commit)).toEqual({ head: decodeBundle(large.bundle).head, items: some });
  expect(bytesSent).toBe(commit.length);
});

it("sends what takes more in batches, and nothing twice", async () => {
  const requests = requestsOf(large);
  const lacking = decodeBundle(large.bundle).items.slice(7);
  requests.missing.mockResolvedValueOnce(lacking.map(({ id }) => id));
  await upload(large, requests);
  const put = requests.putChunks.mock.calls.flatMap(([body]) => decodeChunkItems(body).map(({ id }) => hex(id)));
  expect(put).toEqual(lacking.map(({ id }) => hex(id)));
});

it("keeps a large one before its first chunk is sent", async () => {
  const requests = requestsOf(large);
  requests.missing.mockImplementationOnce(async (ids) => {
    const kept = await local.pendingAfter({ revision: 0, sha256: null });
    expect(kept && hex(kept.head.envelope)).toBe(hex(large.envelope));
    expect((await local.chunks(ids.map(hex))).size).toBe(ids.length);
    throw new UnreachableError("no");
  });
  await expect(upload(large, requests)).rejects.toThrow(UnreachableError);
  expect(await local.hasPending()).toBe(true);
});

describe("a pending backup", () => {
  const again = async (requests: ReturnType<typeof requestsOf>) => {
    const pending = await local.pendingAfter({ revision: 0, sha256: null });
    return uploadPending(pending as NonNullable<typeof pending>, { requests: requests as never, local }, {});
  };

  it.each([
    ["small", small],
    ["large", large],
  ])("that is %s is sent again byte for byte", async (_, backup) => {
    const requests = requestsOf(backup);
    requests.commit.mockRejectedValueOnce(new UnreachableError("no"));
    requests.missing.mockRejectedValueOnce(new UnreachableError("no"));
    await expect(upload(backup, requests)).rejects.toThrow(UnreachableError);
    requests.commit.mockReset();
    requests.missing.mockReset().mockImplementation(async (ids) => [...ids].reverse());
    requests.commit.mockResolvedValue({ revision: 1, sha256: hex(backup.sha256), storedAt: new Date(0) });
    const { bytesSent } = await again(requests);
    const [commit = new Uint8Array()] = requests.commit.mock.calls[0] ?? [];
    const put = requests.putChunks.mock.calls.flatMap(([body]) => decodeChunkItems(body));
    const { head, items } = decodeBundle(commit);
    const whole = encodeBundle({ head, items: [...items, ...put] });
    expect(Buffer.compare(whole, backup.bundle)).toBe(0);
    expect(bytesSent).toBe(backup.bundle.length);
  });

  it("whose chunks are neither here nor there names them, and is given up", async () => {
    const requests = requestsOf(small);
    requests.commit.mockRejectedValueOnce(new UnreachableError("no"));
    await expect(upload(small, requests)).rejects.toThrow(UnreachableError);
    for (const key of await storage.keys("chunks/")) await storage.delete(key);
    const { add } = decodeBundle(small.bundle).head;
    await expect(again(requests)).rejects.toMatchObject({ code: "ERR_CB_INCOMPLETE", missing: add.map(hex) });
    expect(await local.hasPending()).toBe(false);
  });

  it.each<[string, Error, boolean]>([
    ["a conflict", new RevisionConflictError(7), false],
    ["a wallet that is gone", new NoWalletError(), false],
    ["no answer", new UnreachableError("no"), true],
    ["a redirect on the way", new RedirectedError(302), true],
    ["an ended session", new NotSignedInError("no"), true],
  ])("after %s is kept only where something may come of it", async (_, error, isKept) => {
    const requests = requestsOf(small);
    requests.commit.mockRejectedValue(error);
    await expect(upload(small, requests)).rejects.toBe(error);
    expect(await local.hasPending()).toBe(isKept);
    if (!isKept) return;
    await expect(again(requests)).rejects.toBe(error);
    expect(await local.hasPending()).toBe(true);
  });
});

it("sends again what a commit lacks, once", async () => {
  const requests = requestsOf(small);
  const lacks = new ChunksMissingError(answer(422, "chunks-missing"));
  requests.commit.mockRejectedValueOnce(lacks);
  await upload(small, requests);
  expect(requests.putChunks).toHaveBeenCalledTimes(1);
  requests.commit.mockRejectedValue(lacks);
  await expect(upload(small, requests)).rejects.toBe(lacks);
});

it.each<[string, Error, boolean]>([
  ["a conflict", new RevisionConflictError(7), false],
  ["a quota", new QuotaExceededError(answer(507, "quota-exceeded")), false],
  ["no answer", new UnreachableError("no"), true],
  ["a failing server", new UnavailableError(answer(500, "internal")), true],
  ["an abort", new Error("enough"), true],
])("after %s keeps the commit as pending only where it may have arrived", async (_, error, isKept) => {
  const requests = requestsOf(small);
  requests.commit.mockRejectedValueOnce(error);
  await expect(upload(small, requests)).rejects.toBe(error);
  expect(await local.hasPending()).toBe(isKept);
});

it.each([{ revision: 2 }, { sha256: "ab".repeat(32) }])(
  "refuses a receipt with %o, and keeps the commit",
  async (wrong) => {
    const requests = requestsOf(small);
    requests.commit.mockResolvedValueOnce({ revision: 1, sha256: hex(small.sha256), storedAt: new Date(0), ...wrong });
    await expect(upload(small, requests)).rejects.toMatchObject({ code: "ERR_CB_BAD_RESPONSE", retryable: false });
    expect(await local.hasPending()).toBe(true);
  },
);
