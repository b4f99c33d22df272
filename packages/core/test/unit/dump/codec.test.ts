import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { concatBytes, utf8ToBytes } from "../../../src/bytes.ts";
import { encodeCbor } from "../../../src/cbor.ts";
import { payloadChecksum } from "../../../src/dump/checksum.ts";
import { decodeDump, encodeDump, registryOf, serializeDump } from "../../../src/dump/codec.ts";
import { type Dump, RawSection } from "../../../src/dump/dump.ts";
import { defineSection, type SectionDefinition } from "../../../src/dump/sections.ts";
import { InvalidDumpError } from "../../../src/errors.ts";
import { portablePrimitives } from "../../../src/primitives/portable.ts";
import { account, emptyDump, errorOf, smallDump } from "../../fixtures.ts";

const notes = defineSection({
  name: "acme.notes",
  schema: v.looseObject({ id: v.number() }),
  identity: (record) => record.id,
});

describe("encodeDump", () => {
  it("gives sections ascending by name, the empty ones left out but accounts and pairings", () => {
    const dump = { ...emptyDump, labels: [], transactions: [], "acme.b": [1], "acme-a": [2], z: [3] };
    expect([...encodeDump(dump)].map(([name, body]) => [name, body.length])).toEqual([
      ["accounts", 0],
      ["acme-a", 1],
      ["acme.b", 1],
      ["pairings", 0],
      ["z", 1],
    ]);
  });

  it("takes undefined as absent: sections, keys of records, keys in them", () => {
    const holes = {
      ...account,
      descriptor: undefined,
      external: { next: 1, used: undefined },
      extra: { a: undefined },
    };
    const dump = { ...emptyDump, accounts: [holes], labels: undefined, "acme.notes": undefined } as unknown as Dump;
    const { descriptor, ...rest } = holes;
    expect(descriptor).toBeUndefined();
    expect(encodeDump(dump)).toEqual(
      encodeDump({ ...emptyDump, accounts: [{ ...rest, external: { next: 1 }, extra: {} }] }),
    );
  });

  it.each([
    { id: "without accounts", dump: { pairings: [] }, section: "accounts" },
    { id: "without pairings", dump: { accounts: [] }, section: "pairings" },
    { id: "with accounts that are no list", dump: { ...emptyDump, accounts: {} }, section: "accounts" },
    { id: "with a section that is text", dump: { ...emptyDump, "acme.notes": "a" }, section: "acme.notes" },
    { id: "with a section that is null", dump: { ...emptyDump, "acme.notes": null }, section: "acme.notes" },
    {
      id: "with a section that is bytes",
      dump: { ...emptyDump, "acme.notes": new Uint8Array(1) },
      section: "acme.notes",
    },
    { id: "with a section whose name is none", dump: { ...emptyDump, "Acme Notes": [] }, section: "Acme Notes" },
    { id: "with a section __proto__", dump: { ...emptyDump, ["__proto__"]: [] }, section: "__proto__" },
  ])("refuses a dump $id", ({ dump, section }) => {
    const error = errorOf(() => encodeDump(dump as never));
    expect(error).toBeInstanceOf(InvalidDumpError);
    expect(error).toMatchObject({ section, index: undefined, path: undefined });
  });

  it.each([
    ["null", null],
    ["text", "dump"],
    ["nothing", undefined],
  ])("refuses %s with a TypeError", (_, dump) => {
    expect(() => encodeDump(dump as never)).toThrow(TypeError);
  });

  it("refuses unknown options", () => {
    expect(() => encodeDump(emptyDump, { section: [] } as never)).toThrow(TypeError);
    expect(() => decodeDump(new Map(), { section: [] } as never)).toThrow(TypeError);
    expect(() => serializeDump(emptyDump, { section: [] } as never)).toThrow(TypeError);
  });
});

