import { createCipheriv, createHash } from "node:crypto";

/** Chance that falls the same way in every run with the same seed: the keystream of ChaCha20. */
export class Dice {
  readonly #seed: string;
  readonly #keystream: (length: number) => Uint8Array;

  constructor(seed: string) {
    this.#seed = seed;
    const cipher = createCipheriv("chacha20", createHash("sha256").update(seed).digest(), new Uint8Array(16));
    this.#keystream = (length) => cipher.update(new Uint8Array(length));
  }

  /** Dice for one thing: how often others are thrown does not change how these fall. */
  for(name: string): Dice {
    return new Dice(`${this.#seed}/${name}`);
  }

  bytes(length: number): Uint8Array {
    return new Uint8Array(this.#keystream(length));
  }

  /** A whole number from 0 to `limit` − 1. */
  below(limit: number): number {
    return Buffer.from(this.#keystream(6)).readUIntBE(0, 6) % limit;
  }

  /** One of the names, each as often as its weight says. */
  pick<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
    const entries = Object.entries<number>(weights) as [Name, number][];
    let at = this.below(entries.reduce((total, [, weight]) => total + weight, 0));
    for (const [name, weight] of entries) {
      at -= weight;
      if (at < 0) return name;
    }
    throw new RangeError("weights must be whole numbers above 0");
  }
}
