import { TamperedError } from "../errors.ts";
import type { Primitives } from "../primitives/primitives.ts";
import { mayDeflate } from "./compressible.ts";
import { padmeLength } from "./padme.ts";
import { FRAME_HEAD_BYTES } from "./sizes.ts";

/*
 * frame = method (1: 0 stored, 1 raw DEFLATE) ‖ u32 rawLength ‖ u32 storedLength ‖ stored ‖ zeros up to the Padmé length
 */

const STORED = 0;
const DEFLATE = 1;

/** Bytes to leave free on either side of a frame, for what it is sealed into. */
export interface Room {
  before: number;
  behind: number;
}

/** Puts `plaintext` in a frame, deflated where that makes the padded frame shorter. */
export function encodeFrame(
  plaintext: Uint8Array,
  primitives: Primitives,
  { before, behind }: Room = { before: 0, behind: 0 },
): Uint8Array {
  const deflated = mayDeflate(plaintext) ? primitives.deflateRaw(plaintext) : plaintext;
  const deflates = padmeLength(FRAME_HEAD_BYTES + deflated.length) < padmeLength(FRAME_HEAD_BYTES + plaintext.length);
  const stored = deflates ? deflated : plaintext;
  const bytes = new Uint8Array(before + padmeLength(FRAME_HEAD_BYTES + stored.length) + behind);
  const view = new DataView(bytes.buffer, before);
  view.setUint8(0, deflates ? DEFLATE : STORED);
  view.setUint32(1, plaintext.length);
  view.setUint32(5, stored.length);
  bytes.set(stored, before + FRAME_HEAD_BYTES);
  return bytes;
}

/**
 * Takes the plaintext out of a frame; it may be a view into `frame`.
 *
 * @param length what the plaintext must have: exactly so many bytes (a chunk), or at most (an envelope)
 * @throws TamperedError
 */
export function decodeFrame(
  frame: Uint8Array,
  length: { exactly: number } | { atMost: number },
  primitives: Primitives,
): Uint8Array {
  if (frame.length < FRAME_HEAD_BYTES) throw new TamperedError("A frame is too short");
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const method = view.getUint8(0);
  const rawLength = view.getUint32(1);
  const storedLength = view.getUint32(5);
  if (frame.length !== padmeLength(FRAME_HEAD_BYTES + storedLength)) {
    throw new TamperedError("A frame is not as long as Padmé says");
  }
  const end = FRAME_HEAD_BYTES + storedLength;
  for (let at = end; at < frame.length; at++) {
    if (frame[at] !== 0) throw new TamperedError("A frame's padding is not zero");
  }
  const stored = frame.subarray(FRAME_HEAD_BYTES, end);

  const rightLength = "exactly" in length ? rawLength === length.exactly : rawLength <= length.atMost;
  if (method === STORED) {
    if (storedLength !== rawLength || !rightLength) throw new TamperedError("A frame's lengths are wrong");
    return stored;
  }
  if (method !== DEFLATE) throw new TamperedError(`A frame has the unknown method ${method}`);
  if (!rightLength) throw new TamperedError("A frame's lengths are wrong");
  const raw = primitives.inflateRaw(stored, rawLength);
  if (raw === null) throw new TamperedError("A frame does not inflate to what it says");
  return raw;
}
