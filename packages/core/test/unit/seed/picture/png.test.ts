import { encode } from "fast-png";
import { zlibSync } from "fflate";
import { describe, expect, it } from "vitest";
import type { UnreadablePictureError } from "../../../../src/seed/picture/errors.ts";
import { decodePng, isPng } from "../../../../src/seed/picture/png.ts";
import { errorOf } from "../../../fixtures.ts";

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

function chunk(type: string, data: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

function header(width: number, height: number, depth: number, colorType: number, interlace = 0): Uint8Array {
  const data = new Uint8Array(13);
  const view = new DataView(data.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  data.set([depth, colorType, 0, 0, interlace], 8);
  return chunk("IHDR", data);
}

/** `rows` as the file has them, each with its filter before it. */
function png(head: Uint8Array, rows: number[] | Uint8Array, ...between: Uint8Array[]): Uint8Array {
  const parts = [SIGNATURE, head, ...between, chunk("IDAT", zlibSync(Uint8Array.from(rows))), chunk("IEND", [])];
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

const refusal = (file: Uint8Array) => (errorOf(() => decodePng(file)) as UnreadablePictureError).reason;

describe("pixels", () => {
  it.each([
    { id: "grey, 1 bit", file: png(header(3, 1, 1, 0), [0, 0b101_00000]), grey: [255, 0, 255] },
    { id: "grey, 2 bits", file: png(header(5, 1, 2, 0), [0, 0b00_01_10_11, 0b01_000000]), grey: [0, 85, 170, 255, 85] },
    {
      id: "grey, 4 bits",
      file: png(header(3, 2, 4, 0), [0, 0x0f, 0x80, 0, 0xf0, 0x10]),
      grey: [0, 255, 136, 255, 0, 17],
    },
    { id: "grey, 8 bits", file: png(header(2, 1, 8, 0), [0, 7, 200]), grey: [7, 200] },
    { id: "grey, 16 bits", file: png(header(2, 1, 16, 0), [0, 0x80, 0x80, 0xff, 0xff]), grey: [128, 255] },
    { id: "one grey transparent", file: png(header(2, 1, 8, 0), [0, 7, 8], chunk("tRNS", [0, 7])), grey: [255, 8] },
    {
      id: "one bit of grey transparent",
      file: png(header(2, 1, 1, 0), [0, 0b01_000000], chunk("tRNS", [0, 0])),
      grey: [255, 255],
    },
    { id: "grey, alpha", file: png(header(3, 1, 8, 4), [0, 0, 255, 0, 0, 0, 128]), grey: [0, 255, 127] },
    { id: "colours", file: png(header(3, 1, 8, 2), [0, 255, 0, 0, 0, 255, 0, 0, 0, 255]), grey: [64, 128, 64] },
    {
      id: "one colour transparent",
      file: png(header(3, 1, 8, 2), [0, 1, 2, 3, 1, 2, 4, 9, 9, 9], chunk("tRNS", [0, 1, 0, 2, 0, 3])),
      grey: [255, 2, 9],
    },
    { id: "colours, alpha", file: png(header(2, 1, 8, 6), [0, 0, 0, 0, 0, 0, 0, 0, 255]), grey: [255, 0] },
    {
      id: "palette, 1 bit",
      file: png(header(3, 1, 1, 3), [0, 0b011_00000], chunk("PLTE", [10, 10, 10, 200, 200, 200])),
      grey: [10, 200, 200],
    },
    {
      id: "palette, transparent",
      file: png(header(2, 1, 8, 3), [0, 0, 1], chunk("PLTE", [10, 10, 10, 20, 20, 20]), chunk("tRNS", [0])),
      grey: [255, 20],
    },
    {
      id: "a colour that the palette has not",
      file: png(header(2, 1, 8, 3), [0, 0, 9], chunk("PLTE", [10, 10, 10])),
      grey: [10, 255],
    },
    { id: "pixels after one another", file: png(header(3, 1, 8, 0), [1, 5, 5, 5]), grey: [5, 10, 15] },
    {
      id: "what else a file may have",
      file: png(header(1, 1, 8, 0), [0, 3], chunk("tEXt", [65, 0, 66]), chunk("iCCP", [65, 0, 0, 1])),
      grey: [3],
    },
  ])("of $id", ({ file, grey }) => {
    expect(isPng(file)).toBe(true);
    expect([...decodePng(file).data]).toEqual(grey);
  });

  it("are the same interlaced", () => {
    const data = Uint8Array.from({ length: 13 * 11 }, (_, i) => (i * 7) % 256);
    const image = { width: 13, height: 11, data, channels: 1, depth: 8 as const };
    expect([...decodePng(encode(image, { interlace: "Adam7" })).data]).toEqual([...data]);
    expect([...decodePng(encode(image)).data]).toEqual([...data]);
  });
});

describe("is refused", () => {
  const good = png(header(2, 1, 8, 0), [0, 1, 2]);
  const changed = (at: number) => good.map((byte, i) => (i === at ? byte ^ 1 : byte));
  it.each([
    { id: "cut off", file: good.slice(0, -1), reason: "damaged" },
    { id: "its signature alone", file: SIGNATURE, reason: "damaged" },
    { id: "pixels that are changed", file: changed(good.length - 20), reason: "damaged" },
    { id: "a header that is changed", file: changed(29), reason: "damaged" },
    { id: "too few pixels", file: png(header(3, 1, 8, 0), [0, 1, 2]), reason: "damaged" },
    { id: "too many pixels", file: png(header(1, 1, 8, 0), [0, 1, 2]), reason: "damaged" },
    { id: "no pixels", file: png(header(0, 1, 8, 0), []), reason: "damaged" },
    { id: "an unknown filter", file: png(header(1, 1, 8, 0), [9, 1]), reason: "damaged" },
    { id: "an unknown depth", file: png(header(1, 1, 3, 0), [0, 1]), reason: "damaged" },
    { id: "an unknown colour type", file: png(header(1, 1, 8, 5), [0, 1]), reason: "damaged" },
    { id: "no palette", file: png(header(1, 1, 8, 3), [0, 1]), reason: "damaged" },
    { id: "two headers", file: png(header(1, 1, 8, 0), [0, 1], header(1, 1, 8, 0)), reason: "damaged" },
    { id: "interlaced bits", file: png(header(1, 1, 1, 0, 1), [0, 1]), reason: "format" },
    { id: "too many pixels in its header", file: png(header(60_000, 60_000, 8, 0), [0]), reason: "too-large" },
    { id: "too many bytes in its header", file: png(header(5000, 5000, 16, 6), [0]), reason: "too-large" },
  ])("$id", ({ file, reason }) => {
    expect(refusal(file)).toBe(reason);
  });

  it("what inflates to more than it says, before it takes memory", () => {
    const bomb = zlibSync(new Uint8Array(200_000_000), { level: 9 });
    const file = Uint8Array.from(
      [SIGNATURE, header(2, 1, 8, 0), chunk("IDAT", bomb), chunk("IEND", [])].flatMap((part) => [...part]),
    );
    const before = process.memoryUsage().arrayBuffers;
    expect(refusal(file)).toBe("damaged");
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(150_000_000);
  });
});
