import { type Dump, deriveBackupKeys, InvalidDumpError } from "@cloudbackup/core";
import { beforeEach, describe, expect, it } from "vitest";
import { DumpEncoder } from "../../src/dump-encoder.ts";
import { SEED } from "../support/wallets.ts";

const keys = deriveBackupKeys(SEED, new Uint8Array(16));
const dumpOf = (label: string): Dump => ({ accounts: [], pairings: [], labels: [{ type: "tx", ref: "a", label }] });
const reader = {};
const another = {};
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
  dumps.encode(dumpOf("one"), { reader, changed: undefined });
  expect(labelOf(dumps.encode(dumpOf("two"), { reader, changed: NOTHING }))).toBe("one");
  expect(labelOf(dumps.encode(dumpOf("two"), { reader, changed: ["labels"] }))).toBe("two");
  expect(labelOf(dumps.encode(dumpOf("three"), { reader, changed: undefined }))).toBe("three");
});

describe("does not believe", () => {
  it("the first dump of a reader", () => {
    expect(labelOf(dumps.encode(dumpOf("one"), { reader, changed: NOTHING }))).toBe("one");
  });

  it("a reader after another one's dump", () => {
    dumps.encode(dumpOf("one"), { reader, changed: undefined });
    dumps.encode(dumpOf("two"), { reader: another, changed: undefined });
    expect(labelOf(dumps.encode(dumpOf("three"), { reader, changed: NOTHING }))).toBe("three");
  });

  it("a reader after a dump that nobody speaks for", () => {
    dumps.encode(dumpOf("one"), { reader, changed: undefined });
    dumps.encode(dumpOf("two"));
    expect(labelOf(dumps.encode(dumpOf("three"), { reader, changed: NOTHING }))).toBe("three");
  });

  it("anyone after it forgot", () => {
    dumps.encode(dumpOf("one"), { reader, changed: undefined });
    dumps.forget();
    expect(labelOf(dumps.encode(dumpOf("two"), { reader, changed: NOTHING }))).toBe("two");
  });
});

it("leaves a dump that cannot be encoded out of account", () => {
  dumps.encode(dumpOf("one"), { reader, changed: undefined });
  const broken = { ...dumpOf("two"), labels: [{ type: "", ref: "a" }] };
  expect(() => dumps.encode(broken)).toThrow(InvalidDumpError);
  expect(labelOf(dumps.encode(dumpOf("one"), { reader, changed: NOTHING }))).toBe("one");
});
