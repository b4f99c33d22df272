import { decode } from "jpeg-js";
import { joinBytes } from "../../bytes.ts";
import { UnreadablePictureError } from "./errors.ts";
import { MAX_PIXELS } from "./limits.ts";
import { greyOf, type Luma } from "./luma.ts";

// Markers, after 0xff. @see ITU-T T.81 table B.1
const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const FIRST_SOF = 0xc0;
const LAST_SOF = 0xcf;
/** Baseline, extended and progressive: the frames that the library reads. Others are lossless or arithmetic. */
const READ_SOF = [0xc0, 0xc1, 0xc2];
/** Among those of frames: Huffman tables, and two that are none of frames either. */
const DHT = 0xc4;
const NOT_SOF = [DHT, 0xc8, 0xcc];
const DQT = 0xdb;
const DRI = 0xdd;
/** Where Adobe says what the colours are. */
const APP14 = 0xee;
/** What pixels are made of. Thumbnails, profiles, places and comments are left out before anything is decoded. */
const isNeeded = (marker: number): boolean =>
  (marker >= FIRST_SOF && marker <= LAST_SOF) || [DQT, DRI, SOS, APP14].includes(marker);
/** A progressive picture has about ten; each costs a look at every block. */
const MAX_SCANS = 64;
/** What the library may take: the coefficients of every block, 4 bytes each, and the pixels. */
const MAX_DECODER_MIB = 384;

/** Whether a file says that it is a JPEG. */
export function isJpeg(file: Uint8Array): boolean {
  return file[0] === 0xff && file[1] === SOI && file[2] === 0xff;
}

/**
 * The pixels of a JPEG, as they are stored: a code can be read whichever way it is turned. Its size is checked before
 * anything is decoded.
 *
 * @throws UnreadablePictureError
 */
export function decodeJpeg(file: Uint8Array): Luma {
  const jpeg = sanitize(file);
  let decoded: { width: number; height: number; data: Uint8Array };
  try {
    decoded = decode(jpeg, {
      useTArray: true,
      formatAsRGBA: false,
      maxResolutionInMP: MAX_PIXELS / 1e6,
      maxMemoryUsageInMB: MAX_DECODER_MIB,
    });
  } catch {
    // Whatever the library says of it may say what is in it.
    throw new UnreadablePictureError("damaged");
  } finally {
    jpeg.fill(0);
  }
  const { width, height, data: rgb } = decoded;
  const data = new Uint8Array(width * height);
  for (let i = 0, at = 0; i < data.length; i++, at += 3) {
    data[i] = greyOf(rgb[at] as number, rgb[at + 1] as number, rgb[at + 2] as number);
  }
  rgb.fill(0);
  return { width, height, data };
}

/** The file with what its pixels are made of alone, once its frame and the number of its scans are known to be bearable. */
function sanitize(file: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0xff, SOI)];
  let frames = 0;
  let scans = 0;
  for (let at = 2; ; ) {
    while (file[at] === 0xff && file[at + 1] === 0xff) at++;
    const marker = file[at + 1];
    if (file[at] !== 0xff || marker === undefined) throw new UnreadablePictureError("damaged");
    if (marker === EOI) break;
    const length = ((file[at + 2] as number) << 8) | (file[at + 3] as number);
    let end = at + 2 + length;
    if (length < 2 || end > file.length) throw new UnreadablePictureError("damaged");
    if (marker >= FIRST_SOF && marker <= LAST_SOF && !NOT_SOF.includes(marker)) {
      assertFrame(marker, file.subarray(at + 4, end), file.length);
      frames++;
    }
    if (marker === SOS) {
      end = endOfScan(file, end);
      scans++;
    }
    if (isNeeded(marker)) parts.push(file.subarray(at, end));
    at = end;
  }
  parts.push(Uint8Array.of(0xff, EOI));
  const jpeg = joinBytes(parts);
  // The library follows tables where they end, not where their segments do: no scan may hide in one.
  if (frames !== 1 || scans === 0 || scans > MAX_SCANS || countScans(jpeg) > MAX_SCANS) {
    throw new UnreadablePictureError("damaged");
  }
  return jpeg;
}

/** precision (1) ‖ height (2) ‖ width (2) ‖ number of components (1) ‖ for each: id (1), sampling (1), table (1). @see ITU-T T.81 B.2.2 */
function assertFrame(marker: number, frame: Uint8Array, fileBytes: number): void {
  if (!READ_SOF.includes(marker)) throw new UnreadablePictureError("format");
  const [precision, ...rest] = frame.subarray(0, 6);
  const [height = 0, width = 0, components = 0] = [pair(rest, 0), pair(rest, 2), rest[4]];
  if (frame.length !== 6 + 3 * components) throw new UnreadablePictureError("damaged");
  if (width === 0 || height === 0) throw new UnreadablePictureError("damaged");
  if (precision !== 8 || ![1, 3, 4].includes(components)) throw new UnreadablePictureError("format");
  if (width * height > MAX_PIXELS) throw new UnreadablePictureError("too-large");
  const samplings = Array.from({ length: components }, (_, i) => frame[7 + 3 * i] as number);
  const across = Math.max(...samplings.map((sampling) => sampling >> 4));
  const down = Math.max(...samplings.map((sampling) => sampling & 15));
  if (samplings.some((sampling) => sampling >> 4 === 0 || (sampling & 15) === 0) || Math.max(across, down) > 4) {
    throw new UnreadablePictureError("damaged");
  }
  const units = Math.ceil(width / 8 / across) * Math.ceil(height / 8 / down);
  const blocks = units * samplings.reduce((total, sampling) => total + (sampling >> 4) * (sampling & 15), 0);
  // A block has a bit at least: memory is not taken for a picture that cannot be there.
  if (blocks > fileBytes * 8) throw new UnreadablePictureError("damaged");
  const decoderBytes = blocks * 256 + width * height * (components + 3);
  if (decoderBytes > (MAX_DECODER_MIB - 1) * 1024 * 1024) throw new UnreadablePictureError("too-large");
}

function pair(bytes: readonly number[], at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

/** Where the next marker is. Zeros after 0xff are stuffed, and restarts belong to the scan. @see ITU-T T.81 B.1.1.5 */
function endOfScan(file: Uint8Array, from: number): number {
  for (let at = file.indexOf(0xff, from); at >= 0; at = file.indexOf(0xff, at + 1)) {
    const next = file[at + 1] as number;
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
  }
  throw new UnreadablePictureError("damaged");
}

function countScans(jpeg: Uint8Array): number {
  let count = 0;
  for (let at = jpeg.indexOf(0xff); at >= 0; at = jpeg.indexOf(0xff, at + 1)) if (jpeg[at + 1] === SOS) count++;
  return count;
}
