/*
 * Must be loaded before what it watches: it stands in for `Uint8Array`, and remembers the longest that was asked for. A
 * parser that believes an announced length asks for it long before it finds out.
 */
let longest = 0;

globalThis.Uint8Array = new Proxy(Uint8Array, {
  construct(Plain, args, newTarget) {
    const [first] = args;
    const length = typeof first === "number" ? first : 0;
    if (length > longest) longest = length;
    return Reflect.construct(Plain, args, newTarget);
  },
});

/** The longest array, in bytes, that `run` asks for by its length. */
export function longestAllocation(run: () => unknown): number {
  longest = 0;
  run();
  return longest;
}
