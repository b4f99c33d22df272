import type { BrowserContext, Page } from "playwright-core";

export interface Fields {
  server: string;
  username: string;
  email: string;
  password: string;
  words: string;
}

export interface Step {
  phase: string;
  done: number;
  total: number;
}

/** The wallet's page, as a person uses it. */
export class WalletPage {
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
  }

  static async open(context: BrowserContext, url: string): Promise<WalletPage> {
    const page = await context.newPage();
    await page.goto(url);
    return new WalletPage(page);
  }

  async fill(fields: Partial<Fields>): Promise<void> {
    for (const [name, value] of Object.entries(fields)) await this.page.locator(`[name=${name}]`).fill(value);
  }

  /** Presses a button, and waits for what it leads to. What the page says then. */
  async press(name: string): Promise<string> {
    await this.page.getByRole("button", { name, exact: true }).click();
    await this.page.locator("main[aria-busy=false]").waitFor();
    return this.#text("#status");
  }

  async holds(): Promise<{ holds: string; checksum: string }> {
    return { holds: await this.#text("#holds"), checksum: await this.#text("#checksum") };
  }

  /** What the progress bar was told since a button was pressed. */
  async steps(): Promise<Step[]> {
    const lines = await this.page.locator("#steps li").allTextContents();
    return lines.map((line) => {
      const [, phase, done, total] = /^(\w+) (\d+) of (\d+)$/.exec(line) ?? [];
      return { phase: phase as string, done: Number(done), total: Number(total) };
    });
  }

  /** How full the progress bar is, from 0 to 1. */
  async filled(): Promise<number> {
    return this.page.locator("progress").evaluate((bar) => (bar as HTMLProgressElement).position);
  }

  async #text(selector: string): Promise<string> {
    return (await this.page.locator(selector).textContent()) ?? "";
  }
}
