import { describe, expect, it } from "vitest";
import { bytesToHex } from "../../../src/bytes.ts";
import { parseSeedQr } from "../../../src/seed/seed-qr.ts";

const HEX = "5bbd9d71a8ec7990831aff359d426545";
const WORDS = "forum undo fragile fade shy sign arrest garment culture tube off merit";
const TIME = 1_404_172_800;
const NOW = 1_700_000_000;

describe("a paper wallet", () => {
  it.each([
    `Seed=${HEX}&Time=${TIME}`,
    `Time=${TIME}&Seed=${HEX}`,
    `seed=${HEX.toUpperCase()}&TIME=${TIME}`,
    `?Seed=${HEX}&Time=${TIME}`,
    `wallet:?Time=${TIME}&Seed=${HEX}`,
    `Seed%3D${HEX}%26Time%3D${TIME}`,
    `Seed=${HEX}&amount=5&Time=${TIME}&Name=100%`,
    ` Seed = ${HEX} & Time = ${TIME} \r\n`,
    `Seed=${HEX}\nTime=${TIME}\n`,
    `Seed=${HEX};Time=${TIME}`,
    `Seed=${HEX}&Time=${TIME}&Seed=${HEX.toUpperCase()}&Time=${TIME}`,
  ])("is read: %j", (text) => {
    const { entropy, ...read } = parseSeedQr(text, { now: NOW });
    expect(read).toEqual({ format: "paper-wallet", mnemonic: WORDS, birthday: TIME });
    expect(bytesToHex(entropy)).toBe(HEX);
  });

  it.each([
    { id: "missing", rest: "" },
    { id: "empty", rest: "&Time=" },
    { id: "no number", rest: "&Time=2014-07-01" },
    { id: "negative", rest: `&Time=-${TIME}` },
    { id: "with a fraction", rest: `&Time=${TIME}.5` },
    { id: "zero", rest: "&Time=0" },
    { id: "before there was bitcoin", rest: "&Time=1231006504" },
    { id: "in milliseconds", rest: `&Time=${TIME}000` },
    { id: "past what a block can say", rest: "&Time=4294967296" },
    { id: "yet to come", rest: `&Time=${NOW + 1}` },
    { id: "two times", rest: `&Time=${TIME}&Time=${TIME + 1}` },
  ])("has no birthday where its time is $id", ({ rest }) => {
    const read = parseSeedQr(`Seed=${HEX}${rest}`, { now: NOW });
    expect(read.mnemonic).toBe(WORDS);
    expect(read).not.toHaveProperty("birthday");
  });

  it("may be as old as bitcoin, and made now", () => {
    for (const time of [1_231_006_505, NOW]) {
      expect(parseSeedQr(`Seed=${HEX}&Time=${time}`, { now: NOW }).birthday).toBe(time);
    }
    expect(parseSeedQr(`Seed=${HEX}&Time=${NOW + 1}`).birthday).toBe(NOW + 1);
  });

  it.each([16, 20, 24, 28, 32])("has %i bytes", (length) => {
    const entropy = new Uint8Array(length).fill(0xa5);
    expect(parseSeedQr(`Seed=${bytesToHex(entropy)}`).entropy).toEqual(entropy);
  });

  it.each([
    "Seed=",
    "Seed=&Time=1404172800",
    `Seed=${HEX.slice(1)}`,
    `Seed=${HEX}00`,
    `Seed=${HEX}${HEX}${HEX}${HEX}`,
    `Seed=0x${HEX}`,
    `Seed=${HEX.slice(0, -1)}g`,
    `Seed=${HEX}&Seed=${HEX.replace("5", "6")}`,
  ])("is refused: %j", (text) => {
    expect(() => parseSeedQr(text)).toThrow(
      expect.objectContaining({ code: "ERR_CB_INVALID_SEED_QR", reason: "paper-wallet" }),
    );
  });
});
