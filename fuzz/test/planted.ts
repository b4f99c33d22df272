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
    if (first !== 7) return "accepted";
    const much = new Uint8Array(3 * 2 ** 29);
    // A system gives memory, page by page, only where it is written to.
    for (let at = 0; at < much.length; at += 4_096) much[at] = 1;
    return `${much.length} bytes`;
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
