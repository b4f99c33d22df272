import { askShares } from "../ask-shares.ts";
import type { SeedSource, SharedSecret } from "../read-seed.ts";

/** What a passphrase of shares may have. @see SLIP-39, "Passphrase" */
const PRINTABLE_ASCII = /^[ -~]*$/;

/** Sheets that belong together, of SLIP-39. */
export const sharesSource: SeedSource = {
  flags: "--shares",
  description: "asks for SLIP-39 shares, one after the other",
  isNoWords: true,
  async read(context, _, how) {
    using set = await askShares(context);
    const passphrase = await how.passphrase();
    const secrets: SharedSecret[] = [];
    // No share says whether a passphrase is its own, or that of the words that were split.
    if (PRINTABLE_ASCII.test(passphrase)) secrets.push({ secret: await set.combine({ passphrase }), passphrase: "" });
    if (passphrase !== "") secrets.push({ secret: await set.combine(), passphrase });
    return { secrets };
  },
};
