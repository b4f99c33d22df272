import { assertBytes, assertKnownOptions } from "../../bytes.ts";
import { UnreadablePictureError } from "./errors.ts";
import { decodeJpeg, isJpeg } from "./jpeg.ts";
import { MAX_FILE_BYTES, MAX_PIXELS } from "./limits.ts";
import { type Luma, lumaOfRgba } from "./luma.ts";
import { decodePng, isPng } from "./png.ts";
import { readQr } from "./read-qr.ts";

/**
 * What the QR code in a picture holds, exactly: the bytes of a code that holds bytes, the ASCII digits of one that holds
 * digits. Where there are several codes, one of them. The result is the caller's to wipe.
 *
 * It takes a PNG or JPEG file of at most 32 MiB and 25 million pixels; no more memory than those need is taken for a file
 * that says otherwise. A photo in which there is nothing to read takes longest: see docs/seeds.md.
 *
 * @param file of the picture, read and left as it is
 * @throws TypeError unless it is bytes; UnreadablePictureError for what is no such picture, is damaged or too large;
 *   NoQrCodeError where no code can be read
 * @example
 * ```ts
 * import { parseSeedQr } from "@cloudbackup/core/seed";
 * import { NoQrCodeError, readQrPicture, seedQrPng } from "@cloudbackup/core/seed/picture";
 *
 * const words = "forum undo fragile fade shy sign arrest garment culture tube off merit";
 * const picture = seedQrPng(words, { compact: true });
 * console.log(parseSeedQr(readQrPicture(picture)).mnemonic === words); // → true
 *
 * try {
 *   readQrPicture(picture.slice(0, -20));
 * } catch (error) {
 *   if (error instanceof Error) console.log(error.message); // → The picture is damaged
 * }
 * ```
 * @see ISO/IEC 18004; PNG (third edition); ITU-T T.81
 */
export function readQrPicture(file: Uint8Array): Uint8Array {
  assertBytes(file, "file");
  if (file.length > MAX_FILE_BYTES) throw new UnreadablePictureError("too-large");
  if (isPng(file)) return readOnce(decodePng(file));
  if (isJpeg(file)) return readOnce(decodeJpeg(file));
  throw new UnreadablePictureError("format");
}

/**
 * What the QR code in one frame of a camera, or in what a canvas shows, holds: the `ImageData` of a canvas is such a frame.
 * Most frames of a camera hold none that can be read; the next one may. The result is the caller's to wipe.
 *
 * @param frame width and height in pixels; RGBA, 8 bits each, row by row from the top, read and left as it is
 * @param options how it is looked at
 * @param options.quick looks twice and no more, in some hundredths of a second: for a camera, which has the next frame soon. By
 *   default a frame is looked at as a picture is
 * @throws TypeError or RangeError for what is no frame; UnreadablePictureError for one of more than 25 million pixels;
 *   NoQrCodeError where no code can be read
 * @see https://html.spec.whatwg.org/multipage/canvas.html#imagedata
 */
export function readQrFrame(
  frame: { width: number; height: number; data: Uint8Array | Uint8ClampedArray },
  options: { quick?: boolean | undefined } = {},
): Uint8Array {
  assertKnownOptions(options, ["quick"], "options");
  const { quick = false } = options;
  if (typeof quick !== "boolean") throw new TypeError("quick must be a boolean");
  if (typeof frame !== "object" || frame === null) throw new TypeError("frame must be an object");
  const { width, height, data } = frame;
  if (!(data instanceof Uint8Array || data instanceof Uint8ClampedArray)) {
    throw new TypeError("frame.data must be a Uint8Array or Uint8ClampedArray");
  }
  for (const [name, value] of Object.entries({ width, height })) {
    if (typeof value !== "number") throw new TypeError(`frame.${name} must be a number`);
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`frame.${name} must be an integer of at least 1`);
  }
  if (width * height > MAX_PIXELS) throw new UnreadablePictureError("too-large");
  if (data.length !== width * height * 4) throw new RangeError("frame.data must have four bytes a pixel");
  return readOnce(lumaOfRgba(width, height, data), { isQuick: quick });
}

function readOnce(luma: Luma, options?: { isQuick: boolean }): Uint8Array {
  try {
    return readQr(luma, options);
  } finally {
    luma.data.fill(0);
  }
}
