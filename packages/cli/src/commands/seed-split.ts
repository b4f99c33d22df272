import { mnemonicToEntropy, type ShareGroup, splitSecret } from "@cloudbackup/core/seed";
import type { Command } from "commander";
import type { Context } from "../context.ts";
import { UsageError } from "../errors.ts";
import { writeWhole } from "../files.ts";
import { languagesOf } from "../languages.ts";
import { readMnemonic, type SeedOptions, withSeedOptions } from "../read-seed.ts";
import { assertSavable } from "../save.ts";
import { columns, writeDown } from "../write-down.ts";
import { command, type Run } from "./command.ts";

const MOST = 16;
const TERMINAL = "Run this where there is a terminal.";

/** How the shares are laid out. */
interface Layout {
  groups: ShareGroup[];
  groupThreshold: number;
}

/** A share, and what stands on its sheet beside the words. */
interface Sheet {
  title: string;
  words: string[];
}

type Options = SeedOptions & { groups?: string; sharesPassphrase?: true; out?: string; force?: true };

export function seedSplit(run: Run): Command {
  const split = withSeedOptions(
    command("split <layout...>", {
      summary: "splits words into SLIP-39 shares",
      more:
        "A layout says how many shares there are, and how many of them give the words back: 3of5. Several are groups, of which --groups says how many are needed. " +
        "Each share is shown alone until it is written down. It is the entropy of the words that is split: `cloudbackup restore --shares` and " +
        "`cloudbackup seed combine` give the wallet and the words back. A hardware wallet that reads shares of a seed would open another, empty wallet.",
      examples: [
        "cloudbackup seed split 3of5",
        "cloudbackup seed split 1of1 2of3 3of5 --groups 2",
        "cloudbackup seed split 2of3 --shares-passphrase",
        "cloudbackup seed split 2of3 --out shares.txt",
      ],
    }),
    { withPassphrase: false },
  )
    .option("--groups <count>", "how many groups must be complete, where there are several")
    .option("--shares-passphrase", "asks for a passphrase, without which the shares give another, empty wallet")
    .option("--out <file>", "writes them to a new file instead; it holds the whole seed")
    .option("--force", "replaces that file");
  run(split, async (context, options: Options, ...args) => {
    const layout = parseLayout(args.flat(), options.groups);
    const force = options.force === true;
    await assertSavable(options);
    const { mnemonic, languages } = await readMnemonic(context, options);
    const passphrase = options.sharesPassphrase ? await askNewPassphrase(context) : "";
    const secret = mnemonicToEntropy(mnemonic, languagesOf(languages[0]));
    const shares = await splitSecret({ secret, ...layout, passphrase, random: context.io.random });
    secret.fill(0);
    await giveOut(context, layout, shares, languages[0] as string, options.out, force);
  });
  return split;
}

async function giveOut(
  context: Context,
  layout: Layout,
  shares: readonly string[][],
  language: string,
  out: string | undefined,
  force: boolean,
): Promise<void> {
  const { io, output } = context;
  const sheets = sheetsOf(layout, shares);
  if (out !== undefined) {
    const text = sheets.map(({ title, words }) => `${[title, "", ...columns(words)].join("\n")}\n`).join("\n");
    await writeWhole(out, text, { force, signal: io.stop });
    output.result({ file: out, shares: sheets.length }, [
      `${sheets.length} shares are in ${out}. It holds the whole seed.`,
    ]);
  } else if (output.isJson) {
    output.result({ ...layout, language, shares }, []);
  } else {
    for (const { title, words } of sheets) {
      const heading = `${title}\nWrite these ${words.length} words down, in this order, on a sheet of their own.`;
      await writeDown(context, {
        heading,
        words,
        otherwise: "Ctrl-C ends this: then split again, and use none of these shares.",
      });
    }
    output.note(`${sheets.length} shares, and nothing else keeps them. Try them: cloudbackup seed combine`);
  }
  if (language !== "english") {
    output.note(`Note on each sheet that the words are ${language}: combine them with --language ${language}.`);
  }
}

function sheetsOf({ groups, groupThreshold }: Layout, shares: readonly string[][]): Sheet[] {
  return shares.flatMap((members, i) => {
    const { threshold = 0, count = 0 } = groups[i] ?? {};
    const ofGroup = groups.length > 1 ? ` of group ${i + 1}` : "";
    const needed = `${threshold} of ${count} are needed${ofGroup}`;
    const all = groups.length > 1 ? `, and ${groupThreshold} of ${groups.length} groups` : "";
    return members.map((share, member) => ({
      title: `Share ${member + 1}${ofGroup}: ${needed}${all}`,
      words: share.split(" "),
    }));
  });
}

/** `3of5`, several for groups. @throws UsageError */
function parseLayout(texts: readonly string[], needed: string | undefined): Layout {
  const groups = texts.map((text) => {
    const [, threshold = 0, count = 0] = (/^(\d{1,2})of(\d{1,2})$/i.exec(text) ?? []).map(Number);
    if (threshold < 1 || count < threshold || count > MOST) {
      throw new UsageError(`A layout is as 3of5: how many shares are needed, of how many, ${MOST} at most`);
    }
    if (threshold === 1 && count > 1) {
      throw new UsageError("With 1 of several, each share would be the whole: make copies of a 1of1 instead");
    }
    return { threshold, count };
  });
  if (groups.length > MOST) throw new UsageError(`There are ${MOST} groups at most`);
  if (groups.length > 1 && needed === undefined) throw new UsageError("--groups must say how many groups are needed");
  const groupThreshold = needed === undefined ? 1 : /^\d{1,2}$/.test(needed) ? Number(needed) : 0;
  if (groupThreshold < 1 || groupThreshold > groups.length) {
    throw new UsageError(`--groups needs a number from 1 to that of the groups, ${groups.length}`);
  }
  return { groups, groupThreshold };
}

async function askNewPassphrase({ prompter }: Context): Promise<string> {
  const passphrase = await prompter.askSecret({
    message: "Passphrase of the shares:",
    instead: TERMINAL,
    validate: (typed) =>
      /^[ -~]+$/.test(typed)
        ? undefined
        : "Letters without accents, digits, punctuation and spaces alone: SLIP-39 knows no others.",
  });
  await prompter.askSecret({
    message: "Once more:",
    instead: TERMINAL,
    validate: (typed) => (typed === passphrase ? undefined : "That is another one. Ctrl-C ends this."),
  });
  return passphrase;
}
