import fc from "fast-check";
import { expect, it } from "vitest";
import { combineShares, splitSecret } from "../../src/seed/shamir.ts";
import { InvalidShareError, NotEnoughSharesError } from "../../src/seed/shamir-errors.ts";
import { createShareSet } from "../../src/seed/shamir-set.ts";
import { describeShare } from "../../src/seed/shamir-share.ts";
import { slip39Words } from "../../src/seed/slip39-words.ts";
import { seededRandom } from "../noise.ts";

/** What is tried here is how secrets are split, and thousands of rounds of a hash would show nothing of it. */
const primitives = {
  pbkdf2HmacSha256: async (password: Uint8Array, salt: Uint8Array, iterations: number, length: number) =>
    Uint8Array.from(
      { length },
      (_, i) => (password[i % password.length] as number) + 31 * (salt[i % salt.length] ?? 7) + iterations,
    ),
};

const group = fc.integer({ min: 1, max: 16 }).chain((count) =>
  fc.record({
    count: fc.constant(count),
    threshold: count === 1 ? fc.constant(1) : fc.integer({ min: 2, max: count }),
  }),
);
const layout = fc.record({
  secret: fc.integer({ min: 8, max: 16 }).chain((half) => fc.uint8Array({ minLength: 2 * half, maxLength: 2 * half })),
  groups: fc.array(group, { minLength: 1, maxLength: 16 }),
  groupThreshold: fc.integer({ min: 1, max: 16 }),
  passphrase: fc.string({
    unit: fc.integer({ min: 32, max: 126 }).map((code) => String.fromCharCode(code)),
    maxLength: 20,
  }),
  extendable: fc.boolean(),
  iterationExponent: fc.integer({ min: 0, max: 15 }),
  draws: fc.nat(),
  order: fc.infiniteStream(fc.nat()),
});
type Layout = typeof layout extends fc.Arbitrary<infer T> ? T : never;

/** As many of the list, in an order of chance. */
function some<T>(list: readonly T[], count: number, order: Layout["order"]): T[] {
  const keyed = list.map((item) => ({ item, key: order.next().value as number }));
  return keyed
    .sort((a, b) => a.key - b.key)
    .slice(0, count)
    .map(({ item }) => item);
}

async function splitAs({ order: _, draws, ...given }: Layout) {
  const groupThreshold = Math.min(given.groupThreshold, given.groups.length);
  const shares = await splitSecret({ ...given, groupThreshold, random: seededRandom(draws), primitives });
  return { ...given, groupThreshold, shares };
}

it("combines any shares that are enough, of any layout, and refuses one fewer", () =>
  fc.assert(
    fc.asyncProperty(layout, async (given) => {
      const { secret, groups, groupThreshold, passphrase, shares } = await splitAs(given);
      const chosen = some(
        shares.map((members, i) => ({ members, threshold: groups[i]?.threshold as number })),
        groupThreshold,
        given.order,
      );
      const enough = some(
        chosen.flatMap(({ members, threshold }) => some(members, threshold, given.order)),
        256,
        given.order,
      );
      expect(await combineShares(enough, { passphrase, primitives })).toEqual(secret);

      const set = createShareSet();
      const states = enough.map((share) => set.add(share).isComplete);
      expect(states.indexOf(true)).toBe(enough.length - 1);

      await expect(combineShares(enough.slice(1), { passphrase, primitives })).rejects.toThrow(NotEnoughSharesError);
      // All of them, those that are not needed too.
      expect(await combineShares(some(shares.flat(), 256, given.order), { passphrase, primitives })).toEqual(secret);
    }),
    { numRuns: 60 },
  ));

it("refuses a share of which any word is another", () =>
  fc.assert(
    fc.asyncProperty(
      layout,
      fc.nat(),
      fc.nat(),
      fc.integer({ min: 1, max: 1023 }),
      async (given, which, where, step) => {
        const { shares } = await splitAs(given);
        const all = shares.flat();
        const words = (all[which % all.length] as string).split(" ");
        const at = where % words.length;
        words[at] = slip39Words[(slip39Words.indexOf(words[at] as string) + step) % 1024] as string;
        const refused = (() => {
          try {
            return describeShare(words.join(" "));
          } catch (error) {
            return error;
          }
        })();
        expect(refused).toBeInstanceOf(InvalidShareError);
        expect(refused).toMatchObject({ reason: "checksum" });
      },
    ),
    { numRuns: 100 },
  ));
