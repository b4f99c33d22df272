import { createClient } from "@cloudbackup/client";
import { serializeDump } from "@cloudbackup/core";
import { mnemonicToSeed } from "@cloudbackup/core/seed";
import { decodeBundle, decodeChunkItems } from "@cloudbackup/core/wire";
import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { ServerProgram } from "../program.ts";
import { hexOf, sampleDump, sections } from "./app/sample-wallet.ts";
import { launchChromium } from "./launch.ts";
import { type Traffic, watchTraffic } from "./traffic.ts";
import { WalletApp } from "./wallet-app.ts";
import { type Step, WalletPage } from "./wallet-page.ts";

const password = "correct horse battery staple";
/* Published ones, of the BIP-39 test vectors. */
const hodlersWords = "legal winner thank year wave sausage worth useful legal winner thank yellow";
const minersWords = "letter advice cage absurd amount doctor acoustic avoid letter advice cage above";
const keepersWords =
  "void come effort suffer camp survey warrior heavy shoot primary clutch crush open amazing screen patrol group space point ten exist slush involve unfold";
const misersWords =
  "hamster diagram private dutch cause delay private meat slide toddler razor book happy fancy gospel tennis maple dilemma loan word shrug inflict delay length";
const strangersWords = "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong";

let server: ServerProgram;
let app: WalletApp;
let browser: Browser;
let context: BrowserContext;
let traffic: Traffic;

beforeAll(async () => {
  server = await ServerProgram.startDev();
  app = await WalletApp.start(server.url);
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  await app?.stop();
  await server?.stop();
});

beforeEach(async () => {
  context = await browser.newContext();
  context.setDefaultTimeout(120_000);
  traffic = watchTraffic(context);
});

afterEach(() => context.close());

/** Registers as a person does: opens the link of the mail in the same browser, and presses the button there. */
async function register(wallet: WalletPage, username: string, words: string): Promise<void> {
  const email = `${username}@example.org`;
  await wallet.fill({ server: server.url, username, email, password, words });
  const registered = wallet.press("Register");
  const mailed = server.printed(new RegExp(`^Mail to ${email}: (\\S+)$`, "m"));
  const [, link] = await Promise.race([mailed, registered.then((said) => Promise.reject(new Error(said)))]);
  const page = await context.newPage();
  await page.goto(link as string);
  await page.getByRole("button", { name: "Activate" }).click();
  await page.getByText("Done.").waitFor();
  await page.close();
  expect(await registered).toBe("Registered.");
}

/** One phase after the other, each forwards only and to its end. */
function assertProgress(steps: readonly Step[], phases: readonly string[]): void {
  expect(steps.map(({ phase }) => phase).filter((phase, at, all) => phase !== all[at - 1])).toEqual(phases);
  for (const phase of phases) {
    const ofPhase = steps.filter((step) => step.phase === phase);
    const done = ofPhase.map((step) => step.done);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect(ofPhase.filter(({ done, total }) => done > total)).toEqual([]);
    expect(ofPhase.at(-1)?.done).toBe(ofPhase.at(-1)?.total);
  }
}

/** No complaint on the console, no secret where it does not belong, no request elsewhere, nothing left behind. */
async function assertDiscretion(words: string): Promise<void> {
  expect(traffic.complaints).toEqual([]);
  const origins = new Set(traffic.requests.map((request) => new URL(request.url()).origin));
  expect(origins).toEqual(new Set([new URL(app.url).origin, server.url]));
  const secrets = [words, hexOf(await mnemonicToSeed(words))];
  const toldPassword = new Set<string>();
  for (const request of traffic.requests) {
    const url = decodeURIComponent(request.url().replaceAll("+", " "));
    const open = [url, ...Object.values(request.headers())].join("\n");
    const body = request.postData() ?? "";
    for (const secret of secrets) expect((open + body).includes(secret)).toBe(false);
    expect(open.includes(password)).toBe(false);
    if (body.includes(password)) toldPassword.add(new URL(request.url()).pathname);
  }
  expect([["/v1/users"], ["/v1/users", "/v1/sessions"]]).toContainEqual([...toldPassword]);
  expect(await context.storageState()).toEqual({ cookies: [], origins: [] });
}

