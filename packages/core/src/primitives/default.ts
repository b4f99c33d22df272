import { defaultPrimitives as chosen, defaultSeedPrimitives as chosenForSeeds } from "#primitives";
import type { Primitives, SeedPrimitives, ShamirPrimitives } from "./primitives.ts";

/** Node's own where this runs in Node, else the portable ones: the package's "imports" map chooses. */
export const defaultPrimitives: Primitives = chosen;
export const defaultSeedPrimitives: SeedPrimitives & ShamirPrimitives = chosenForSeeds;
