import type { Clock } from "../../src/clock.ts";

/** A clock that stands still until it is moved. */
export class FakeClock implements Clock {
  #now = Date.parse("2026-01-02T03:04:05Z");
  #timers: { callback: () => void; at: number; kind: string }[] = [];

  now(): number {
    return this.#now;
  }

  setTimeout(callback: () => void, delayMs: number, kind: "foreground" | "background"): unknown {
    const timer = { callback, at: this.#now + delayMs, kind };
    this.#timers.push(timer);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    this.#timers = this.#timers.filter((other) => other !== timer);
  }

  /** Kinds of the timers that wait. */
  get waiting(): string[] {
    return this.#timers.map(({ kind }) => kind);
  }

  /** Moves on, timer by timer, and lets what they start run in between. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (;;) {
      const [next] = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.clearTimeout(next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
      await settle();
    }
    this.#now = end;
  }
}

/** Lets everything run that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** More than anything here takes; a test that waits for what never comes says so. */
const DEADLINE_MS = 20_000;

/** Looks until it is so: for what another process or a socket does. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`it never came to this: ${isSo}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
