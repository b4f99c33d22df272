/**
 * Wraps a secret so that printing, logging or serialising what holds it shows `<redacted>`.
 * Only `reveal()` gives it out.
 */
export class Redacted<T> {
  #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  /** What Node's `util.inspect`, and so `console.log`, prints. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return REDACTED;
  }
}

const REDACTED = "<redacted>";
