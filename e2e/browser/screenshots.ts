// Draws docs/img/browser-wallet-*.png anew: node e2e/browser/screenshots.ts
import { join } from "node:path";
import type { BrowserContextOptions } from "playwright-core";
import { root } from "../../scripts/setup.mjs";
import { ExampleProgram } from "./example.ts";
import { ExamplePage } from "./example-page.ts";
import { launchChromium } from "./launch.ts";

const program = new ExampleProgram();
const browser = await launchChromium();
const openPage = async (options: BrowserContextOptions) => (await browser.newContext(options)).newPage();
try {
  const url = await program.printed(/^The wallet: (\S+)$/m);
  const page = await openPage({ viewport: { width: 1000, height: 760 }, locale: "en-GB" });
  await page.goto(url);
  const wallet = new ExamplePage(page, program);
  const words = await wallet.makeWallet();
  await wallet.register("hodler21");
  await wallet.safe(1);
  await wallet.addAccount("Savings");
  await wallet.label("bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", "Rent");
  await wallet.safe(2);
  await page.screenshot({ path: join(root, "docs/img/browser-wallet-desktop.png") });

  const phone = await openPage({ viewport: { width: 360, height: 700 }, locale: "en-GB", colorScheme: "dark" });
  await phone.goto(url);
  await new ExamplePage(phone, program).enterWords(words);
  await phone.getByRole("heading", { name: "There is a backup" }).waitFor();
  await phone.screenshot({ path: join(root, "docs/img/browser-wallet-phone.png") });
} finally {
  await browser.close();
  await program.stop();
}