describe("a section without a definition", () => {
  const body = concatBytes(encodeCbor({ id: 2 }), encodeCbor([null]), encodeCbor("a"));
  const dump = { ...emptyDump, "acme.notes": [{ id: 2 }, [null], "a"] };

  it("may be a plain array of any records, in the order given", () => {
    expect(encodeDump(dump).get("acme.notes")).toEqual(body);
  });

  it("reads as a RawSection, which is written back byte for byte", () => {
    const read = decodeDump(encodeDump(dump));
    expect(read["acme.notes"]).toEqual(new RawSection("acme.notes", body));
    expect(encodeDump(read)).toEqual(encodeDump(dump));
  });

  it("is never decoded: bytes that are no CBOR survive", () => {
    const odd = Uint8Array.of(0xff, 0x00);
    const read = decodeDump(new Map([...encodeDump(emptyDump), ["future", odd]]));
    expect(encodeDump(read).get("future")).toEqual(odd);
  });

  it("copies the body in", () => {
    const given = body.slice();
    const raw = new RawSection("acme.notes", given);
    given.fill(0);
    expect(raw.body).toEqual(body);
    expect(() => new RawSection("acme.notes", "body" as never)).toThrow(TypeError);
  });

  it("that has a definition now is checked", () => {
    const raw = { ...emptyDump, "acme.notes": new RawSection("acme.notes", body) };
    expect(() => encodeDump(raw, { sections: [notes] })).toThrow(InvalidDumpError);
    const good = encodeCbor({ id: 1 });
    const dumpOfGood = { ...emptyDump, "acme.notes": new RawSection("acme.notes", good) };
    expect(encodeDump(dumpOfGood, { sections: [notes] }).get("acme.notes")).toEqual(good);
  });
});

describe("decodeDump", () => {
  it("reads what encodeDump wrote, with a wallet's definitions", () => {
    const dump = { ...smallDump, "acme.notes": [{ id: 1 }] };
    expect(decodeDump(encodeDump(dump, { sections: [notes] }), { sections: [notes] })).toEqual(dump);
  });

  it("keeps records of kinds, networks and keys that it does not know byte for byte", () => {
    const odd = { ...account, kind: "acme.vault", network: "mars", script: "p2zk", future: { a: [1n << 60n] } };
    const sections = encodeDump({ ...emptyDump, accounts: [odd] });
    expect(encodeDump(decodeDump(sections))).toEqual(sections);
  });

  it("refuses sections without accounts or pairings, with wrong names, that are no CBOR", () => {
    const sections = encodeDump(emptyDump);
    const without = new Map(sections);
    without.delete("pairings");
    expect(errorOf(() => decodeDump(without))).toMatchObject({ code: "ERR_CB_INVALID_DUMP", section: "pairings" });
    expect(() => decodeDump(new Map([...sections, ["No", new Uint8Array()]]))).toThrow(RangeError);
    expect(() => decodeDump(new Map([...sections, ["labels", Uint8Array.of(0xff)]]))).toThrow(InvalidDumpError);
  });
});

it("refuses two definitions of one section, the format's own included", () => {
  expect(() => registryOf([notes, notes])).toThrow(RangeError);
  expect(() => registryOf([{ ...notes, name: "labels" } as SectionDefinition])).toThrow(RangeError);
});

describe("serializeDump", () => {
  it("joins the bodies in order of their names, and sums name, length and checksum", () => {
    const { sha256 } = portablePrimitives;
    const dump: Dump = { ...emptyDump, "acme.b": [1], "acme-a": [2] };
    const part = (name: string, body: Uint8Array) =>
      concatBytes(Uint8Array.of(0, 0, 0, name.length), utf8ToBytes(name), sha256(body));
    const parts = [
      part("accounts", new Uint8Array()),
      part("acme-a", Uint8Array.of(2)),
      part("acme.b", Uint8Array.of(1)),
      part("pairings", new Uint8Array()),
    ];
    const { payload, checksum } = serializeDump(dump);
    expect(payload).toEqual(Uint8Array.of(2, 1));
    expect(checksum).toEqual(sha256(concatBytes(...parts)));
    expect(payloadChecksum(encodeDump(dump))).toEqual(checksum);
  });

  it("gives two devices the same, whatever order they hold records in", () => {
    const other = { ...account, id: "b" };
    const one = serializeDump({ ...emptyDump, accounts: [account, other] });
    expect(serializeDump({ pairings: [], accounts: [other, account] })).toEqual(one);
  });

  it("tells bytes apart that moved from one section to another", () => {
    const a = serializeDump({ ...emptyDump, "acme.a": [1], "acme.b": [2] });
    const b = serializeDump({ ...emptyDump, "acme.a": [1, 2] });
    expect(a.payload).toEqual(b.payload);
    expect(a.checksum).not.toEqual(b.checksum);
  });
});
