import { seedQrPng } from "@cloudbackup/core/seed/picture";
import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ExampleProgram } from "./example.ts";
import { ExamplePage } from "./example-page.ts";
import { launchChromium } from "./launch.ts";
import { type Traffic, watchTraffic } from "./traffic.ts";

let program: ExampleProgram;
let url: string;
let browser: Browser;
let contexts: BrowserContext[] = [];
let traffic: Traffic;

beforeAll(async () => {
  program = new ExampleProgram();
  url = await program.printed(/^The wallet: (\S+)$/m);
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await program?.stop();
});
afterEach(async () => {
  for (const context of contexts) await context.close();
  contexts = [];
});

async function open(options: Parameters<Browser["newContext"]>[0]): Promise<ExamplePage> {
  const context = await browser.newContext(options);
  contexts.push(context);
  context.setDefaultTimeout(20_000);
  traffic = watchTraffic(context);
  const page = await context.newPage();
  await page.goto(url);
  return new ExamplePage(page, program);
}

/** A txid: long, and without a place to break. */
const txid = "f91d0a8a78462bc59398f2c5d7a84fcff491c26ba54c4833478b202796c8aafd";
const xpub =
  "xpub6CCHViYn5VzPfSR7baop9FtGcbm3UnqHwa54Z2eNvJnRFCJCdo9HtCYoLJKZCoATMLUowDDA1BMGfQGauY3fDYU3HyMzX4NDkoLYCSkLpbH";

describe.each([
  { device: "a desktop", viewport: { width: 1280, height: 900 }, username: "desk" },
  { device: "a phone", viewport: { width: 360, height: 740 }, username: "phone" },
])("on $device", ({ viewport, username }) => {
  it("makes a wallet, follows its changes, is wiped, and restores after a look", async () => {
    const wallet = await open({ viewport });
    const { page } = wallet;
    const fits = async () => expect(await wallet.beyondViewport()).toEqual([]);
    await fits();
    const words = await wallet.makeWallet(fits);
    await fits();
    await wallet.register(username);
    await wallet.safe(1);
    await wallet.addAccount("Savings");
    await wallet.safe(2);
    await wallet.label(txid, "Rent");
    await wallet.safe(3);
    await page.getByLabel("Name of the device").fill("My phone");
    await page.getByLabel("Its xpub").fill(xpub);
    await wallet.press("Pair a device");
    await wallet.safe(4);
    await wallet.press("Rename Spending");
    await page.getByLabel("New name").fill("Everyday");
    await wallet.press("Save");
    await wallet.press("Archive Savings");
    await wallet.safe(5);
    await fits();
    await wallet.press("Check the backup");
    await page.getByText("is what this page holds").waitFor();

    await wallet.press("Wipe this page");
    await wallet.press("Wipe");
    await page.getByRole("heading", { name: "A new wallet" }).waitFor();
    expect(await page.evaluate(async () => (await indexedDB.databases()).length)).toBe(0);

    await wallet.enterWords(words);
    await page.getByRole("heading", { name: "There is a backup" }).waitFor();
    expect(await page.locator("tbody tr").allTextContents()).toEqual(["accounts3", "labels1", "pairings1"]);
    expect(await page.locator("dd").last().textContent()).toBe("5");
    await fits();
    await wallet.press("Restore this");
    await wallet.safe(5);
    expect((await wallet.entries("accounts")).sort()).toEqual(["Everyday", "My phone", "Savings"]);
    expect(await page.locator("#accounts li.archived strong").allTextContents()).toEqual(["Savings"]);
    expect(await wallet.entries("labels")).toEqual(["Rent"]);
    expect(await wallet.entries("pairings")).toEqual(["My phone"]);

    // No secret where it does not belong, no complaint of the policy, no request elsewhere.
    expect(traffic.complaints).toEqual([]);
    for (const request of traffic.requests) {
      expect(new URL(request.url()).hostname).toBe("127.0.0.1");
      expect(`${request.url()}${request.postData() ?? ""}`.includes(words)).toBe(false);
    }
  });
});

