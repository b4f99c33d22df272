import { hash } from "node:crypto";
import { type Arbitrary, Random } from "fast-check";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** How strongly fast-check prefers the values at which things go wrong: one in so many. */
const BIAS = 4;

/** All the chance of one case: the same seed, target and number make the same case again. */
export class Source {
  readonly #random: Random;

  constructor(seed: number, target: string, index: number) {
    const digest = hash("sha256", `${seed}/${target}/${index}`, "buffer");
    this.#random = new Random(xoroshiro128plus(digest.readInt32LE()));
  }

  /** 0 to `end` − 1. */
  below(end: number): number {
    return this.#random.nextInt(0, end - 1);
  }

  /** True once in so many. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }

  /** A value of a fast-check generator. */
  draw<T>(arbitrary: Arbitrary<T>): T {
    return arbitrary.generate(this.#random, BIAS).value;
  }
}
