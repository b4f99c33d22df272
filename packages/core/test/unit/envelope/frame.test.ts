import { deflateRawSync, inflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { concatBytes, u32 } from "../../../src/bytes.ts";
import { decodeFrame, encodeFrame } from "../../../src/envelope/frame.ts";
import { padmeLength } from "../../../src/envelope/padme.ts";
import { TamperedError } from "../../../src/errors.ts";
import { portablePrimitives } from "../../../src/primitives/portable.ts";
import { errorOf, noise } from "../../fixtures.ts";

const deflated = (bytes: Uint8Array) => new Uint8Array(deflateRawSync(bytes));
const plain = new Uint8Array(1_000).fill(7);

/** A frame of any parts, padded as it must be unless said otherwise. */
function frameOf(parts: {
  method: number;
  raw: number;
  stored: Uint8Array;
  storedLength?: number;
  padding?: Uint8Array;
}) {
  const { method, raw, stored, storedLength = stored.length } = parts;
  const length = 9 + stored.length;
  const padding = parts.padding ?? new Uint8Array(padmeLength(length) - length);
  return concatBytes(Uint8Array.of(method), u32(raw), u32(storedLength), stored, padding);
}
const decode = (frame: Uint8Array, length: { exactly: number } | { atMost: number } = { atMost: 4096 }) =>
  decodeFrame(frame, length, portablePrimitives);

describe("reads", () => {
  it.each([
    { id: "stored", frame: frameOf({ method: 0, raw: 1000, stored: plain }) },
    { id: "deflated by another program", frame: frameOf({ method: 1, raw: 1000, stored: deflated(plain) }) },
    {
      id: "deflated without compression",
      frame: frameOf({ method: 1, raw: 1000, stored: new Uint8Array(deflateRawSync(plain, { level: 0 })) }),
    },
  ])("$id", ({ frame }) => {
    expect(decode(frame)).toEqual(plain);
    expect(decode(frame, { exactly: 1000 })).toEqual(plain);
  });

  it("nothing at all, stored or deflated", () => {
    expect(decode(frameOf({ method: 0, raw: 0, stored: new Uint8Array() }))).toEqual(new Uint8Array());
    expect(decode(frameOf({ method: 1, raw: 0, stored: deflated(new Uint8Array()) }))).toEqual(new Uint8Array());
  });

  it("a frame that stands inside other bytes", () => {
    const frame = frameOf({ method: 0, raw: 1000, stored: plain });
    expect(decode(concatBytes(Uint8Array.of(1, 2, 3), frame).subarray(3))).toEqual(plain);
  });
});

/** Each is wrong in its own way and in those of the rows below it: the first in order is what is said. */
describe("checks in the order of the format", () => {
  const badPadding = (length: number) => new Uint8Array(padmeLength(9 + length) - 9 - length).fill(1);
  const odd = noise(1000);

  it.each([
    { id: "the head", says: /too short/, frame: new Uint8Array(8) },
    {
      id: "the length, a byte short",
      says: /Padmé/,
      frame: frameOf({ method: 9, raw: 1, stored: odd, padding: badPadding(1000).subarray(1) }),
    },
    {
      id: "the length, a byte more",
      says: /Padmé/,
      frame: concatBytes(frameOf({ method: 0, raw: 1000, stored: plain }), Uint8Array.of(0)),
    },
    {
      id: "the length, not padded at all",
      says: /Padmé/,
      frame: frameOf({ method: 0, raw: 1000, stored: plain, padding: new Uint8Array() }),
    },
    {
      id: "a stored length beyond the frame",
      says: /Padmé/,
      frame: frameOf({ method: 0, raw: 1000, stored: plain, storedLength: 2 ** 32 - 1 }),
    },
    {
      id: "the padding",
      says: /padding/,
      frame: frameOf({ method: 9, raw: 1, stored: odd, padding: badPadding(1000) }),
    },
    { id: "the method", says: /method 9/, frame: frameOf({ method: 9, raw: 1, stored: odd }) },
    { id: "stored: the raw length", says: /lengths/, frame: frameOf({ method: 0, raw: 999, stored: odd }) },
    { id: "deflated: no DEFLATE", says: /inflate/, frame: frameOf({ method: 1, raw: 1000, stored: odd }) },
    {
      id: "deflated: a byte after the stream",
      says: /inflate/,
      frame: frameOf({ method: 1, raw: 1000, stored: concatBytes(deflated(plain), Uint8Array.of(0)) }),
    },
    {
      id: "deflated: a stream cut off",
      says: /inflate/,
      frame: frameOf({ method: 1, raw: 1000, stored: deflated(plain).subarray(0, -1) }),
    },
    {
      id: "deflated: nothing stored",
      says: /inflate/,
      frame: frameOf({ method: 1, raw: 0, stored: new Uint8Array() }),
    },
    {
      id: "deflated: one byte more than raw",
      says: /inflate/,
      frame: frameOf({ method: 1, raw: 999, stored: deflated(plain) }),
    },
    {
      id: "deflated: one byte less than raw",
      says: /inflate/,
      frame: frameOf({ method: 1, raw: 1001, stored: deflated(plain) }),
    },
    {
      id: "deflated: far more than raw",
      says: /inflate/,
      frame: frameOf({ method: 1, raw: 1, stored: deflated(new Uint8Array(5_000_000)) }),
    },
    {
      id: "two streams",
      says: /inflate/,
      frame: frameOf({ method: 1, raw: 1000, stored: concatBytes(deflated(plain), deflated(plain)) }),
    },
  ])("$id", ({ frame, says }) => {
    const error = errorOf(() => decode(frame));
    expect(error).toBeInstanceOf(TamperedError);
    expect(error.message).toMatch(says);
  });

  it.each([0, 1])("method %i: the length that a caller allows", (method) => {
    const frame = frameOf({ method, raw: 1000, stored: method === 0 ? plain : deflated(plain) });
    expect(decode(frame, { atMost: 1000 })).toEqual(plain);
    for (const length of [{ atMost: 999 }, { exactly: 999 }, { exactly: 1001 }]) {
      expect(errorOf(() => decode(frame, length)).message).toMatch(/lengths/);
    }
  });

  it("says no more of a length than it allows before it inflates", () => {
    const primitives = {
      ...portablePrimitives,
      inflateRaw: () => {
        throw new Error("inflated");
      },
    };
    const frame = frameOf({ method: 1, raw: 2 ** 32 - 1, stored: odd });
    expect(() => decodeFrame(frame, { atMost: 4096 }, primitives)).toThrow(TamperedError);
  });
});

describe("writes", () => {
  it("DEFLATE where that makes the padded frame shorter, in a form that others read", () => {
    const frame = encodeFrame(plain, portablePrimitives);
    expect(frame[0]).toBe(1);
    const stored = new DataView(frame.buffer).getUint32(5);
    expect(new Uint8Array(inflateRawSync(frame.subarray(9, 9 + stored)))).toEqual(plain);
    expect(frame.length).toBeLessThan(60);
  });

  it("the bytes themselves where it does not", () => {
    expect(encodeFrame(noise(1000), portablePrimitives)).toEqual(
      frameOf({ method: 0, raw: 1000, stored: noise(1000) }),
    );
    // One byte less, and the same length when padded.
    const primitives = { ...portablePrimitives, deflateRaw: () => new Uint8Array(998) };
    expect(encodeFrame(noise(1000), primitives)[0]).toBe(0);
  });
});