const isUnderWay = ({ done, total }: Step): boolean => done > 0 && done < total;

const bytesSentOf = (said: string): number => Number(/ (\d+) bytes sent\.$/.exec(said)?.[1]);

const nothing = { holds: "nothing", checksum: "" };

it("registers, backs 5 MB up, loses everything by a reload, and has it back from the words", async () => {
  const dump = await sampleDump();
  const { payload, checksum } = serializeDump(dump, { sections });
  expect(payload.length).toBeGreaterThan(5_000_000);
  const whole = { holds: "2 accounts, 1000 labels, 5000 transactions", checksum: hexOf(checksum) };
  const wallet = await WalletPage.open(context, app.url);
  expect(await wallet.holds()).toEqual(nothing);
  await wallet.press("Load a wallet");
  expect(await wallet.holds()).toEqual(whole);

  await register(wallet, "hodler21", hodlersWords);
  const stored = await wallet.press("Back up");
  expect(stored).toMatch(/^Stored as revision 1: /);
  expect(bytesSentOf(stored)).toBeGreaterThan(5_000_000);
  const upload = await wallet.steps();
  assertProgress(upload, ["upload"]);
  expect(upload.some(isUnderWay)).toBe(true);
  expect(await wallet.filled()).toBe(1);

  await wallet.page.reload();
  expect(await wallet.holds()).toEqual(nothing);
  await wallet.fill({ server: server.url, words: hodlersWords });
  expect(await wallet.press("Restore")).toBe("Restored revision 1 of hodler21.");
  const download = await wallet.steps();
  assertProgress(download, ["download", "open"]);
  expect(download.some(isUnderWay)).toBe(true);
  expect(await wallet.filled()).toBe(1);
  expect(await wallet.holds()).toEqual(whole);

  // The page has taken the dump over: it sends nothing again, and of a change only that.
  expect(await wallet.press("Back up")).toBe("Revision 1 holds all of it.");
  await wallet.press("Add a label");
  const updated = await wallet.press("Back up");
  expect(updated).toMatch(/^Stored as revision 2: /);
  expect(bytesSentOf(updated)).toBeLessThan(bytesSentOf(stored) / 50);

  // What the browser wrote, Node reads, whose hashes, cipher and DEFLATE are other code.
  const device = createClient({ url: server.url, sections });
  const seed = await mnemonicToSeed(hodlersWords);
  await device.signInWithSeed(seed);
  await using found = await device.openWallet(seed);
  const first = await found.restore({ revision: 1 });
  expect(hexOf(serializeDump(first.dump, { sections }).checksum)).toBe(whole.checksum);
  const latest = await found.restore();
  expect(latest.dump.labels).toHaveLength(1_001);
  expect(hexOf(serializeDump(latest.dump, { sections }).checksum)).toBe((await wallet.holds()).checksum);

  await assertDiscretion(hodlersWords);
  // Asked before the link was opened, and before the wallet was registered. Nothing else failed.
  const expected = ["403 /v1/sessions", `404 /v1/wallets/${found.id}`];
  expect(traffic.failures.filter((failure) => !expected.includes(failure))).toEqual([]);
});

