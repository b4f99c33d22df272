import { readFileSync } from "node:fs";
import { join } from "node:path";
import { HDKey } from "@scure/bip32";
import { expect, test } from "vitest";
import { authenticator, XPUB, XPUB_POSITION } from "../src/authenticator.ts";

const { CLOUDBACKUP_VECTORS } = process.env;
const FIXTURE = "wallets/caravan/json/bitcoin-2-of-2-P2SH_MAINNET.json";

test("key, chain code and position encode to the xpub", () => {
  const { publicKey, chainCode } = authenticator;
  expect(new HDKey({ publicKey, chainCode, ...XPUB_POSITION }).publicExtendedKey).toBe(XPUB);
});

test.runIf(CLOUDBACKUP_VECTORS)(`the xpub is that of ${FIXTURE}`, () => {
  const wallet = JSON.parse(readFileSync(join(CLOUDBACKUP_VECTORS as string, FIXTURE), "utf8"));
  const cosigner = wallet.extendedPublicKeys.find((key: { xfp: string }) => key.xfp === "f57ec65d");
  expect(wallet.quorum).toEqual({ requiredSigners: 2, totalSigners: 2 });
  expect(wallet.addressType).toBe("P2SH");
  expect(cosigner.xpub).toBe(XPUB);
});
