import { expect, it, vi } from "vitest";
import { openBackup } from "../../src/open-backup.ts";
import { backupOf, codeOf, emptyDump, keys, noise } from "../fixtures.ts";

vi.mock("../../src/limits.ts", () => ({ MAX_PAYLOAD_BYTES: 10_000 }));

it("refuses a payload above the limit, carried sections included", () => {
  const first = backupOf({ ...emptyDump, "acme.a": [noise(6_000)] });
  expect(codeOf(() => backupOf({ ...emptyDump, "acme.a": [noise(10_001)] }))).toBe("ERR_CB_TOO_LARGE");
  const second = { ...emptyDump, "acme.b": [noise(6_000)] };
  expect(codeOf(() => backupOf(second, { previous: first.state }))).toBe("ERR_CB_TOO_LARGE");
  expect(codeOf(() => backupOf(second, { previous: first.state, remove: ["acme.a"] }))).toBeNull();
});

it("is the limit of a reader too, unless it sets its own", () => {
  const { bundle } = backupOf({ ...emptyDump, "acme.a": [noise(9_000)] });
  expect(codeOf(() => openBackup(bundle, { keys }))).toBeNull();
  expect(codeOf(() => openBackup(bundle, { keys }, { maxPayloadBytes: 9_002 }))).toBe("ERR_CB_TOO_LARGE");
  expect(codeOf(() => openBackup(bundle, { keys }, { maxPayloadBytes: 9_003 }))).toBeNull();
});
