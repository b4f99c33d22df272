import { describe, expect, it } from "vitest";
import { bytesToHex } from "../../src/bytes.ts";
import { encodeCbor } from "../../src/cbor.ts";
import { decodeBundle } from "../../src/chunks/bundle.ts";
import { encodeManifest } from "../../src/chunks/manifest.ts";
import { encodeDump } from "../../src/dump/codec.ts";
import { sealAtHome } from "../../src/envelope/at-home.ts";
import { chunkIdsOf, readState, readStateSections } from "../../src/state.ts";
import { backupOf, codeOf, keys, noise, otherKeys, smallDump } from "../fixtures.ts";

const dump = { ...smallDump, "acme.photos": [noise(50_000)] };
const backup = backupOf(dump);
const { head, items } = decodeBundle(backup.bundle);
const chunks = new Map(items.map((item) => [bytesToHex(item.id), item.sealed]));

it("remembers manifest, hash and chunks", () => {
  const state = readState(backup.state, keys);
  expect(state?.sha256).toEqual(backup.sha256);
  expect(state?.manifest.revision).toBe(1);
  expect(state && [...chunkIdsOf(state)].sort()).toEqual(head.add.map(bytesToHex));
});

it("is the same bytes for the same backup: it needs no randomness", () => {
  expect(backupOf(dump).state).toEqual(backup.state);
});

describe("reads as none", () => {
  const changed = backup.state.slice();
  changed[40] = (changed[40] as number) ^ 1;
  const plain = { v: 1, sha256: new Uint8Array(32), manifest: new Uint8Array(3), chunks: {} };
  const whole = { ...plain, manifest: encodeManifest(backup.manifest) };

  it("not if all of it is right", () => {
    expect(readState(sealAtHome(keys, "state", encodeCbor(whole)), keys)?.manifest).toEqual(backup.manifest);
  });

  it.each([
    { id: "empty", state: new Uint8Array() },
    { id: "cut off", state: backup.state.subarray(0, -1) },
    { id: "a byte changed", state: changed },
    { id: "another label", state: sealAtHome(keys, "mark", encodeCbor(plain)) },
    { id: "another version", state: sealAtHome(keys, "state", encodeCbor({ ...plain, v: 2 })) },
    { id: "a manifest that is none", state: sealAtHome(keys, "state", encodeCbor(plain)) },
    { id: "no manifest", state: sealAtHome(keys, "state", encodeCbor({ v: 1 })) },
    ...[null, 1, "id", [], new Uint8Array(31)].map((ids) => ({
      id: `chunk ids that are ${ids instanceof Uint8Array ? "cut off" : JSON.stringify(ids)}`,
      state: sealAtHome(keys, "state", encodeCbor({ ...whole, chunks: { "acme.photos": ids } })),
    })),
    {
      id: "a hash of 31 bytes",
      state: sealAtHome(keys, "state", encodeCbor({ ...whole, sha256: new Uint8Array(31) })),
    },
    { id: "no map", state: sealAtHome(keys, "state", encodeCbor([1])) },
    { id: "no CBOR", state: sealAtHome(keys, "state", Uint8Array.of(0xff)) },
  ])("$id", ({ state }) => {
    expect(readState(state, keys)).toBeNull();
  });

  it("with other keys", () => {
    expect(readState(backup.state, otherKeys)).toBeNull();
  });
});

describe("the sections of a state", () => {
  const state = readState(backup.state, keys);
  if (!state) throw new Error("unreadable");
  const bodies = encodeDump(dump);

  it("are read from its chunks, those that are asked for", () => {
    expect(readStateSections(keys, state, ["labels", "acme.photos", "acme.none"], chunks)).toEqual(
      new Map([
        ["acme.photos", bodies.get("acme.photos")],
        ["labels", bodies.get("labels")],
      ]),
    );
  });

  it("need no chunks where they are inline", () => {
    expect(readStateSections(keys, state, ["labels"], new Map()).size).toBe(1);
  });

  it("are incomplete without their chunks, tampered with wrong ones", () => {
    expect(codeOf(() => readStateSections(keys, state, ["acme.photos"], new Map()))).toBe("ERR_CB_INCOMPLETE");
    const swapped = new Map([...chunks.keys()].map((id, i) => [id, [...chunks.values()].at(i - 1) as Uint8Array]));
    expect(codeOf(() => readStateSections(keys, state, ["acme.photos"], swapped))).toBe("ERR_CB_TAMPERED");
  });
});
