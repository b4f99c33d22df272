import { type DecodedPng, decode } from "fast-png";
import { Unzlib } from "fflate";
import { joinBytes } from "../../bytes.ts";
import { UnreadablePictureError } from "./errors.ts";
import { MAX_PIXELS } from "./limits.ts";
import { greyOf, type Luma, overWhite } from "./luma.ts";

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** What pixels are made of. Colour profiles and comments, which are compressed too, are left out before anything is decoded. */
const NEEDED = ["IHDR", "PLTE", "tRNS", "IDAT", "IEND"];
/** length (4) ‖ type (4) ‖ data ‖ CRC (4). @see PNG (third edition) §5.3 */
const CHUNK_FRAME = 12;
/** How many values a pixel has, by colour type. @see PNG (third edition) §11.2.1 */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
/** Where each pass of an interlaced picture begins, and its steps: x, y, by x, by y. @see PNG (third edition) §8.1 */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;
/** Of pixels as they are stored. The decoder holds them three times. */
const MAX_RAW_BYTES = 128 * 1024 * 1024;
/** What is inflated at once: a byte can become 1,032. */
const PIECE_BYTES = 32 * 1024;

/** Whether a file says that it is a PNG. */
export function isPng(file: Uint8Array): boolean {
  return SIGNATURE.every((byte, at) => file[at] === byte);
}

/**
 * The pixels of a PNG, on white where they are transparent. Its size is checked before anything is decoded, and what it
 * inflates to before anything is kept of it.
 *
 * @throws UnreadablePictureError
 */
export function decodePng(file: Uint8Array): Luma {
  const chunks = chunksOf(file);
  const header = headerOf(chunks);
  assertInflates(
    chunks.filter(({ type }) => type === "IDAT").map(({ data }) => data),
    header.rawBytes,
  );
  const png = joinBytes([SIGNATURE, ...chunks.map(({ whole }) => whole)]);
  let decoded: DecodedPng;
  try {
    decoded = decode(png, { checkCrc: true });
  } catch {
    // Whatever the library says of it may say what is in it.
    throw new UnreadablePictureError("damaged");
  } finally {
    png.fill(0);
  }
  return lumaOf(decoded, header.colorType);
}

interface Chunk {
  type: string;
  data: Uint8Array;
  whole: Uint8Array;
}

function chunksOf(file: Uint8Array): Chunk[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const chunks: Chunk[] = [];
  for (let at = SIGNATURE.length; at + CHUNK_FRAME <= file.length; ) {
    const length = view.getUint32(at);
    const end = at + CHUNK_FRAME + length;
    if (end > file.length) break;
    const type = String.fromCharCode(...file.subarray(at + 4, at + 8));
    const chunk = { type, data: file.subarray(at + 8, end - 4), whole: file.subarray(at, end) };
    if (NEEDED.includes(type)) chunks.push(chunk);
    if (type === "IEND") return chunks;
    at = end;
  }
  throw new UnreadablePictureError("damaged");
}

function headerOf(chunks: readonly Chunk[]): { colorType: number; rawBytes: number } {
  const [first, ...others] = chunks;
  if (first?.type !== "IHDR" || first.data.length !== 13 || others.some(({ type }) => type === "IHDR")) {
    throw new UnreadablePictureError("damaged");
  }
  const view = new DataView(first.data.buffer, first.data.byteOffset, first.data.byteLength);
  const width = view.getUint32(0);
  const height = view.getUint32(4);
  const depth = view.getUint8(8);
  const colorType = view.getUint8(9);
  const isInterlaced = view.getUint8(12) === 1;
  const channels = CHANNELS[colorType];
  if (width === 0 || height === 0 || channels === undefined) throw new UnreadablePictureError("damaged");
  if (width * height > MAX_PIXELS) throw new UnreadablePictureError("too-large");
  // The library takes interlaced pixels to have whole bytes.
  if (isInterlaced && depth < 8) throw new UnreadablePictureError("format");
  const rawBytes = (isInterlaced ? PASSES : [[0, 0, 1, 1] as const]).reduce((total, [x, y, byX, byY]) => {
    const across = Math.max(0, Math.ceil((width - x) / byX));
    const down = Math.max(0, Math.ceil((height - y) / byY));
    return total + (across === 0 ? 0 : down * (1 + Math.ceil((across * channels * depth) / 8)));
  }, 0);
  if (rawBytes > MAX_RAW_BYTES) throw new UnreadablePictureError("too-large");
  return { colorType, rawBytes };
}

/** Throws unless the pixels inflate to exactly what the header says: some kilobytes can become gigabytes. */
function assertInflates(compressed: readonly Uint8Array[], rawBytes: number): void {
  let length = 0;
  const inflate = new Unzlib((part) => {
    length += part.length;
    if (length > rawBytes) throw new UnreadablePictureError("damaged");
  });
  try {
    for (const data of compressed) {
      for (let at = 0; at < data.length; at += PIECE_BYTES) inflate.push(data.subarray(at, at + PIECE_BYTES));
    }
    inflate.push(new Uint8Array(0), true);
  } catch {
    throw new UnreadablePictureError("damaged");
  }
  if (length !== rawBytes) throw new UnreadablePictureError("damaged");
}

function lumaOf(png: DecodedPng, colorType: number): Luma {
  const { width, height, channels, depth } = png;
  const data = new Uint8Array(width * height);
  const values = depth < 8 ? unpack(png) : png.data;
  // From values of `depth` bits to bytes; indices into a palette stay as they are.
  const full = 2 ** depth - 1;
  const palette = png.palette?.map(([red = 0, green = 0, blue = 0, alpha = 255]) =>
    overWhite(greyOf(red, green, blue), alpha),
  );
  if (colorType === 3 && palette === undefined) throw new UnreadablePictureError("damaged");
  const clear = colorType === 0 || colorType === 2 ? png.transparency : undefined;
  for (let i = 0, at = 0; i < data.length; i++, at += channels) {
    const value = (channel: number) => values[at + channel] as number;
    if (palette !== undefined && colorType === 3) {
      data[i] = palette[value(0)] ?? 255;
    } else if (clear !== undefined && isClear(values, at, channels, clear)) {
      data[i] = 255;
    } else {
      const grey = channels < 3 ? value(0) : greyOf(value(0), value(1), value(2));
      const alpha = channels % 2 === 0 ? value(channels - 1) : full;
      data[i] = overWhite((grey * 255) / full, (alpha * 255) / full);
    }
  }
  png.data.fill(0);
  return { width, height, data };
}

/** Whether a pixel is of the one colour that stands for transparent. */
function isClear(values: ArrayLike<number>, at: number, channels: number, clear: Uint16Array): boolean {
  for (let i = 0; i < channels; i++) if (values[at + i] !== clear[i]) return false;
  return true;
}

/** One value a byte, where the file has several in one: rows begin with a new byte. */
function unpack({ data, width, height, depth }: DecodedPng): Uint8Array {
  const values = new Uint8Array(width * height);
  const bytesPerRow = Math.ceil((width * depth) / 8);
  const mask = 2 ** depth - 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      values[y * width + x] = ((data[y * bytesPerRow + (bit >> 3)] as number) >> (8 - depth - (bit & 7))) & mask;
    }
  }
  return values;
}
