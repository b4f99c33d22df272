/**
 * Wraps a secret so that printing, logging or serialising what holds it shows `<redacted>`.
 * Only `reveal()` gives it out.
 *
 * @example
 * ```ts
 * import { Redacted } from "@cloudbackup/core";
 *
 * const password = new Redacted("correct horse battery staple");
 * console.log(`${password}`); // → <redacted>
 * console.log(password.reveal().length); // → 28
 * ```
 */
export class Redacted<T> {
  #value: T;

  /**
   * Wraps a secret.
   *
   * @param value is kept as it is, not copied
   */
  constructor(value: T) {
    this.#value = value;
  }

  /** The secret itself, not a copy of it. */
  reveal(): T {
    return this.#value;
  }

  /** `<redacted>` */
  toString(): string {
    return REDACTED;
  }

  /** `<redacted>` */
  toJSON(): string {
    return REDACTED;
  }

  /** What Node's `util.inspect`, and so `console.log`, prints. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return REDACTED;
  }
}

const REDACTED = "<redacted>";
