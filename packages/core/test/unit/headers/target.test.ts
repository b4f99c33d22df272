import fc from "fast-check";
import { expect, it } from "vitest";
import { decodeTarget, encodeTarget, nextTarget, workOf } from "../../../src/headers/target.ts";

// As Bitcoin Core has them: src/test/arith_uint256_tests.cpp, bignum_SetCompact.
it.each([
  [0, undefined],
  [0x00123456, undefined],
  [0x01003456, undefined],
  [0x02000056, undefined],
  [0x01123456, 0x12n],
  [0x02123456, 0x1234n],
  [0x03123456, 0x123456n],
  [0x04123456, 0x12345600n],
  [0x05009234, 0x92340000n],
  [0x04923456, undefined],
  [0x01fedcba, undefined],
  [0x20123456, 0x123456n << 232n],
  [0xff123456, 0x123456n << 2016n],
  [0x1d00ffff, 0xffffn << 208n],
])("the compact form %i is the target %s", (compact, target) => {
  expect(decodeTarget(compact)).toBe(target);
});

it.each([
  [0x12n, 0x01120000],
  [0x80n, 0x02008000],
  [0x1234n, 0x02123400],
  [0x123456n, 0x03123456],
  [0x12345600n, 0x04123456],
  [0x92340000n, 0x05009234],
  [0xffffn << 208n, 0x1d00ffff],
])("the target %s has the compact form %i", (target, compact) => {
  expect(encodeTarget(target)).toBe(compact);
});

it("a compact form that was written reads as what it was, but for digits that it has not", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 2n ** 256n - 1n }), (target) => {
      const read = decodeTarget(encodeTarget(target)) as bigint;
      expect(read <= target && target - read <= target >> 15n).toBe(true);
      expect(encodeTarget(read)).toBe(encodeTarget(target));
    }),
  );
});

// As Bitcoin Core has them: src/test/pow_tests.cpp.
const limit = decodeTarget(0x1d00ffff) as bigint;
it.each([
  { id: "block 32256", compact: 0x1d00ffff, from: 1_261_130_161, to: 1_262_152_739, next: 0x1d00d86a },
  { id: "block 2016, at the limit", compact: 0x1d00ffff, from: 1_231_006_505, to: 1_233_061_996, next: 0x1d00ffff },
  {
    id: "block 68544, a quarter at least",
    compact: 0x1c05a3f4,
    from: 1_279_008_237,
    to: 1_279_297_671,
    next: 0x1c0168fd,
  },
  { id: "four times at most", compact: 0x1c387f6f, from: 1_263_163_443, to: 1_269_211_443, next: 0x1d00e1fd },
])("the target after a period: $id", ({ compact, from, to, next }) => {
  expect(nextTarget(compact, to - from, limit)).toBe(next);
});

it("the work of a header is how many hashes it took", () => {
  expect(workOf(limit)).toBe(0x100010001n);
  expect(workOf(decodeTarget(0x207fffff) as bigint)).toBe(2n);
});
