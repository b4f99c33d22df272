import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { hexToBytes } from "../../packages/core/src/bytes.ts";
import { type FormatVectors, vectors as own } from "../../packages/core/test/vectors.ts";

/** Public vectors that are not part of the repository, where they are. */
const folder = process.env.CLOUDBACKUP_VECTORS;

/** What stands in the vectors of the format, in the repository and beside it. */
const vectors: readonly FormatVectors[] = [own, ...publicFile("format-1.json").map((text) => JSON.parse(text))];

const hexOfBundles = vectors.flatMap(({ cases, deep, refuse }) => [
  ...cases.flatMap(({ revisions }) => revisions.flatMap(({ upload, download }) => [upload, download])),
  ...deep.map(({ download }) => download),
  ...refuse.cases.map(({ bundle }) => bundle),
]);

/** Every bundle of the vectors, good ones and those that must be refused. */
export const bundles: readonly Uint8Array[] = [...new Set(hexOfBundles)].map(hexToBytes);

const namedBodies = vectors.flatMap(({ cases }) =>
  cases.flatMap(({ revisions }) =>
    revisions.flatMap(({ sections, changed }) => Object.entries({ ...sections, ...changed })),
  ),
);

/** Every section body, by the section's name. */
export const sectionBodies: readonly { name: string; body: Uint8Array }[] = [
  ...new Map(namedBodies.map(([name, hex]) => [`${name} ${hex}`, { name, body: hexToBytes(hex) }])).values(),
];

/** Wallets and what of theirs opens, the latest revision last. */
export const wallets: readonly { id: string; seed: Uint8Array; realm: Uint8Array; downloads: Uint8Array[] }[] = [
  ...own.cases.map(({ id, seed, realm, revisions }) => ({
    id,
    seed: hexToBytes(seed),
    realm: hexToBytes(realm),
    downloads: revisions.map(({ download }) => hexToBytes(download)),
  })),
  ...[own.refuse].map(({ seed, realm, cases }) => ({
    id: "refuse",
    seed: hexToBytes(seed),
    realm: hexToBytes(realm),
    downloads: cases.filter(({ error }) => error === null).map(({ bundle }) => hexToBytes(bundle)),
  })),
];

/** Bundles of the last of these wallets, nearly all of which it must refuse. */
export const refused: readonly Uint8Array[] = own.refuse.cases.map(({ bundle }) => hexToBytes(bundle));

type Bip39Row = [entropy: string, mnemonic: string, seed: string, xprv: string];
const bip39: readonly Bip39Row[] = publicFile("bip39/english.json").flatMap((text) => JSON.parse(text).english);

export const mnemonics: readonly string[] = [
  ...own.cases.map(({ mnemonic }) => mnemonic),
  ...bip39.map(([, mnemonic]) => mnemonic),
];

export const xprvs: readonly string[] = [
  // BIP-32, test vector 1: the root.
  "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi",
  ...bip39.map(([, , , xprv]) => xprv),
];

/** Shares of SLIP-39, by the set that they are given in: good ones and those that must be refused. */
export const shareSets: readonly string[][] = [
  [
    "shadow pistol academic always adequate wildlife fancy gross oasis cylinder mustang wrist rescue view short owner flip making coding armed",
    "shadow pistol academic acid actress prayer class unknown daughter sweater depict flip twice unkind craft early superior advocate guest smoking",
  ],
  ...publicFile("slip39/vectors.json").flatMap((text) =>
    (JSON.parse(text) as [string, string[]][]).map(([, set]) => set),
  ),
];

/** Label files, BIP-329. */
export const labelFiles: readonly string[] = [
  `\ufeff{"type":"tx","ref":"f91d","label":"Rent \\ud83d\\ude00","origin":"wpkh([d34db33f/84'/0'/0'])","fee":1.50}\r\n\r\n{"type":"output","ref":"f91d:1","spendable":"false","__proto__":{"a":[null,9007199254740993]}}\n`,
  ...["bip329/labelbase-test-vectors.jsonl", "bip329/test_vector.jsonl"].flatMap(publicFile),
];

const COSIGNERS = [
  "xpub6ERApfZwUNrhLCkDtcHTcxd75RbzS1ed54G1LkBUHQVHQKqhMkhgbmJbZRkrgZw4koxb5JaHWkY4ALHY2grBGRjaDMzQLcgJvLJuZZvRcEL",
  "xpub68NZiKmJWnxxS6aaHmn81bvJeTESw724CRDs6HbuccFQN9Ku14VQrADWgqbhhTHBaohPX4CjNLf9fq9MYo6oDaPPLPxSb7gwQN3ih19Zm4Y",
];

/** Multisig wallets as Caravan has them. */
export const caravanWallets: readonly string[] = [
  JSON.stringify({
    name: "Savings",
    addressType: "P2WSH",
    network: "mainnet",
    client: { type: "public" },
    quorum: { requiredSigners: 2, totalSigners: 2 },
    extendedPublicKeys: [
      { name: "a", bip32Path: "m/48'/0'/0'/2'", xpub: COSIGNERS[0], xfp: "f57ec65d", method: "ledger" },
      { name: "b", bip32Path: "m/48'/0'/0'/2'", xpub: COSIGNERS[1], xfp: "00000001" },
    ],
    startingAddressIndex: 0,
  }),
  ...[
    "wallets/caravan/json/bitcoin-2-of-2-P2SH_TESTNET.json",
    "wallets/caravan/json/bitcoin-2-of-2-P2SH-P2WSH_MAINNET.json",
    "wallets/sparrow/caravan-multisig-export-1.json",
  ].flatMap(publicFile),
];

/** Multisig wallets as Coldcard has them. */
export const coldcardWallets: readonly string[] = [
  `# a comment\nName: Savings\nPolicy: 2 of 2\nFormat: P2WSH\nDerivation: m/48'/0'/0'/2'\n\nF57EC65D: ${COSIGNERS[0]}\n00000001: ${COSIGNERS[1]}\n`,
  ...["wallets/caravan/coldcard/wc-p2sh-p2wsh_t.txt", "wallets/sparrow/cc-multisig-export-1.txt"].flatMap(publicFile),
];

/** Blocks of testnet with their filters, BIP-158: hash, block and filter in hex. */
export const blocks: readonly { hash: string; block: string; filter: string }[] = publicFile("spv/testnet-19.json")
  .flatMap((text) => JSON.parse(text).slice(1))
  .map(([, hash, block, , , filter]) => ({ hash, block, filter }));

/** How many inputs each kind has, for who wants to know what a run began with. */
export const corpusText = `${bundles.length} bundles, ${sectionBodies.length} section bodies, ${mnemonics.length} mnemonics, ${xprvs.length} extended keys, ${shareSets.flat().length} shares, ${labelFiles.length} label files, ${blocks.length} blocks, ${caravanWallets.length + coldcardWallets.length} wallets; ${folder ? `with those of ${folder}` : "CLOUDBACKUP_VECTORS is not set, the repository's own alone"}`;

/** One text, or none where the file is not there. */
function publicFile(path: string): string[] {
  const file = folder === undefined ? undefined : join(folder, path);
  return file !== undefined && existsSync(file) ? [readFileSync(file, "utf8")] : [];
}
