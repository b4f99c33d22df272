/** What a promise rejects with. */
export async function errorOf(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error("it did not fail");
}

/** All that an error says, its causes and own properties included. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error) ?? "";
  const { cause, message, stack, ...own } = error as Error & Record<string, unknown>;
  return [message, stack, JSON.stringify(own), cause === undefined ? "" : wordsOf(cause)].join("\n");
}
