/** Something came back other than it went. */
export class MismatchError extends Error {
  override readonly name = "MismatchError";
}

/** @throws MismatchError that says what was expected */
export function assertSame(actual: unknown, expected: unknown, what: string): void {
  if (actual !== expected) throw new MismatchError(`${what} should be ${expected}, it is ${actual}`);
}

/** In whatever order the accounts come. @throws MismatchError that names the first address that differs */
export function assertSameAddresses(
  actual: ReadonlyMap<string, string[]>,
  expected: ReadonlyMap<string, string[]>,
): void {
  assertSame([...actual.keys()].sort().join(", "), [...expected.keys()].sort().join(", "), "The list of accounts");
  for (const [chain, addresses] of expected) {
    const found = actual.get(chain) ?? [];
    assertSame(found.length, addresses.length, `The number of addresses of ${chain}`);
    addresses.forEach((address, index) => {
      assertSame(found[index], address, `Address ${index} of ${chain}`);
    });
  }
}
