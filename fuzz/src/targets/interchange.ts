import fc from "fast-check";
import { withChecksum } from "../../../packages/core/src/dump/descriptor-checksum.ts";
import type { Dump } from "../../../packages/core/src/dump/dump.ts";
import type { ImportOptions } from "../../../packages/core/src/interchange/accounts-builder.ts";
import { importCaravan } from "../../../packages/core/src/interchange/caravan.ts";
import { importColdcard } from "../../../packages/core/src/interchange/coldcard.ts";
import {
  expandDescriptor,
  formatDescriptor,
  parseDescriptor,
} from "../../../packages/core/src/interchange/descriptor.ts";
import { ImportError, NotExportableError } from "../../../packages/core/src/interchange/errors.ts";
import { exportDescriptors } from "../../../packages/core/src/interchange/export-descriptors.ts";
import { exportCaravan, exportColdcard } from "../../../packages/core/src/interchange/export-multisig.ts";
import { importDescriptors } from "../../../packages/core/src/interchange/import-descriptors.ts";
import { importWallet } from "../../../packages/core/src/interchange/import-wallet.ts";
import { InvalidLabelsError } from "../../../packages/core/src/interchange/labels-jsonl.ts";
import type { Imported } from "../../../packages/core/src/interchange/report.ts";
import { caravanWallets, coldcardWallets } from "../corpus.ts";
import { mutateBytes } from "../mutate-bytes.ts";
import { mutateJson } from "../mutate-json.ts";
import type { Source } from "../source.ts";
import { ACCEPTED, attempt, claim, claimEqual, defineTarget, type Target } from "../target.ts";
import { checkDump } from "./sections.ts";

const anyText = fc.string({ unit: "binary", maxLength: 60 });

const XPUB =
  "xpub6ERApfZwUNrhLCkDtcHTcxd75RbzS1ed54G1LkBUHQVHQKqhMkhgbmJbZRkrgZw4koxb5JaHWkY4ALHY2grBGRjaDMzQLcgJvLJuZZvRcEL";
const OTHER_XPUB =
  "xpub68NZiKmJWnxxS6aaHmn81bvJeTESw724CRDs6HbuccFQN9Ku14VQrADWgqbhhTHBaohPX4CjNLf9fq9MYo6oDaPPLPxSb7gwQN3ih19Zm4Y";
const PUBLIC_KEY = "0260b2003c386519fc9eadf2b5cf124dd8eea4c4e68d5e154050a9346ea98ce600";
const FINGERPRINT = Uint8Array.of(0xf5, 0x7e, 0xc6, 0x5d);

const descriptors: readonly string[] = [
  `wpkh([f57ec65d/84h/0h/0h]${XPUB}/<0;1>/*)`,
  `sh(wsh(sortedmulti(2,[f57ec65d/48h/0h/0h/1h]${XPUB}/<0;1>/*,[00000001/48h/0h/0h/1h]${OTHER_XPUB}/<0;1>/*)))`,
  `tr(${XPUB}/0/*,{pk(${OTHER_XPUB}/3h/4/*h),multi_a(1,${PUBLIC_KEY})})`,
  `wsh(and_v(v:pk(${XPUB}/<0;1;2>/5),older(144)))`,
  `combo(${PUBLIC_KEY})`,
  "addr(bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq)",
  "raw(deadbeef)#89f8spxm",
  "acme(1,{a,b},$x)",
];

/** Pieces that descriptors are made of, and that go wrong. */
const PIECES = [
  "(", ")", "{", "}", "[", "]", ",", "/", "*", "<0;1>", "<", ">", ";", "h", "'", "#", "/0/*", "/1/*", "2147483648", "sh(", "wsh(", "tr(",
  "multi(2,", "sortedmulti(1,", "musig(", XPUB, OTHER_XPUB, PUBLIC_KEY, "[f57ec65d/0h]", "\n", " ", "\u00dc",
]; // biome-ignore format: a list of values

const core = {
  wallet_name: "W",
  descriptors: descriptors.slice(0, 5).map((text, i) => ({
    desc: withChecksum(text),
    timestamp: 1_700_000_000 + i,
    active: true,
    internal: i === 1,
    range: [0, 999],
    next: i,
    next_index: i,
  })),
};

