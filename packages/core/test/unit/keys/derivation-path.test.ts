import { expect, it } from "vitest";
import { BACKUP_KEY_PATH, IDENTITY_KEY_PATH, isDerivationPath } from "../../../src/keys/derivation-path.ts";

it.each(["m", "m/0", "m/0'", "m/44'/0'/3'", "m/2147483647'", "m/2147483647", BACKUP_KEY_PATH, IDENTITY_KEY_PATH])(
  "%s is one",
  (path) => {
    expect(isDerivationPath(path)).toBe(true);
  },
);

it.each([
  "",
  "M/0",
  "/0",
  "m/",
  "m/0/",
  "m//0",
  "m/00",
  "m/01'",
  "m/-1",
  "m/0''",
  "m/0h",
  "m/0H",
  "m/2147483648",
  "m/9999999999",
  "m/1e3",
  "m/0x1",
  "m/ 0",
  "m/0\n",
  "44'/0'",
  "m/*",
])("%j is none", (path) => {
  expect(isDerivationPath(path)).toBe(false);
});