it("goes on with an upload that a reload interrupted, and sends no chunk again that the server has", async () => {
  const wallet = await WalletPage.open(context, app.url);
  await wallet.press("Load a wallet");
  await register(wallet, "keeper33", keepersWords);
  const sent: Buffer[] = [];
  const second = Promise.withResolvers<void>();
  await context.route(/\/chunks$/, async (route) => {
    // The first batch arrives; the second is on its way when the page goes.
    if (sent.length > 0) return second.resolve();
    sent.push(route.request().postDataBuffer() as Buffer);
    await route.continue();
  });
  const interrupted = wallet.page.getByRole("button", { name: "Back up", exact: true }).click();
  await second.promise;
  await interrupted;
  await wallet.page.reload();
  await context.unroute(/\/chunks$/);

  await wallet.fill({ server: server.url, words: keepersWords });
  expect(await wallet.press("Restore")).toMatch(/^ERR_CB_NO_BACKUP: /);
  await wallet.press("Load a wallet");
  const commits: Buffer[] = [];
  const uploads: Buffer[] = [];
  await context.route(/\/(chunks|backups)$/, async (route) => {
    const isCommit = route.request().url().endsWith("/backups");
    (isCommit ? commits : uploads).push(route.request().postDataBuffer() as Buffer);
    await route.continue();
  });
  const stored = await wallet.press("Back up");
  expect(stored).toMatch(/^Stored as revision 1: /);
  const idsOf = (bodies: Buffer[]) =>
    bodies.flatMap((body) => decodeChunkItems(new Uint8Array(body)).map(({ id }) => hexOf(id)));
  const before = new Set(idsOf(sent));
  // What is left takes one request: it travels with the commit.
  expect(commits).toHaveLength(1);
  const { items } = decodeBundle(new Uint8Array(commits[0] as Buffer));
  const after = [...idsOf(uploads), ...items.map(({ id }) => hexOf(id))];
  expect(before.size).toBeGreaterThan(10);
  expect(after.length).toBeGreaterThan(0);
  expect(after.filter((id) => before.has(id))).toEqual([]);
  const { payload } = serializeDump(await sampleDump(), { sections });
  expect(bytesSentOf(stored)).toBeLessThan(payload.length / 2);

  await wallet.page.reload();
  await wallet.fill({ server: server.url, words: keepersWords });
  expect(await wallet.press("Restore")).toBe("Restored revision 1 of keeper33.");
  expect((await wallet.holds()).holds).toBe("2 accounts, 1000 labels, 5000 transactions");
});

it("brings an upload that a reload interrupted to its end with the bytes that were made then", async () => {
  const wallet = await WalletPage.open(context, `${app.url}?keep`);
  await wallet.press("Load a wallet");
  await register(wallet, "miser44", misersWords);
  const bodies: Buffer[] = [];
  const second = Promise.withResolvers<void>();
  await context.route(/\/chunks$/, async (route) => {
    bodies.push(route.request().postDataBuffer() as Buffer);
    // The first batch arrives; the second is on its way when the page goes.
    if (bodies.length > 1) return second.resolve();
    await route.continue();
  });
  await wallet.page.getByRole("button", { name: "Back up", exact: true }).click();
  await second.promise;
  await wallet.page.reload();
  await context.unroute(/\/chunks$/);

  const commits: Buffer[] = [];
  await context.route(/\/backups$/, async (route) => {
    if (route.request().method() === "POST") commits.push(route.request().postDataBuffer() as Buffer);
    await route.continue();
  });
  await wallet.fill({ server: server.url, words: misersWords });
  expect(await wallet.press("Restore")).toMatch(/^ERR_CB_NO_BACKUP: /);
  await wallet.press("Load a wallet");
  expect(await wallet.press("Back up")).toMatch(/^Stored as revision 1: /);
  // The commit carries what was on its way then: sealed anew, it would have other nonces.
  expect(commits).toHaveLength(1);
  const { items } = decodeBundle(new Uint8Array(commits[0] as Buffer));
  expect(items).toEqual(decodeChunkItems(new Uint8Array(bodies[1] as Buffer)));
  expect(items.length).toBeGreaterThan(10);

  await wallet.page.reload();
  await wallet.fill({ server: server.url, words: misersWords });
  expect(await wallet.press("Restore")).toBe("Restored revision 1 of miser44.");
  expect((await wallet.holds()).holds).toBe("2 accounts, 1000 labels, 5000 transactions");
  expect(await wallet.press("Back up")).toBe("Revision 1 holds all of it.");
});

