import { assertUint } from "../bytes.ts";

/**
 * Padmé length (PURBs, Nikitin et al. 2019, §4): rounds `length` up so that it tells O(log log length) bits and grows by
 * at most 12 %. With E = ⌊log2 L⌋ and S = ⌊log2 E⌋ + 1, up to a multiple of 2^(E − S); L < 2 stays.
 *
 * @see https://arxiv.org/abs/1806.03160
 */
export function padmeLength(length: number): number {
  assertUint(length, "length");
  if (length < 2) return length;
  const e = floorLog2(length);
  const s = floorLog2(e) + 1;
  const step = 2 ** Math.max(0, e - s);
  return Math.ceil(length / step) * step;
}

/** ⌊log2 n⌋, exactly; −1 for 0, so that S is 0 at E = 0. */
function floorLog2(n: number): number {
  let log = -1;
  for (let rest = n; rest >= 1; rest = Math.floor(rest / 2)) log++;
  return log;
}
