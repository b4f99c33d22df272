import { createServer } from "@cloudbackup/server";
import { beforeAll, describe, expect, it } from "vitest";
import { createTestServer } from "../../src/testing.ts";
import { Conversation, type Heard, tellStory } from "./conversation.ts";
import { until } from "./fake-clock.ts";

/** Whom a row speaks to. */
export interface Party extends Conversation {
  advance(ms: number): void;
  /** In the n-th e-mail, which is to this user. */
  activationToken(username: string, mail: number): Promise<string>;
}

/** What is said, what the answer is, and how it is said. */
export type Row = readonly [name: string, outcome: string, say: (to: Party) => Promise<Heard>];

/**
 * Says every row to the real server and to the one in memory, whose answers must be the same.
 *
 * @param name begins the sentence that each row's name ends
 * @param rows one conversation: later rows stand on what earlier ones did
 * @param before what comes before the first row
 */
export function answersAlike(
  name: string,
  rows: readonly Row[],
  { activation = "none", before }: { activation?: "mail" | "none"; before?: (to: Party) => Promise<void> } = {},
): void {
  describe(name, () => {
    let heard: { real: Heard[]; double: Heard[] };
    beforeAll(async () => {
      heard = await tellBoth(activation, async (to) => {
        await before?.(to);
        const answers: Heard[] = [];
        for (const [, , say] of rows) answers.push(await say(to));
        return answers;
      });
    });

    it.each(rows.map(([row, outcome], i) => [row, outcome, i] as const))("%s: %s", (_row, outcome, i) => {
      expect(heard.real[i]?.outcome).toBe(outcome);
      expect(heard.double[i]).toEqual(heard.real[i]);
    });
  });
}

async function tellBoth(
  activation: "mail" | "none",
  talk: (to: Party) => Promise<Heard[]>,
): Promise<{ real: Heard[]; double: Heard[] }> {
  let shift = 0;
  const links: string[] = [];
  const app = await createServer({
    dataDir: "unused",
    database: ":memory:",
    activation,
    logLevel: "silent",
    clock: () => Date.now() + shift,
    mail: { deliver: ({ link }) => void links.push(link) },
  });
  try {
    const url = await app.listen({ port: 0, host: "127.0.0.1" });
    const { realm } = await (await fetch(`${url}/v1/server`)).json();
    // Of one realm and one address, so that the same requests are right at both.
    const memory = createTestServer({ url, realm, activation });
    const story = tellStory(url, realm);
    const real = Object.assign(new Conversation(story, fetch as never), {
      advance: (ms: number) => {
        shift += ms;
      },
      activationToken: async (_username: string, mail: number) => {
        await until(() => links.length === mail);
        return links[mail - 1]?.split("#token=").at(-1) ?? "";
      },
    });
    const double = Object.assign(new Conversation(story, memory.fetch), {
      advance: memory.advance,
      activationToken: async (username: string) => memory.activationToken(username) ?? "",
    });
    return { real: await talk(real), double: await talk(double) };
  } finally {
    await app.close();
  }
}
