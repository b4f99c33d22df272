import { defaultPrimitives as chosen } from "#primitives";
import type { Primitives } from "./primitives.ts";

/** Node's own where this runs in Node, else the portable ones: the package's "imports" map chooses. */
export const defaultPrimitives: Primitives = chosen;