export const interchangeTargets: readonly Target[] = [
  defineTarget({
    name: "parseDescriptor",
    share: 15,
    open: () => ({
      make: (source) => (source.oneIn(30) ? source.draw(anyText) : descriptorFrom(source)),
      check: (text: string) => {
        const { outcome, value } = attempt(() => refusing(() => parseDescriptor(text)), [ImportError]);
        if (!value) return outcome;
        const written = formatDescriptor(value);
        claimEqual(parseDescriptor(written), value, "what was read is written, and reads as the same");
        const chains = expandDescriptor(value);
        claim(chains.length === value.paths, "a tuple stands for as many as it has");
        for (const chain of chains) claim(parseDescriptor(chain).paths === 1, "what it stands for has no tuple");
        return outcome;
      },
    }),
  }),
  importTarget("importCaravan", importCaravan, (source) => mutateJson(source, JSON.parse(source.pick(caravanWallets)))),
  importTarget("importColdcard", importColdcard, coldcardFrom),
  importTarget("importDescriptors", importDescriptors, descriptorsFrom),
  importTarget("importWallet", importWallet, (source) =>
    source.pick([
      () => mutateJson(source, JSON.parse(source.pick(caravanWallets))),
      () => coldcardFrom(source),
      () => descriptorsFrom(source),
    ])(),
  ),
];

function importTarget(
  name: string,
  read: (text: string, options: ImportOptions) => Imported,
  make: (source: Source) => Uint8Array | string,
): Target {
  return defineTarget({
    name,
    share: 4,
    open: () => ({
      make: (source) => ({
        text: source.oneIn(30) ? source.draw(anyText) : textOf(make(source)),
        options: source.pick<ImportOptions>([
          {},
          { fingerprint: FINGERPRINT },
          { fingerprint: FINGERPRINT, name: "A" },
        ]),
      }),
      check: ({ text, options }: { text: string; options: ImportOptions }) => {
        const { outcome, value } = attempt(
          () => refusing(() => read(text, options)),
          [ImportError, InvalidLabelsError],
        );
        if (value) checkImported(value);
        return outcome;
      },
    }),
  });
}

/** Lets refusals through, and holds them to showing nothing. */
function refusing<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof ImportError)
      claim(!showsKey(String(error)) && error.cause === undefined, "an error shows no key");
    throw error;
  }
}

function checkImported({ dump: part, report }: Imported): void {
  const dump: Dump = { accounts: [], pairings: [], ...part };
  checkDump(dump);
  claim(!report.some(({ where, why }) => showsKey(`${where} ${why}`)), "a report shows no key");
  const { text } = exportDescriptors(dump, { format: "core" });
  if (dump.accounts.length > 0)
    importDescriptors(text, dump.accounts[0]?.network === "mainnet" ? {} : { network: "regtest" });
  for (const { id } of dump.accounts) {
    for (const write of [exportCaravan, exportColdcard]) {
      const { outcome, value } = attempt(() => write(dump, id), [NotExportableError]);
      if (outcome === ACCEPTED && value)
        claim(importWallet(value.text).dump.accounts?.length === 1, "what was written is read");
    }
  }
}

/** Twenty characters of Base58 that begin as a key does. */
function showsKey(text: string): boolean {
  return /[a-zA-Z](pub|prv)[1-9A-HJ-NP-Za-km-z]{20}/.test(text);
}

function descriptorFrom(source: Source): string {
  let text = source.pick(descriptors);
  for (let rounds = source.below(3); rounds > 0; rounds--) {
    const at = source.below(text.length + 1);
    const removed = source.oneIn(2) ? 0 : 1 + source.below(6);
    text = text.slice(0, at) + (source.oneIn(3) ? "" : source.pick(PIECES)) + text.slice(at + removed);
  }
  if (source.oneIn(8))
    text = textOf(mutateBytes(source, new TextEncoder().encode(text), new TextEncoder().encode(text)));
  const [body = ""] = text.split("#");
  return source.oneIn(3) && /^[ -~]+$/.test(body) ? withChecksum(body) : text;
}

function descriptorsFrom(source: Source): Uint8Array | string {
  if (source.oneIn(3)) return mutateJson(source, core);
  return Array.from({ length: 1 + source.below(3) }, () => (source.oneIn(5) ? "# a" : descriptorFrom(source))).join(
    "\n",
  );
}

/** Lines that are swapped, doubled, left out, and changed. */
function coldcardFrom(source: Source): Uint8Array | string {
  const lines = source.pick(coldcardWallets).split("\n");
  const at = source.below(lines.length);
  const line = lines[at] as string;
  const kind = source.below(6);
  if (kind === 0) lines.splice(at, 1);
  if (kind === 1) lines.splice(source.below(lines.length), 0, line);
  if (kind === 2) lines[at] = lines[source.below(lines.length)] as string;
  if (kind === 3)
    lines[at] = textOf(mutateBytes(source, new TextEncoder().encode(`${line}x`), new TextEncoder().encode(line)));
  if (kind === 4)
    lines[at] = line.replace(/:.*/, `: ${source.pick(["1 of 1", "9 of 2", "p2wsh", "m/0", "m/x", XPUB, ""])}`);
  return lines.join(source.oneIn(4) ? "\r\n" : "\n");
}

function textOf(given: Uint8Array | string): string {
  return typeof given === "string" ? given : new TextDecoder().decode(given);
}
