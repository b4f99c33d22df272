import { createCipheriv } from "node:crypto";
import { type Browser, chromium } from "playwright-core";
import { BROWSER_FLAGS, chromiumPath } from "../../../scripts/chromium.mjs";
import { type Benchmark, interleave } from "../benchmark.ts";
import type { Restorer, Setting } from "../browser/page.ts";
import { servePage } from "../browser/page-server.ts";
import { pseudoRandomBytes } from "../bytes.ts";
import { dumpOf5MB } from "../dump.ts";
import { type Row, rowOf } from "../row.ts";
import { startServer } from "../server.ts";
import { seedOf, signedInClient } from "../wallet.ts";

const ROUNDS = 5;
const NAME = "browser-restore-5MB";

/** A dump of 5 MB restored in a page, beside as many bytes that the browser itself deciphers. */
export const browserRestoring: Benchmark = {
  names: [NAME],
  async run() {
    let executablePath: string;
    try {
      executablePath = chromiumPath();
    } catch (error) {
      return [rowOf({ name: NAME, value: Number.NaN, unit: "ms", note: `not measured: ${(error as Error).message}` })];
    }
    const browser = await chromium.launch({ executablePath, args: BROWSER_FLAGS });
    const server = await startServer();
    try {
      return [await measure(browser, server.url)];
    } finally {
      await browser.close();
      await server.stop();
    }
  },
};

async function measure(browser: Browser, url: string): Promise<Row> {
  const client = await signedInClient(url);
  await using wallet = await client.openWallet(seedOf(0));
  const dump = dumpOf5MB();
  const { bytesSent } = await wallet.backup(dump);
  const plain = pseudoRandomBytes(bytesSent, 1);
  await using pages = await servePage(sealedByAes(plain));
  const page = await browser.newPage();
  await page.goto(pages.url);
  const setting: Setting = {
    url,
    seed: Buffer.from(seedOf(0)).toString("hex"),
    sealedUrl: pages.bytesUrl,
    plainBytes: plain.length,
  };
  const restorer = await page.evaluateHandle(
    (given) => (globalThis as unknown as { restorerOf(given: Setting): Promise<Restorer> }).restorerOf(given),
    setting,
  );
  const medians = await interleave(ROUNDS, {
    async ours() {
      const { ms, records } = await restorer.evaluate((each) => each.restore());
      if (records !== dump.transactions.length) throw new Error("it lost some");
      return ms;
    },
    bare: () => restorer.evaluate((each) => each.bare()),
  });
  return rowOf({
    name: NAME,
    value: medians.ours,
    unit: "ms",
    peer: { name: "fetch and WebCrypto AES-GCM", value: medians.bare },
    note: "in Chromium; the peer fetches as many bytes from a bare server and deciphers them in one piece, by native code; it neither inflates, checks nor decodes anything",
  });
}

/** The nonce, then what AES-256-GCM makes of it under a key of zeros, as WebCrypto takes it. */
function sealedByAes(plain: Uint8Array): Uint8Array {
  const nonce = pseudoRandomBytes(12, 2);
  const cipher = createCipheriv("aes-256-gcm", new Uint8Array(32), nonce);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}
