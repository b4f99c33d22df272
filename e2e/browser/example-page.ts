import type { Page } from "playwright-core";
import type { ExampleProgram } from "./example.ts";

/** The example's page, as a person uses it. */
export class ExamplePage {
  readonly page: Page;
  readonly #program: ExampleProgram;

  constructor(page: Page, program: ExampleProgram) {
    this.page = page;
    this.#program = program;
  }

  async press(name: string | RegExp): Promise<void> {
    await this.page.getByRole("button", { name, exact: true }).click();
  }

  /** Makes a wallet, with its words confirmed. @returns the words */
  async makeWallet(onWords?: () => Promise<unknown>): Promise<string> {
    await this.press("Make a wallet");
    const words = await this.page.locator("ol.words li").allTextContents();
    await onWords?.();
    await this.press("I have written them down");
    for (const label of await this.page.getByText(/^Word \d+$/).all()) {
      const name = (await label.textContent()) ?? "";
      await this.page.getByLabel(name, { exact: true }).fill(words[Number(name.slice("Word ".length)) - 1] ?? "");
    }
    await this.press("Go on");
    return words.join(" ");
  }

  /** Chooses a file, as a person does who has a photo. */
  async choosePicture(name: string, picture: Uint8Array): Promise<void> {
    const file = { name, mimeType: "image/png", buffer: Buffer.from(picture) };
    await this.page.getByLabel("Or a picture of their QR code").setInputFiles(file);
  }

  /** Opens the link of the e-mail in another tab, as a person does. */
  async register(username: string): Promise<void> {
    const email = `${username}@example.org`;
    const user = this.page.locator("section", { hasText: "A new user" });
    await user.getByLabel("Username").fill(username);
    await user.getByLabel("E-mail").fill(email);
    await user.getByLabel("Password").fill("correct horse battery staple");
    await this.press("Register");
    const link = await this.#program.printed(new RegExp(`^Mail to ${email}: (\\S+)$`, "m"));
    const tab = await this.page.context().newPage();
    await tab.goto(link);
    await tab.getByRole("button", { name: "Activate" }).click();
    await tab.getByText("Done.").waitFor();
    await tab.close();
  }

  /** Waits until all is safe in that revision. */
  async safe(revision: number): Promise<void> {
    await this.page.locator(".status", { hasText: `(revision ${revision})` }).waitFor();
  }

  async addAccount(name: string): Promise<void> {
    await this.page
      .locator("section", { hasText: "Add an account" })
      .getByRole("textbox", { name: "Name", exact: true })
      .fill(name);
    await this.press("Add an account");
  }

  async label(ref: string, text: string): Promise<void> {
    await this.page.getByLabel("Address or transaction").fill(ref);
    await this.page.getByRole("textbox", { name: "Label", exact: true }).fill(text);
    await this.press("Label it");
  }

  entries(list: "accounts" | "labels" | "pairings"): Promise<string[]> {
    return this.page.locator(`#${list} li > strong`).allTextContents();
  }

  async enterWords(words: string): Promise<void> {
    await this.page.getByLabel("Its words").fill(words);
    await this.press("Open");
  }

  /** Elements that reach beyond the viewport, as their tags and classes. */
  beyondViewport(): Promise<string[]> {
    return this.page.evaluate(() => {
      const { clientWidth } = document.documentElement;
      const beyond = [...document.body.querySelectorAll("*")].filter((element) => {
        const { left, right, width } = element.getBoundingClientRect();
        return width > 0 && (left < -0.5 || right > clientWidth + 0.5);
      });
      return beyond.map((element) => `${element.tagName} ${element.className} ${element.textContent?.slice(0, 30)}`);
    });
  }
}
