import { TamperedError } from "../errors.ts";
import type { Primitives } from "../primitives/primitives.ts";
import { padmeLength } from "./padme.ts";
import { FRAME_HEAD_BYTES } from "./sizes.ts";

/*
 * frame = method (1: 0 stored, 1 raw DEFLATE) ‖ u32 rawLength ‖ u32 storedLength ‖ stored ‖ zeros up to the Padmé length
 */

const STORED = 0;
const DEFLATE = 1;

/** Puts `plaintext` in a frame, deflated where that makes the padded frame shorter. */
export function encodeFrame(plaintext: Uint8Array, primitives: Primitives): Uint8Array {
  const deflated = primitives.deflateRaw(plaintext);
  const deflates = padmeLength(FRAME_HEAD_BYTES + deflated.length) < padmeLength(FRAME_HEAD_BYTES + plaintext.length);
  const stored = deflates ? deflated : plaintext;
  const frame = new Uint8Array(padmeLength(FRAME_HEAD_BYTES + stored.length));
  const view = new DataView(frame.buffer);
  view.setUint8(0, deflates ? DEFLATE : STORED);
  view.setUint32(1, plaintext.length);
  view.setUint32(5, stored.length);
  frame.set(stored, FRAME_HEAD_BYTES);
  return frame;
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
  if (frame.subarray(end).some((byte) => byte !== 0)) throw new TamperedError("A frame's padding is not zero");
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