it("says what is wrong with words, and with a user that the server does not take", async () => {
  const wallet = await WalletPage.open(context, app.url);
  await wallet.fill({ server: server.url, words: "zoo zoo zoo" });
  expect(await wallet.press("Restore")).toMatch(/^ERR_CB_INVALID_MNEMONIC: .* 12, 15, 18, 21 or 24 words/);
  await wallet.fill({ words: strangersWords.replace("wrong", "zoo") });
  expect(await wallet.press("Restore")).toMatch(/^ERR_CB_MNEMONIC_CHECKSUM: The checksum is wrong/);
  await wallet.fill({ words: strangersWords });
  expect(await wallet.press("Restore")).toMatch(/^ERR_CB_NO_WALLET: /);
  expect(await wallet.holds()).toEqual(nothing);

  await wallet.fill({ username: "stranger", email: "no address", password });
  expect(await wallet.press("Register")).toMatch(/^ERR_CB_REFUSED: /);

  await assertDiscretion(strangersWords);
  expect(traffic.failures).toEqual(["404 /v1/sessions/wallet", "422 /v1/users"]);
});

it("restores where the platform's answers have no streams", async () => {
  await context.addInitScript(() => {
    Object.defineProperty(Response.prototype, "body", { get: () => undefined });
  });
  const wallet = await WalletPage.open(context, app.url);
  await wallet.press("Load a wallet");
  const { checksum } = await wallet.holds();
  await register(wallet, "miner09", minersWords);
  expect(await wallet.press("Back up")).toMatch(/^Stored as revision 1: /);
  await wallet.page.reload();
  expect(await wallet.page.evaluate(() => new Response("").body)).toBeUndefined();
  await wallet.fill({ server: server.url, words: minersWords });
  expect(await wallet.press("Restore")).toBe("Restored revision 1 of miner09.");
  assertProgress(await wallet.steps(), ["download", "open"]);
  expect((await wallet.holds()).checksum).toBe(checksum);
  await assertDiscretion(minersWords);
});

it("needs nothing of Node, and is made for browsers", async () => {
  const wallet = await WalletPage.open(context, app.url);
  const found = await wallet.page.evaluate(() =>
    ["process", "Buffer", "require", "global"].filter((name) => name in globalThis),
  );
  expect(found).toEqual([]);
  const inputs = Object.keys(app.inputs);
  expect(inputs).toContain("packages/core/dist/primitives/portable.js");
  expect(inputs).toContain("packages/client/dist/fetch-platform.js");
  expect(inputs).not.toContain("packages/core/dist/primitives/native.js");
  expect(inputs).not.toContain("packages/client/dist/fetch-node.js");
  // esbuild fails for a module of Node that it must bundle; this is for one that was left out of the bundle.
  const left = Object.values(app.inputs).flatMap(({ imports }) => imports.filter(({ external }) => external));
  expect(left).toEqual([]);
});

it("keeps to a policy that allows no evaluation and no other server", async () => {
  const wallet = await WalletPage.open(context, app.url);
  const refused = await wallet.page.evaluate(
    () =>
      new Promise((resolve) => {
        // In a task of the page: what a debugger evaluates is not held to the policy.
        setTimeout(() => {
          try {
            resolve(new Function("return 'evaluated'")());
          } catch (error) {
            resolve((error as Error).name);
          }
        });
      }),
  );
  expect(refused).toBe("EvalError");
  await wallet.fill({ server: app.url, words: strangersWords });
  expect(await wallet.press("Restore")).toMatch(/^ERR_CB_UNREACHABLE: /);
  expect(traffic.complaints.join("\n")).toMatch(/connect-src/);
});
