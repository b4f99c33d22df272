import { joinBytes, u32 } from "../../../packages/core/src/bytes.ts";
import { decodeFrame, encodeFrame } from "../../../packages/core/src/envelope/frame.ts";
import { padmeLength } from "../../../packages/core/src/envelope/padme.ts";
import { FRAME_HEAD_BYTES } from "../../../packages/core/src/envelope/sizes.ts";
import { TamperedError } from "../../../packages/core/src/errors.ts";
import { nativePrimitives } from "../../../packages/core/src/primitives/native.ts";
import { portablePrimitives } from "../../../packages/core/src/primitives/portable.ts";
import { noise } from "../../../packages/core/test/noise.ts";
import { longestAllocation } from "../allocations.ts";
import { sectionBodies } from "../corpus.ts";
import { BOUNDARIES, mutateBytes } from "../mutate-bytes.ts";
import type { Source } from "../source.ts";
import { type Attempt, attempt, claim, claimEqual, defineTarget, type Target } from "../target.ts";

const MAX_PLAIN_BYTES = 16 * 1024;
/** fflate's tables, and zlib's chunk of output. */
const MAX_ROOM_BYTES = 256 * 1024;

interface FrameInput {
  frame: Uint8Array;
  length: { exactly: number } | { atMost: number };
}

export const frameTargets: readonly Target[] = [
  defineTarget({
    name: "decodeFrame",
    share: 50,
    open: () => {
      const plaintexts = [
        ...sectionBodies.map(({ body }) => body.subarray(0, 1_500)),
        noise(40),
        new Uint8Array(9_000),
      ];
      return {
        make: (source) => frameInput(source, plaintexts),
        check: ({ frame, length }: FrameInput) => {
          const [native, portable] = [nativePrimitives, portablePrimitives].map((primitives) => {
            let read: Attempt<Uint8Array> | undefined;
            const longest = longestAllocation(() => {
              read = attempt(() => decodeFrame(frame, length, primitives), [TamperedError]);
            });
            claim(longest <= MAX_PLAIN_BYTES + MAX_ROOM_BYTES, `no array of ${longest} bytes is made`);
            return read as Attempt<Uint8Array>;
          }) as [Attempt<Uint8Array>, Attempt<Uint8Array>];
          if (native.value) claimEqual(portable.value, native.value, "both implementations give the same bytes");
          const limit = "exactly" in length ? length.exactly : length.atMost;
          claim((portable.value ?? []).length <= limit, "no more comes out than was allowed");
          // fflate takes some descriptions of codes that zlib refuses (incomplete sets, repeats that are too long).
          return native.value || !portable.value ? native.outcome : "accepted without zlib alone";
        },
      };
    },
  }),
];

/** A frame of a plaintext that is mutated before, within or after the padding, with lengths that need not be true. */
function frameInput(source: Source, plaintexts: readonly Uint8Array[]): FrameInput {
  const plain = source.pick(plaintexts);
  const frame = encodeFrame(plain, nativePrimitives);
  const length = source.oneIn(2) ? { exactly: plain.length } : { atMost: MAX_PLAIN_BYTES };
  if (source.oneIn(4)) return { frame: mutateBytes(source, frame, source.pick(plaintexts)), length };
  return { frame: mutateFrame(source, frame), length };
}

/** A frame whose stored bytes are changed, and whose lengths and padding are made right again, or nearly so. */
export function mutateFrame(source: Source, frame: Uint8Array): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset);
  const lie = (truth: number) => (source.oneIn(12) ? Number(BigInt.asUintN(32, source.pick(BOUNDARIES))) : truth);
  const stored = frame.subarray(FRAME_HEAD_BYTES, FRAME_HEAD_BYTES + view.getUint32(5));
  const mutant = source.oneIn(8) ? stored : mutateBytes(source, stored, frame);
  const method = source.oneIn(12) ? source.below(256) : view.getUint8(0);
  const rawLength = lie(source.oneIn(3) ? view.getUint32(1) + source.below(5) - 2 : view.getUint32(1)) >>> 0;
  const head = joinBytes([Uint8Array.of(method), u32(rawLength), u32(lie(mutant.length))]);
  const length = padmeLength(head.length + mutant.length);
  const padding = new Uint8Array(length - head.length - mutant.length);
  if (source.oneIn(12) && padding.length > 0) padding[source.below(padding.length)] = 1;
  return joinBytes([head, mutant, padding]);
}
