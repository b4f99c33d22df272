import { type Dump, deriveBackupKeys, InvalidDumpError } from "@cloudbackup/core";
import { beforeEach, describe, expect, it } from "vitest";
import { DumpEncoder } from "../../src/dump-encoder.ts";
import { SEED } from "../support/wallets.ts";

const keys = deriveBackupKeys(SEED, new Uint8Array(16));
const dumpOf = (label: string): Dump => ({ accounts: [], pairings: [], labels: [{ type: "tx", ref: "a", label }] });
const reader = {};
const another = {};
const standing = "one";
const NOTHING: string[] = [];

let dumps: DumpEncoder;
beforeEach(() => {
  dumps = new DumpEncoder(keys, []);
});

/** Of the label in what was encoded. */
function labelOf({ sections }: ReturnType<DumpEncoder["encode"]>): string | undefined {
  const text = new TextDecoder().decode(sections.get("labels")?.body);
  return /one|two|three/.exec(text)?.[0];
}

it("believes a reader on what has changed since its last dump", () => {
  dumps.encode(dumpOf("one"), { reader, standing, changed: undefined });
  expect(labelOf(dumps.encode(dumpOf("two"), { reader, standing, changed: NOTHING }))).toBe("one");
  expect(labelOf(dumps.encode(dumpOf("two"), { reader, standing, changed: ["labels"] }))).toBe("two");
  expect(labelOf(dumps.encode(dumpOf("three"), { reader, standing, changed: undefined }))).toBe("three");
});

it("believes it also where that dump was stored, and where it was not", () => {
  const source = { reader, standing, changed: undefined };
  dumps.encode(dumpOf("one"), source);
  source.standing = "two";
  expect(labelOf(dumps.encode(dumpOf("two"), { reader, standing: "two", changed: NOTHING }))).toBe("one");
  expect(labelOf(dumps.encode(dumpOf("two"), { reader, standing: "two", changed: NOTHING }))).toBe("one");
});

describe("does not believe", () => {
  it("the first dump of a reader", () => {
    expect(labelOf(dumps.encode(dumpOf("one"), { reader, standing, changed: NOTHING }))).toBe("one");
  });

  it("a reader after another one's dump", () => {
    dumps.encode(dumpOf("one"), { reader, standing, changed: undefined });
    dumps.encode(dumpOf("two"), { reader: another, standing, changed: undefined });
    expect(labelOf(dumps.encode(dumpOf("three"), { reader, standing, changed: NOTHING }))).toBe("three");
  });

  it("a reader after a dump that nobody speaks for", () => {
    dumps.encode(dumpOf("one"), { reader, standing, changed: undefined });
    dumps.encode(dumpOf("two"));
    expect(labelOf(dumps.encode(dumpOf("three"), { reader, standing, changed: NOTHING }))).toBe("three");
  });

  it("a reader once this device holds another backup", () => {
    dumps.encode(dumpOf("one"), { reader, standing, changed: undefined });
    expect(labelOf(dumps.encode(dumpOf("two"), { reader, standing: "two", changed: NOTHING }))).toBe("two");
  });

  it("a reader where its dump was stored, and then another taken over", () => {
    const source = { reader, standing, changed: undefined };
    dumps.encode(dumpOf("one"), source);
    source.standing = "two";
    expect(labelOf(dumps.encode(dumpOf("two"), { reader, standing, changed: NOTHING }))).toBe("two");
  });

  it("anyone after it forgot", () => {
    dumps.encode(dumpOf("one"), { reader, standing, changed: undefined });
    dumps.forget();
    expect(labelOf(dumps.encode(dumpOf("two"), { reader, standing, changed: NOTHING }))).toBe("two");
  });
});

it("leaves a dump that cannot be encoded out of account", () => {
  dumps.encode(dumpOf("one"), { reader, standing, changed: undefined });
  const broken = { ...dumpOf("two"), labels: [{ type: "", ref: "a" }] };
  expect(() => dumps.encode(broken)).toThrow(InvalidDumpError);
  expect(labelOf(dumps.encode(dumpOf("one"), { reader, standing, changed: NOTHING }))).toBe("one");
});
