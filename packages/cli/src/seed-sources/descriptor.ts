import { mnemonicToEntropy } from "@cloudbackup/core/seed";
import { readDescriptor } from "../read-descriptor.ts";
import type { SeedSource } from "../read-seed.ts";

/** For programs, which so hand words over without that another program sees them. */
export const descriptorSource: SeedSource = {
  flags: "--seed-fd <n>",
  description: "reads the words from file descriptor n, as in: cloudbackup show --seed-fd 3 3< words.txt",
  async read({ io }, value, { languages }) {
    const mnemonic = (await readDescriptor(io, value, "--seed-fd")).trim();
    // Wrong words end it here, with their own error.
    mnemonicToEntropy(mnemonic, languages).fill(0);
    return { mnemonic };
  },
};
