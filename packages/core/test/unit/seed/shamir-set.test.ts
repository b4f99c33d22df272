import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { splitSecret } from "../../../src/seed/shamir.ts";
import type { InvalidShareError } from "../../../src/seed/shamir-errors.ts";
import { createShareSet } from "../../../src/seed/shamir-set.ts";
import { describeShare, formatShare, parseShare, type Share } from "../../../src/seed/shamir-share.ts";
import { errorOf } from "../../fixtures.ts";
import { noise, seededRandom } from "../../noise.ts";

const secret = noise(32, 1);
const split = (given: object = {}) =>
  splitSecret({
    secret,
    groups: [
      { threshold: 2, count: 3 },
      { threshold: 1, count: 1 },
      { threshold: 3, count: 5 },
    ],
    groupThreshold: 2,
    iterationExponent: 0,
    random: seededRandom(),
    ...given,
  });
const shares = await split();
const at = (group: number, member: number) => shares[group - 1]?.[member - 1] as string;
const thrown = (run: () => unknown) => errorOf(run) as InvalidShareError;
/** The same share, saying something else. */
const changed = (share: string, change: Partial<Share>) => formatShare({ ...parseShare(share), ...change });

describe("a set of shares", () => {
  it("says how far it has come, share by share", async () => {
    const set = createShareSet();
    expect(set.progress).toEqual({
      isComplete: false,
      groupThreshold: undefined,
      groupCount: undefined,
      completeGroups: 0,
      groups: [],
    });
    const common = { groupThreshold: 2, groupCount: 3 };
    const third = (members: number[]) => ({ group: 3, members, memberThreshold: 3, missing: 3 - members.length });
    const first = (members: number[]) => ({ group: 1, members, memberThreshold: 2, missing: 2 - members.length });
    const steps = [
      { share: at(3, 5), completeGroups: 0, groups: [third([5])] },
      { share: at(1, 2), completeGroups: 0, groups: [first([2]), third([5])] },
      { share: at(3, 1), completeGroups: 0, groups: [first([2]), third([1, 5])] },
      { share: at(3, 2), completeGroups: 1, groups: [first([2]), third([1, 2, 5])] },
      { share: at(1, 1), completeGroups: 2, groups: [first([1, 2]), third([1, 2, 5])] },
    ];
    for (const { share, ...progress } of steps) {
      const isComplete = progress.completeGroups === 2;
      expect(set.isComplete).toBe(false);
      expect(set.add(share)).toEqual({ isComplete, ...common, ...progress });
      expect(set.progress).toEqual({ isComplete, ...common, ...progress });
    }
    expect(set.isComplete).toBe(true);
    expect(await set.combine()).toEqual(secret);
    // More shares of a complete group leave nothing missing.
    expect(set.add(at(1, 3)).groups[0]).toEqual({ group: 1, members: [1, 2, 3], memberThreshold: 2, missing: 0 });
    expect(await set.combine()).toEqual(secret);
  });

  it("says that a share was there before, and where", () => {
    const set = createShareSet();
    set.add(at(1, 1));
    const before = set.add(at(3, 5));
    const error = thrown(() => set.add(at(3, 5).toUpperCase()));
    expect(error).toMatchObject({
      name: "InvalidShareError",
      code: "ERR_CB_INVALID_SHARE",
      reason: "duplicate",
      message: "This share was entered before: number 5 of group 3",
      retryable: false,
    });
    expect(set.progress).toEqual(before);
  });

  it("refuses another share at the place of one", () => {
    const set = createShareSet();
    set.add(at(1, 1));
    expect(thrown(() => set.add(changed(at(1, 1), { value: noise(32, 5) })))).toMatchObject({
      code: "ERR_CB_INVALID_SHARE",
      reason: "conflict",
      message: "There is another share at this one's place: number 1 of group 1",
    });
    expect(set.progress.groups).toHaveLength(1);
  });

  it.each([
    { differs: "identifier", change: { identifier: 1 }, says: "identifier" },
    { differs: "extendable", change: { extendable: false }, says: "extendable backup flag" },
    { differs: "iterationExponent", change: { iterationExponent: 9 }, says: "iteration exponent" },
    { differs: "groupThreshold", change: { groupThreshold: 1 }, says: "group threshold" },
    { differs: "groupCount", change: { groupCount: 4 }, says: "number of groups" },
    { differs: "secretBytes", change: { value: noise(16, 3) }, says: "length of its secret" },
    { differs: "memberThreshold", change: { memberThreshold: 3 }, says: "threshold of its group" },
  ])("refuses a share of another set, which has another $differs, by name", async ({ differs, change, says }) => {
    const set = createShareSet();
    set.add(at(1, 1));
    const error = thrown(() => set.add(changed(at(1, 2), change)));
    expect(error).toMatchObject({
      name: "ShareOfAnotherSetError",
      code: "ERR_CB_SHARE_OF_ANOTHER_SET",
      reason: "another-set",
      differs,
      message: `This share is of another set than those before it: it has another ${says}`,
    });
    // It leaves the set as it was.
    set.add(at(1, 2));
    set.add(at(2, 1));
    expect(await set.combine()).toEqual(secret);
  });

  it("may be combined under one passphrase after another", async () => {
    const [own = []] = await split({ groups: [{ threshold: 2, count: 2 }], groupThreshold: 1, passphrase: "right" });
    const set = createShareSet();
    for (const share of own) set.add(share);
    expect(await set.combine({ passphrase: "wrong" })).not.toEqual(secret);
    expect(await set.combine({ passphrase: "right" })).toEqual(secret);
  });

  it("gives nothing before it is complete", async () => {
    const set = createShareSet();
    await expect(set.combine()).rejects.toMatchObject({ code: "ERR_CB_NOT_ENOUGH_SHARES" });
    set.add(at(2, 1));
    set.add(at(3, 1));
    await expect(set.combine()).rejects.toMatchObject({
      name: "NotEnoughSharesError",
      reason: "not-enough",
      progress: set.progress,
    });
  });

  it("says of one group how many there are", async () => {
    const [own = []] = await split({ groups: [{ threshold: 3, count: 5 }], groupThreshold: 1 });
    const set = createShareSet();
    for (const share of own.slice(0, 2)) set.add(share);
    await expect(set.combine()).rejects.toThrow("There are not enough shares: 2 of 3");
  });

  it("is empty again when it was cleared, and takes another set's shares", async () => {
    const set = createShareSet();
    set.add(at(1, 1));
    set.clear();
    expect(set.progress.groups).toEqual([]);
    const [other = []] = await split({
      groups: [{ threshold: 1, count: 1 }],
      groupThreshold: 1,
      random: seededRandom(50),
    });
    expect(set.add(other[0] as string).isComplete).toBe(true);
    set[Symbol.dispose]();
    expect(set.isComplete).toBe(false);
  });

  it("shows no share when it is printed", () => {
    const set = createShareSet();
    set.add(at(1, 1));
    const { identifier } = describeShare(at(1, 1));
    for (const shown of [inspect(set, { depth: 9, showHidden: true }), JSON.stringify(set), `${set}`]) {
      expect(shown).not.toContain(String(identifier));
      expect(shown).not.toContain(at(1, 1).split(" ")[5]);
    }
  });

  it.each([[undefined], [new Uint8Array(20)], [at(1, 1).split(" ")]])("takes text alone", (share) => {
    expect(() => createShareSet().add(share as unknown as string)).toThrow(TypeError);
  });
});
