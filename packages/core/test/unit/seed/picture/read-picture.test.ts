import { encode } from "jpeg-js";
import { describe, expect, it } from "vitest";
import { NoQrCodeError, UnreadablePictureError } from "../../../../src/seed/picture/errors.ts";
import { decodePng } from "../../../../src/seed/picture/png.ts";
import { readQrFrame, readQrPicture, seedQrPng } from "../../../../src/seed/picture.ts";
import { cropTo, mishap, rgba } from "../../../seed-pictures.ts";
import { vector } from "../../../seed-qr-vectors.ts";

const { words, compact } = vector(4);
const png = seedQrPng(words, { compact: true });
const frame = rgba(decodePng(png));
const jpeg = new Uint8Array(encode(frame, 60).data);

describe("a picture", () => {
  it("may be a PNG or a JPEG, and is left as it is", () => {
    for (const file of [png, jpeg]) {
      const before = file.slice();
      expect(readQrPicture(file)).toEqual(compact);
      expect(file).toEqual(before);
    }
    expect(readQrPicture(Buffer.from(png))).toEqual(compact);
    expect(readQrPicture(Uint8Array.from([1, 2, 3, ...png]).subarray(3))).toEqual(compact);
  });

  it.each([
    { id: "nothing", file: new Uint8Array(0), reason: "format" },
    { id: "text", file: new TextEncoder().encode("Seed=00"), reason: "format" },
    { id: "a GIF", file: new TextEncoder().encode("GIF89a"), reason: "format" },
    { id: "half a PNG", file: png.slice(0, png.length >> 1), reason: "damaged" },
    { id: "half a JPEG", file: jpeg.slice(0, jpeg.length >> 1), reason: "damaged" },
    { id: "33 MiB", file: new Uint8Array(33 * 1024 * 1024), reason: "too-large" },
  ])("is refused: $id", ({ file, reason }) => {
    expect(() => readQrPicture(file)).toThrow(
      expect.objectContaining({ code: "ERR_CB_UNREADABLE_PICTURE", name: "UnreadablePictureError", reason }),
    );
  });

  it("must be bytes", () => {
    expect(() => readQrPicture("picture.png" as unknown as Uint8Array)).toThrow(TypeError);
  });
});

describe("a frame", () => {
  it("is RGBA, and left as it is", () => {
    const before = frame.data.slice();
    expect(readQrFrame(frame)).toEqual(compact);
    expect(readQrFrame({ ...frame, data: Uint8Array.from(frame.data) })).toEqual(compact);
    expect(frame.data).toEqual(before);
  });

  it("is looked at twice and no more where it is quick", () => {
    expect(readQrFrame(frame, { quick: true })).toEqual(compact);
    // On black, without a quiet zone: rims are not tried.
    const closeUp = rgba(mishap(cropTo(decodePng(png), 0), { scale: 0.3, shades: [110, 146], noise: 12 }, 1));
    expect(() => readQrFrame(closeUp, { quick: true })).toThrow(NoQrCodeError);
    expect(() => readQrFrame(frame, { quick: 1 } as object)).toThrow(TypeError);
    expect(() => readQrFrame(frame, { fast: true } as object)).toThrow(TypeError);
  });

  it("is on white where it is transparent", () => {
    const data = frame.data.map((value, i) => (i % 4 === 3 ? 255 - (frame.data[i - 1] as number) : value && 0));
    expect(readQrFrame({ ...frame, data })).toEqual(compact);
  });

  it("holds no code most of the time", () => {
    expect(() => readQrFrame({ width: 64, height: 48, data: new Uint8Array(64 * 48 * 4) })).toThrow(
      expect.objectContaining({ code: "ERR_CB_NO_QR_CODE", name: "NoQrCodeError" }),
    );
    expect(new NoQrCodeError().message).toBe("No QR code could be read in the picture");
  });

  it.each([
    { id: "nothing", given: null, error: TypeError },
    { id: "an array", given: { width: 1, height: 1, data: [0, 0, 0, 0] }, error: TypeError },
    { id: "text for a width", given: { ...frame, width: "1" }, error: TypeError },
    { id: "no height", given: { ...frame, height: 0 }, error: RangeError },
    { id: "half a pixel", given: { ...frame, width: 1.5 }, error: RangeError },
    { id: "too few bytes", given: { ...frame, data: frame.data.slice(4) }, error: RangeError },
    {
      id: "too many pixels",
      given: { width: 1e6, height: 1e6, data: new Uint8Array(4) },
      error: UnreadablePictureError,
    },
  ])("is refused: $id", ({ given, error }) => {
    expect(() => readQrFrame(given as typeof frame)).toThrow(error);
  });
});
