import { decodeQR } from "qr/decode.js";
import { NoQrCodeError } from "./errors.ts";
import { binarize, blur, type Luma, pad, resize, tilt } from "./luma.ts";

/** Longest side of what is looked at again and again. What a person takes a picture of fills a good part of it. */
const LONG_SIDES = [1600, 800];
/** Shorter than this is enlarged: modules of one or two pixels are too small to be found. */
const SMALL = 400;
const ENLARGED = [2, 4];
/** Of the longest side: about the four modules of quiet zone that the smallest code wants. */
const RIM = 1 / 8;

/** How much nearer one side of a code is than the other, where it is looked at as from another side. */
const TILTS = [0.12, 0.25, 0.5];
/** Of what is looked at so: where a code was seen and not read, with something around it. */
const TILTED_SIDE = 400;
const AROUND = 1.6;
const MAX_PLACES = 3;

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
export function readQr(luma: Luma, { isQuick = false } = {}): Uint8Array {
  const places: Place[] = [];
  const payload = decodeOne(luma, places) ?? (isQuick ? decodeOne(binarize(luma)) : undefined);
  if (payload !== undefined) return payload;
  if (isQuick) throw new NoQrCodeError();
  for (const sized of sizesOf(luma)) {
    for (const treat of TREATMENTS) {
      const treated = treat(sized);
      const hasRim = treated.width !== sized.width;
      const found = treated === luma ? undefined : decodeOne(treated, hasRim ? undefined : places, luma.width);
      if (treated !== luma && treated !== sized) treated.data.fill(0);
      if (found !== undefined) return found;
    }
    if (sized !== luma) sized.data.fill(0);
  }
  for (const tilted of tiltedAt(luma, places)) {
    const found = decodeOne(tilted);
    tilted.data.fill(0);
    if (found !== undefined) return found;
  }
  throw new NoQrCodeError();
}

/** Where the three corners of a code were seen: its middle and its side. */
interface Place {
  x: number;
  y: number;
  side: number;
}

/** From eight sides, nearly straight above and not so nearly: the smallest code has nothing to measure perspective by. */
function* tiltedAt(luma: Luma, places: readonly Place[]): Generator<Luma> {
  for (const { x, y, side } of places) {
    const part = crop(luma, x, y, side * AROUND);
    const sized = scale(part, Math.min(1, TILTED_SIDE / Math.max(part.width, part.height)));
    part.data.fill(0);
    for (const by of TILTS) {
      for (const across of [0, by, -by]) {
        for (const down of [0, by, -by]) if (across !== 0 || down !== 0) yield tilt(sized, across, down);
      }
    }
    sized.data.fill(0);
  }
}

/** The square around a place, as far as the picture goes. A copy. */
function crop(luma: Luma, x: number, y: number, side: number): Luma {
  const [left, top] = [x, y].map((middle) => Math.max(0, Math.floor(middle - side / 2))) as [number, number];
  const width = Math.min(luma.width, Math.ceil(x + side / 2)) - left;
  const height = Math.min(luma.height, Math.ceil(y + side / 2)) - top;
  const data = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    const begin = (top + row) * luma.width + left;
    data.set(luma.data.subarray(begin, begin + width), row * width);
  }
  return { width, height, data };
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

/**
 * @param places where a code was seen and not read is added to them
 * @param width in whose pixels they are
 */
function decodeOne(luma: Luma, places: Place[] = [], width = luma.width): Uint8Array | undefined {
  let text: string;
  try {
    text = decodeQR(luma, {
      // The planes of colour that this format names may be missing: a code is read from brightness alone.
      format: "NV12",
      timeLimit: Number.POSITIVE_INFINITY,
      textDecoder,
      pointsOnDetect({ boundingBox }) {
        const factor = width / luma.width;
        const side = Math.max(boundingBox.width, boundingBox.height) * factor;
        const x = (boundingBox.x + boundingBox.width / 2) * factor;
        const y = (boundingBox.y + boundingBox.height / 2) * factor;
        const isNew = places.every((place) => Math.hypot(place.x - x, place.y - y) > place.side / 2);
        const isWithin = x > 0 && y > 0 && x < width && y < luma.height * factor;
        if (isNew && isWithin && side >= 1 && places.length < MAX_PLACES) places.push({ x, y, side });
      },
    });
  } catch {
    return undefined;
  }
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
