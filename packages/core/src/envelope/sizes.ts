import { padmeLength } from "./padme.ts";

/** header (8) ‖ nonce (24), in front of a box. */
export const HEADER_BYTES = 8;
export const NONCE_BYTES = 24;
/** The authentication tag at the end of a box. */
export const TAG_BYTES = 16;
/** method (1) ‖ u32 rawLength ‖ u32 storedLength, in front of what a frame holds. */
export const FRAME_HEAD_BYTES = 9;

/** A chunk has 1 byte at least and this many at most. */
export const MAX_CHUNK_BYTES = 64 * 1024;
/** A manifest, the plaintext of an envelope, has this many at most. */
export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

const sealedLength = (plaintextBytes: number): number =>
  HEADER_BYTES + NONCE_BYTES + padmeLength(FRAME_HEAD_BYTES + plaintextBytes) + TAG_BYTES;

/** 58: nothing shorter can be sealed. */
export const MIN_SEALED_BYTES = sealedLength(0);
/** 67,632: no sealed chunk is longer. */
export const MAX_SEALED_CHUNK_BYTES = sealedLength(MAX_CHUNK_BYTES);
/** 4,325,424: no sealed envelope is longer. */
export const MAX_SEALED_ENVELOPE_BYTES = sealedLength(MAX_MANIFEST_BYTES);
