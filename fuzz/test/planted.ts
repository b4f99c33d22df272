import { longestAllocation } from "../src/allocations.ts";
import { claim, defineTarget, type Target } from "../src/target.ts";

/** Parsers with the mistakes that a run must find, each at one byte. */
const planted = (name: string, check: (bytes: Uint8Array) => string | Promise<string>): Target =>
  defineTarget({ name, share: 1, open: () => ({ make: (source) => source.bytes(2), check }) });

const kept: Uint8Array[] = [];

export const targets: readonly Target[] = [
  planted("good", ([first]) => ((first as number) < 128 ? "accepted" : "refused")),
  planted("throws", ([first]) => {
    if (first === 7) throw new TypeError("cannot read properties of undefined");
    return "accepted";
  }),
  planted("rejects later", async ([first]) => {
    if (first === 7) void Promise.reject(new TypeError("nobody awaits this"));
    await new Promise((resolve) => setImmediate(resolve));
    return "accepted";
  }),
  planted("hangs", ([first]) => {
    while (first === 7);
    return "accepted";
  }),
  planted("leaks", (bytes) => {
    kept.push(new Uint8Array(10_000).fill(bytes[0] as number));
    return "accepted";
  }),
  planted("takes much at once", ([first]) => {
    // Filled, since a system gives memory only where it is written to.
    return first === 7 ? `${new Uint8Array(700 * 2 ** 20).fill(1).length}` : "accepted";
  }),
  planted("fills the heap", ([first]) => {
    const all: object[] = [];
    while (first === 7) all.push(new Array(100_000).fill(all.length));
    return "accepted";
  }),
  planted("believes lengths", ([first]) => {
    const longest = longestAllocation(() => new Uint8Array(first === 7 ? 2 ** 30 : 10));
    claim(longest < 1_000, "no array of a gigabyte is made for two bytes");
    return "accepted";
  }),
  defineTarget({
    name: "remembers",
    share: 1,
    block: 100,
    open: () => {
      let seen = 0;
      return {
        make: (source) => source.below(4),
        check: (number: number) => {
          seen += number;
          claim(seen !== 50, "the numbers of a block do not come to 50");
          return "accepted";
        },
      };
    },
  }),
];
