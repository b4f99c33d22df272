import { readDescriptor } from "../read-descriptor.ts";
import type { SeedSource } from "../read-seed.ts";
import { seedOfText } from "./text.ts";

/** For programs, which so hand a seed over without that another program sees it. */
export const descriptorSource: SeedSource = {
  flags: "--seed-fd <n>",
  description: "reads the words, or a seed in hex, or a root xprv, from file descriptor n: --seed-fd 3 3< words.txt",
  read: async ({ io }, value, { languages }) =>
    seedOfText((await readDescriptor(io, value, "--seed-fd")).trim(), languages),
};