it("restores from a picture of the words' QR code, and says what is wrong with another picture", async () => {
  const wallet = await open({ viewport: { width: 360, height: 740 } });
  const { page } = wallet;
  const words = await wallet.makeWallet();
  await wallet.register("seedqr");
  await wallet.safe(1);
  await wallet.press("Wipe this page");
  await wallet.press("Wipe");
  await page.getByRole("heading", { name: "A new wallet" }).waitFor();
  expect(await wallet.beyondViewport()).toEqual([]);

  await wallet.choosePicture("broken.png", new Uint8Array(100));
  await page.getByRole("alert").getByText("decoded").waitFor();
  await wallet.choosePicture("screenshot.png", await page.screenshot());
  await page.getByText("No QR code could be read").waitFor();
  await page.getByText("ERR_CB_NO_QR_CODE").waitFor();

  await wallet.choosePicture("seed.png", seedQrPng(words, { compact: true }));
  await page.getByRole("heading", { name: "There is a backup" }).waitFor();
  await wallet.press("Restore this");
  await wallet.safe(1);
  expect(await wallet.entries("accounts")).toEqual(["Spending"]);
  expect(traffic.complaints).toEqual([]);
  for (const request of traffic.requests) expect(`${request.url()}${request.postData() ?? ""}`).not.toContain(words);
});

it("takes over what another device changes, and says what both changed", async () => {
  const one = await open({ viewport: { width: 800, height: 700 } });
  const words = await one.makeWallet();
  await one.register("pair99");
  await one.safe(1);
  const other = await open({ viewport: { width: 360, height: 740 } });
  await other.enterWords(words);
  await other.page.getByRole("heading", { name: "There is a backup" }).waitFor();
  await other.press("Restore this");
  await other.safe(1);

  // Nothing is pressed on the other: it watches.
  await one.addAccount("Savings");
  await one.label("bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", "Rent");
  await other.page.locator("#labels", { hasText: "Rent" }).waitFor();
  expect(await other.entries("accounts")).toEqual(["Spending", "Savings"]);

  // Both change, one without a network.
  await other.page.context().setOffline(true);
  await other.addAccount("From the phone");
  await other.press("Rename Spending");
  await other.page.getByLabel("New name").fill("On the phone");
  await other.press("Save");
  await other.page.locator(".status[data-state=offline]").waitFor();
  await one.press("Rename Spending");
  await one.page.getByLabel("New name").fill("On the desk");
  await one.press("Save");
  await one.page.locator(".status[data-state=idle]").waitFor();
  await other.page.context().setOffline(false);
  await other.page.locator("#problem", { hasText: "On the desk” stands now, here it was “On the phone" }).waitFor();
  await other.page.locator(".status[data-state=idle]").waitFor();
  await one.page.locator("#accounts", { hasText: "From the phone" }).waitFor();
  const names = ["From the phone", "On the desk", "Savings"];
  expect((await one.entries("accounts")).sort()).toEqual(names);
  expect((await other.entries("accounts")).sort()).toEqual(names);
  expect(await other.beyondViewport()).toEqual([]);
});

it("says what is wrong and what to do", async () => {
  const wallet = await open({ viewport: { width: 360, height: 740 } });
  const alert = wallet.page.locator("#problem");
  await wallet.enterWords("zoo zoo zoo");
  await alert.getByText("Compare the words").waitFor();
  expect(await alert.textContent()).toContain("ERR_CB_INVALID_MNEMONIC");

  await wallet.page.goto(`${new URL(url).origin}/?server=http%3A%2F%2F127.0.0.1%3A9`);
  await wallet.enterWords("zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong");
  await alert.getByText("nothing is lost").waitFor();
  expect(await alert.textContent()).toContain("ERR_CB_UNREACHABLE");
  expect(await wallet.beyondViewport()).toEqual([]);
});

it("is used by the keyboard alone", async () => {
  const { page } = await open({ viewport: { width: 800, height: 700 } });
  for (let presses = 0; presses < 20; presses++) {
    await page.keyboard.press("Tab");
    if ((await page.evaluate(() => document.activeElement?.textContent)) === "Make a wallet") break;
  }
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Write these words down" }).waitFor();
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");
});
