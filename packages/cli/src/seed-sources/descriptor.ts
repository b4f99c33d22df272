import { mnemonicToSeed } from "@cloudbackup/core/seed";
import { readDescriptor } from "../read-descriptor.ts";
import type { SeedSource } from "../read-seed.ts";

/** For programs, which hand words over without that another program sees them. */
export const descriptorSource: SeedSource = {
  flags: "--seed-fd <n>",
  description: "reads the words from file descriptor n: cloudbackup show --seed-fd 3 3< words.txt",
  async read({ io }, value) {
    const mnemonic = (await readDescriptor(io, value, "--seed-fd")).trim();
    // Wrong words end it here, with their own error.
    (await mnemonicToSeed(mnemonic)).fill(0);
    return { mnemonic };
  },
};
