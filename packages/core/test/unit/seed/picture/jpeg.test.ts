import { encode } from "jpeg-js";
import { describe, expect, it } from "vitest";
import type { UnreadablePictureError } from "../../../../src/seed/picture/errors.ts";
import { decodeJpeg, isJpeg } from "../../../../src/seed/picture/jpeg.ts";
import type { Luma } from "../../../../src/seed/picture/luma.ts";
import { decodePng } from "../../../../src/seed/picture/png.ts";
import { readQr } from "../../../../src/seed/picture/read-qr.ts";
import { seedQrPng } from "../../../../src/seed/picture.ts";
import { errorOf } from "../../../fixtures.ts";
import { baselineJpeg, heldByJpegs, progressiveJpeg } from "../../../jpeg-pictures.ts";
import { rgba } from "../../../seed-pictures.ts";
import { vector } from "../../../seed-qr-vectors.ts";

const code = decodePng(seedQrPng(vector(4).words, { compact: true }));
const jpegOf = (luma: Luma, quality: number) => new Uint8Array(encode(rgba(luma), quality).data);
const good = jpegOf(code, 80);

const refusal = (file: Uint8Array) => (errorOf(() => decodeJpeg(file)) as UnreadablePictureError).reason;

/** Where the segment of a marker begins. */
const find = (file: Uint8Array, marker: number) =>
  file.findIndex((byte, at) => byte === 0xff && file[at + 1] === marker);
const patched = (at: number, ...bytes: number[]) => {
  const file = good.slice();
  file.set(bytes, at);
  return file;
};
const splice = (at: number, ...bytes: number[]) => Uint8Array.from([...good.slice(0, at), ...bytes, ...good.slice(at)]);

const FRAME = find(good, 0xc0);
const SCAN = find(good, 0xda);

describe("pixels", () => {
  it("come out much as they went in", () => {
    expect(isJpeg(good)).toBe(true);
    const decoded = decodeJpeg(good);
    expect([decoded.width, decoded.height]).toEqual([code.width, code.height]);
    const off = decoded.data.filter((shade, i) => Math.abs(shade - (code.data[i] as number)) > 60);
    expect(off.length).toBeLessThan(decoded.data.length / 100);
  });

  it.each([90, 50, 20, 5])("are enough to read a code at quality %i", (quality) => {
    expect(readQr(decodeJpeg(jpegOf(code, quality)))).toEqual(vector(4).compact);
  });

  it.each([
    { id: "baseline", file: baselineJpeg },
    { id: "progressive", file: progressiveJpeg },
  ])("are read of another encoder's: $id", ({ file }) => {
    expect(readQr(decodeJpeg(file))).toEqual(heldByJpegs);
  });

  it("are read whatever else the file has, and whatever follows it", () => {
    const exif = [0xff, 0xe1, 0, 8, 0x45, 0x78, 0x69, 0x66, 0xff, 0xda];
    const comment = [0xff, 0xff, 0xff, 0xfe, 0, 4, 65, 66];
    const file = Uint8Array.from([...splice(2, ...exif, ...comment), 1, 2, 3, 0xff, 0xda]);
    expect(readQr(decodeJpeg(file))).toEqual(vector(4).compact);
  });
});

describe("is refused", () => {
  it.each([
    { id: "cut off", file: good.slice(0, -2), reason: "damaged" },
    { id: "its first bytes alone", file: good.slice(0, 4), reason: "damaged" },
    { id: "no scan", file: Uint8Array.from([...good.slice(0, SCAN), 0xff, 0xd9]), reason: "damaged" },
    { id: "no frame", file: Uint8Array.from([0xff, 0xd8, ...good.slice(SCAN)]), reason: "damaged" },
    { id: "two frames", file: splice(FRAME, ...good.slice(FRAME, FRAME + 19)), reason: "damaged" },
    { id: "a segment longer than the file", file: patched(4, 0xff, 0xff), reason: "damaged" },
    { id: "a segment without room for its length", file: patched(4, 0, 1), reason: "damaged" },
    { id: "no marker", file: patched(2, 0), reason: "damaged" },
    { id: "a frame without height", file: patched(FRAME + 5, 0, 0), reason: "damaged" },
    { id: "a frame with another number of parts", file: patched(FRAME + 9, 2), reason: "damaged" },
    { id: "samples of nothing", file: patched(FRAME + 11, 0x10), reason: "damaged" },
    { id: "12 bits a sample", file: patched(FRAME + 4, 12), reason: "format" },
    { id: "lossless", file: patched(FRAME + 1, 0xc3), reason: "format" },
    { id: "arithmetic coding", file: patched(FRAME + 1, 0xc9), reason: "format" },
    { id: "more pixels than are taken", file: patched(FRAME + 5, 0x40, 0, 0x40, 0), reason: "too-large" },
    { id: "more pixels than it can have", file: patched(FRAME + 5, 0x10, 0, 0x10, 0), reason: "damaged" },
    {
      id: "a thousand scans",
      file: Uint8Array.from([
        ...good.slice(0, SCAN),
        ...Array(1000)
          .fill([...good.slice(SCAN, SCAN + 14), 0])
          .flat(),
        ...good.slice(SCAN),
      ]),
      reason: "damaged",
    },
  ])("$id", ({ file, reason }) => {
    expect(refusal(file)).toBe(reason);
  });

  it("what needs more memory than its share, before it is taken", () => {
    // 24 million pixels, in each of three full planes.
    const head = patched(FRAME + 5, 0x10, 0xbc, 0x16, 0x50);
    const file = Uint8Array.from([...head.slice(0, -2), ...new Uint8Array(200_000), 0xff, 0xd9]);
    expect(refusal(file)).toBe("too-large");
  });
});
