import { decodeQR } from "qr/decode.js";
import { NoQrCodeError } from "./errors.ts";
import { binarize, blur, type Luma, pad, resize } from "./luma.ts";

/** Longest side of what is looked at again and again. What a person takes a picture of fills a good part of it. */
const LONG_SIDES = [1600, 800];
/** Shorter than this is enlarged: modules of one or two pixels are too small to be found. */
const SMALL = 400;
const ENLARGED = [2, 4];
/** Of the longest side: about the four modules of quiet zone that the smallest code wants. */
const RIM = 1 / 8;

/** What is done to a picture before it is looked at, one after the other. */
const TREATMENTS: readonly ((luma: Luma) => Luma)[] = [
  (luma) => luma,
  binarize,
  blur,
  (luma) => binarize(blur(luma)),
  (luma) => pad(binarize(luma), rimOf(luma), 255),
  (luma) => pad(binarize(luma), rimOf(luma), 0),
];

/**
 * What the first QR code that can be read in it holds, byte by byte. A picture is looked at as it is first, then with what
 * helps against noise, shades, missing quiet zones and odd sizes, always in the same order and to the same end.
 *
 * @throws NoQrCodeError
 */
export function readQr(luma: Luma): Uint8Array {
  const payload = decodeOne(luma);
  if (payload !== undefined) return payload;
  for (const sized of sizesOf(luma)) {
    for (const treat of TREATMENTS) {
      const treated = treat(sized);
      const found = treated === luma ? undefined : decodeOne(treated);
      if (treated !== luma && treated !== sized) treated.data.fill(0);
      if (found !== undefined) return found;
    }
    if (sized !== luma) sized.data.fill(0);
  }
  throw new NoQrCodeError();
}

function* sizesOf(luma: Luma): Generator<Luma> {
  const long = Math.max(luma.width, luma.height);
  if (long <= (LONG_SIDES[0] as number)) yield luma;
  for (const side of LONG_SIDES) if (side < long) yield scale(luma, side / long);
  if (long < SMALL) for (const factor of ENLARGED) yield scale(luma, factor);
}

function scale(luma: Luma, factor: number): Luma {
  return resize(luma, Math.max(1, Math.round(luma.width * factor)), Math.max(1, Math.round(luma.height * factor)));
}

function rimOf({ width, height }: Luma): number {
  return Math.ceil(Math.max(width, height) * RIM);
}

/** Latin-1: a character for each byte, so that text of any kind comes out as the bytes that it was. */
const textDecoder = (bytes: Uint8Array): string => {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
};

function decodeOne(luma: Luma): Uint8Array | undefined {
  let text: string;
  try {
    // The planes of colour that this format names may be missing: a code is read from brightness alone.
    text = decodeQR(luma, { format: "NV12", timeLimit: Number.POSITIVE_INFINITY, textDecoder });
  } catch {
    return undefined;
  }
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
