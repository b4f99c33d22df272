import type { Clock } from "./clock.ts";

/** One timer in the background, which is set anew or forgotten. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #timer: unknown;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  set(delayMs: number): void {
    this.clear();
    this.#timer = this.#clock.setTimeout(this.#ring, delayMs, "background");
  }

  clear(): void {
    this.#clock.clearTimeout(this.#timer);
  }
}
