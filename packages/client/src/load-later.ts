import { UnreachableError } from "./errors.ts";

/**
 * What few calls need: a module of its own, which a page loads with the first of them.
 *
 * @throws UnreachableError where it cannot be loaded: there is no network, or the page was deployed anew
 */
export async function loadLater(): Promise<typeof import("./later.ts")> {
  try {
    return await import("./later.ts");
  } catch (error) {
    throw new UnreachableError("A part of this program cannot be loaded", { cause: error });
  }
}
