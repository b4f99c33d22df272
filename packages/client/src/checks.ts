/** Throws a TypeError for each key that `known` lacks: a mistyped option must not be ignored. */
export function assertKnown(options: object, known: readonly string[], name: string): void {
  if (typeof options !== "object" || options === null) throw new TypeError(`${name} takes an object of options`);
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) throw new TypeError(`${name} has no option "${key}"; it knows ${known.join(", ")}`);
  }
}

/** An integer from `min`; undefined is left to whoever has a default. */
export function assertInteger(value: number | undefined, name: string, min: number, max = Number.MAX_SAFE_INTEGER) {
  if (value === undefined) return;
  if (typeof value !== "number") throw new TypeError(`${name} must be a number`);
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw new RangeError(`${name} must be an integer from ${min} to ${max}`);
  }
}

/** A value of a JavaScript type; undefined is left to whoever has a default. */
export function assertType(value: unknown, type: "boolean" | "function" | "string", name: string): void {
  if (value !== undefined && typeof value !== type) throw new TypeError(`${name} must be a ${type}`);
}

/** An object that has these methods. */
export function assertMethods(value: object | undefined, methods: readonly string[], name: string): void {
  if (value === undefined) return;
  const object = value as Record<string, unknown> | null;
  if (typeof object !== "object" || object === null || methods.some((method) => typeof object[method] !== "function")) {
    throw new TypeError(`${name} must have ${methods.join(", ")}`);
  }
}
