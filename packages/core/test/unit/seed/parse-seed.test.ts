import { HDKey } from "@scure/bip32";
import { describe, expect, it } from "vitest";
import { bytesToHex, hexToBytes } from "../../../src/bytes.ts";
import { createBase58check } from "../../../src/curves/base58check.ts";
import { deriveBackupKeys, type KeySource, NO_REALM } from "../../../src/keys/backup-keys.ts";
import { portablePrimitives } from "../../../src/primitives/portable.ts";
import { InvalidSeedError } from "../../../src/seed/invalid-seed-error.ts";
import { mnemonicToSeed } from "../../../src/seed/mnemonic.ts";
import { InvalidMnemonicError, MnemonicChecksumError } from "../../../src/seed/mnemonic-errors.ts";
import { parseSeed } from "../../../src/seed/parse-seed.ts";
import { wordlists } from "../../../src/seed/wordlists.ts";
import { publicText } from "../../public-files.ts";

const twelve = `${"abandon ".repeat(11)}about`;
const idOf = (source: KeySource) => deriveBackupKeys(source, NO_REALM).walletId;
const base58check = createBase58check(portablePrimitives.sha256);

/** BIP-32, test vectors 1 to 4: seeds, and their roots. */
const BIP32 = [
  {
    seed: "000102030405060708090a0b0c0d0e0f",
    xprv: "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi",
  },
  {
    seed: "fffcf9f6f3f0edeae7e4e1dedbd8d5d2cfccc9c6c3c0bdbab7b4b1aeaba8a5a29f9c999693908d8a8784817e7b7875726f6c696663605d5a5754514e4b484542",
    xprv: "xprv9s21ZrQH143K31xYSDQpPDxsXRTUcvj2iNHm5NUtrGiGG5e2DtALGdso3pGz6ssrdK4PFmM8NSpSBHNqPqm55Qn3LqFtT2emdEXVYsCzC2U",
  },
  {
    seed: "4b381541583be4423346c643850da4b320e46a87ae3d2a4e6da11eba819cd4acba45d239319ac14f863b8d5ab5a0d0c64d2e8a1e7d1457df2e5a3c51c73235be",
    xprv: "xprv9s21ZrQH143K25QhxbucbDDuQ4naNntJRi4KUfWT7xo4EKsHt2QJDu7KXp1A3u7Bi1j8ph3EGsZ9Xvz9dGuVrtHHs7pXeTzjuxBrCmmhgC6",
  },
  {
    seed: "3ddd5602285899a946114506157c7997e5444528f3003f6134712147db19b678",
    xprv: "xprv9s21ZrQH143K48vGoLGRPxgo2JNkJ3J3fqkirQC2zVdk5Dgd5w14S7fRDyHH4dWNHUgkvsvNDCkvAwcSHNAQwhwgNMgZhLtQC63zxwhQmRv",
  },
] as const;
const [root] = BIP32;

/** The same key with other version bytes. */
function withVersion(xprv: string, version: number): string {
  const bytes = base58check.decode(xprv);
  new DataView(bytes.buffer).setUint32(0, version);
  return base58check.encode(bytes);
}

describe("one wallet", () => {
  it.each(["", "TREZOR"])(
    "comes of a mnemonic, of its raw seed and of its root key: passphrase %j",
    async (passphrase) => {
      const seed = await mnemonicToSeed(twelve, { passphrase });
      const { privateExtendedKey: xprv } = HDKey.fromMasterSeed(seed);
      const ids = await Promise.all([
        parseSeed(twelve, { passphrase }).then(idOf),
        parseSeed(bytesToHex(seed)).then(idOf),
        parseSeed(xprv).then(idOf),
        parseSeed(withVersion(xprv, 0x04358394)).then(idOf),
        parseSeed(withVersion(xprv, 0x04b2430c)).then(idOf),
        idOf({ exported: deriveBackupKeys(seed, NO_REALM).export() }),
      ]);
      expect(new Set(ids)).toEqual(new Set([idOf(seed)]));
    },
  );

  it.each(BIP32)("comes of the root and of the seed of BIP-32's vector $seed", async ({ seed, xprv }) => {
    expect(await parseSeed(seed)).toEqual(hexToBytes(seed));
    expect(await parseSeed(xprv)).toEqual({ xprv });
    expect(idOf(await parseSeed(seed))).toBe(idOf(await parseSeed(xprv)));
  });

  it("comes of words of any language, where their lists are given", async () => {
    const typed = "的的的的的的的的的的的在";
    expect(await parseSeed(typed, { wordlists })).toEqual(await mnemonicToSeed(typed, { wordlists }));
    await expect(parseSeed(typed)).rejects.toThrow(InvalidMnemonicError);
  });
});

const file = publicText("bip32/bitcoinjs-fixtures.json");
const hasFile = file !== undefined;

it(
  hasFile
    ? "reads and refuses what bip32/bitcoinjs-fixtures.json has"
    : "CLOUDBACKUP_VECTORS has no bip32/bitcoinjs-fixtures.json: by hand alone",
  async () => {
    const { valid, invalid } = hasFile ? JSON.parse(file) : { valid: [], invalid: { fromBase58: [] } };
    for (const { master, network } of valid) {
      if (network !== undefined && !/^(bitcoin|testnet)$/.test(network)) continue;
      const byKey = await parseSeed(master.base58Priv);
      if (master.seed) expect(idOf(await parseSeed(master.seed))).toBe(idOf(byKey));
      await expect(parseSeed(master.base58)).rejects.toMatchObject({ reason: "public-key" });
      for (const child of master.children ?? []) {
        if (child.base58Priv) await expect(parseSeed(child.base58Priv)).rejects.toMatchObject({ reason: "not-root" });
      }
    }
    for (const { string } of invalid.fromBase58) await expect(parseSeed(string)).rejects.toThrow(InvalidSeedError);
    expect(valid.length + invalid.fromBase58.length).toBeGreaterThanOrEqual(hasFile ? 15 : 0);
  },
);

describe("a raw seed", () => {
  it.each([16, 17, 32, 63, 64])("may have %i bytes", async (length) => {
    const seed = Uint8Array.from({ length }, (_, i) => 255 - i);
    expect(await parseSeed(bytesToHex(seed))).toEqual(seed);
  });

  it("may be in capitals, wrapped, in groups, with 0x, in full width, with what nobody sees", async () => {
    const { seed } = BIP32[1];
    const expected = hexToBytes(seed);
    for (const typed of [
      seed.toUpperCase(),
      `0x${seed}`,
      ` ${seed.slice(0, 64)}\r\n${seed.slice(64)}\n`,
      seed.replace(/(.{4})/g, "$1 "),
      `\ufeff${seed.slice(0, 10)}\u200b${seed.slice(10)}`,
      seed.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
    ]) {
      expect(await parseSeed(typed)).toEqual(expected);
    }
  });

  it.each([
    ["15 bytes", "ab".repeat(15)],
    ["65 bytes", "ab".repeat(65)],
    ["an odd number of digits", "a".repeat(33)],
    ["one digit", "7"],
    ["a million digits", "a".repeat(1e6)],
  ])("of %s is refused", async (_, text) => {
    await expect(parseSeed(text)).rejects.toMatchObject({ code: "ERR_CB_INVALID_SEED", reason: "raw-seed-length" });
  });

  it("is not what a SeedQR says in digits", async () => {
    const digits = (text: string) => parseSeed(text);
    // SeedSigner's vector 4, and the same as 24 words.
    const twelveWords = "073318950739065415961602009907670428187212261116";
    await expect(digits(twelveWords)).rejects.toMatchObject({ reason: "seed-qr-digits" });
    await expect(digits(twelveWords + twelveWords)).rejects.toMatchObject({ reason: "seed-qr-digits" });
    // 2048 is no position in the list: these are bytes.
    expect(await digits(`2048${twelveWords.slice(4)}`)).toEqual(hexToBytes(`2048${twelveWords.slice(4)}`));
  });
});

describe("words", () => {
  it("that are made of the letters of hex are words all the same", async () => {
    const hexWords = wordlists.english.filter((word) => /^[a-f]+$/.test(word));
    expect(hexWords.length).toBeGreaterThanOrEqual(4);
    const mnemonics = hexWords.flatMap((first) => hexWords.map((last) => `${`${first} `.repeat(11)}${last}`));
    const outcomes = await Promise.all(
      mnemonics.map((mnemonic) =>
        parseSeed(mnemonic).then(
          (seed) => (seed as Uint8Array).length,
          (error) => error.code,
        ),
      ),
    );
    expect(new Set(outcomes)).toEqual(new Set([64, "ERR_CB_MNEMONIC_CHECKSUM"]));
  });

  it("are refused as words are", async () => {
    await expect(parseSeed("zoo zoo zoo")).rejects.toMatchObject({ problem: "word-count" });
    await expect(parseSeed(twelve.replace("about", "abuot"))).rejects.toMatchObject({ position: 12 });
    await expect(parseSeed("abandon ".repeat(12))).rejects.toThrow(MnemonicChecksumError);
  });

  it("may be held together by other things than white space", async () => {
    expect(await parseSeed(twelve.replaceAll(" ", ","))).toEqual(await mnemonicToSeed(twelve));
  });
});

describe("is refused, each with its reason", () => {
  const child = HDKey.fromExtendedKey(root.xprv).derive("m/84'/0'/0'");
  const changed = (change: (bytes: Uint8Array) => void) => {
    const bytes = base58check.decode(root.xprv);
    change(bytes);
    return base58check.encode(bytes);
  };
  it.each([
    ["the key of an account", child.privateExtendedKey, "not-root"],
    ["the same, as SLIP-132 writes it", withVersion(child.privateExtendedKey, 0x04b2430c), "not-root"],
    ["an account's public key", child.publicExtendedKey, "public-key"],
    ["the root's public key", HDKey.fromExtendedKey(root.xprv).publicExtendedKey, "public-key"],
    ["a public key as SLIP-132 writes it", withVersion(child.publicExtendedKey, 0x04b24746), "public-key"],
    ["a public key that is cut off", child.publicExtendedKey.slice(0, 50), "public-key"],
    ["a mistyped key", root.xprv.replace("QTDL", "QTDM"), "base58-checksum"],
    ["a key that is cut off", root.xprv.slice(0, -1), "base58-checksum"],
    ["a key in capitals", `xprv${root.xprv.slice(4).toUpperCase()}`, "base58-checksum"],
    ["a letter that Base58 has not", root.xprv.replace("H", "0"), "base58-checksum"],
    ["xprv alone", "xprv", "base58-checksum"],
    ["a public version and a private key", withVersion(root.xprv, 0x0488b21e), "public-key"],
    [
      "a private version and a public key",
      withVersion(HDKey.fromExtendedKey(root.xprv).publicExtendedKey, 0x0488ade4),
      "malformed-key",
    ],
    ["a key of nought", changed((bytes) => bytes.fill(0, 46)), "malformed-key"],
    [
      "a key as large as the order of the curve",
      changed((bytes) => bytes.set(hexToBytes("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"), 46)),
      "malformed-key",
    ],
    ["a prefix of 4 before the key", changed((bytes) => bytes.fill(4, 45, 46)), "malformed-key"],
    ["a root with a parent", changed((bytes) => bytes.fill(1, 5, 9)), "malformed-key"],
    ["a root with an index", changed((bytes) => bytes.fill(1, 9, 13)), "malformed-key"],
    ["a private key, as it once was", "5HpHagT65TZzG1PH3CSu63k8DbpvD8s5ip4nEB3kEsreAnchuDf", "private-key"],
    ["a private key", "KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWn", "private-key"],
    [
      "a private key of a test network, as it once was",
      "91avARGdfge8E4tZfYLoxeJ5sGBdNJQH4kvjJoQFacbgwmaKkrx",
      "private-key",
    ],
    ["a private key of a test network", "cMahea7zqjxrtgAbB7LSGbcQUr1uX1ojuat9jZodMN87JcbXMTcA", "private-key"],
    [
      "an encrypted private key, of BIP-38",
      "6PRVWUbkzzsbcVac2qwfssoUJAN1Xhrg6bNk8J7Nzm5H7kxEbn2Nh2ZoGg",
      "private-key",
    ],
    ["an address", "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", "unknown-form"],
    ["a descriptor", `wpkh([73c5da0a/84'/0'/0']${child.publicExtendedKey}/0/*)`, "unknown-form"],
    ["one word", "abandon", "unknown-form"],
    ["nothing", "", "unknown-form"],
    ["more hex than anybody types", "0711".repeat(2_500_000), "unknown-form"],
    ["white space", " \n\u3000", "unknown-form"],
  ])("%s", async (_, text, reason) => {
    const error = await parseSeed(text).then(
      () => undefined,
      (failure) => failure,
    );
    expect(error).toBeInstanceOf(InvalidSeedError);
    expect(error).toMatchObject({ code: "ERR_CB_INVALID_SEED", reason, retryable: false });
    expect(error.cause).toBeUndefined();
    expect(Object.keys(error).sort()).toEqual(["code", "name", "reason", "retryable"]);
    if (text.trim().length > 4) expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain(text);
  });

  it("BIP-32's own invalid keys, test vector 5", async () => {
    for (const key of [
      "xprv9s21ZrQH143K24Mfq5zL5MhWK9hUhhGbd45hLXo2Pq2oqzMMo63oStZzFAzHGBP2UuGCqWLTAPLcMtD9y5gkZ6Eq3Rjuahrv17fEQ3Qen6J",
      "xprv9s2SPatNQ9Vc6GTbVMFPFo7jsaZySyzk7L8n2uqKXJen3KUmvQNTuLh3fhZMBoG3G4ZW1N2kZuHEPY53qmbZzCHshoQnNf4GvELZfqTUrcv",
      "xprv9s21ZrQH4r4TsiLvyLXqM9P7k1K3EYhA1kkD6xuquB5i39AU8KF42acDyL3qsDbU9NmZn6MsGSUYZEsuoePmjzsB3eFKSUEh3Gu1N3cqVUN",
      "DMwo58pR1QLEFihHiXPVykYB6fJmsTeHvyTp7hRThAtCX8CvYzgPcn8XnmdfHGMQzT7ayAmfo4z3gY5KfbrZWZ6St24UVf2Qgo6oujFktLHdHY4",
      "xprv9s21ZrQH143K24Mfq5zL5MhWK9hUhhGbd45hLXo2Pq2oqzMMo63oStZzF93Y5wvzdUayhgkkFoicQZcP3y52uPPxFnfoLZB21Teqt1VvEHx",
      "xprv9s21ZrQH143K24Mfq5zL5MhWK9hUhhGbd45hLXo2Pq2oqzMMo63oStZzFAzHGBP2UuGCqWLTAPLcMtD5SDKr24z3aiUvKr9bJpdrcLg1y3G",
      "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHL",
    ]) {
      await expect(parseSeed(key)).rejects.toThrow(InvalidSeedError);
    }
  });

  it("a passphrase with what has none", async () => {
    for (const text of [root.seed, root.xprv]) {
      await expect(parseSeed(text, { passphrase: "TREZOR" })).rejects.toMatchObject({ reason: "passphrase" });
      expect(await parseSeed(text, { passphrase: "" })).toBeDefined();
    }
  });

  it.each([
    ["bytes", [new Uint8Array(64)]],
    ["an unknown option", [twelve, { wordlist: wordlists.english }]],
    ["a passphrase that is no text", [root.seed, { passphrase: null }]],
    ["no lists", [root.seed, { wordlists: {} }]],
  ])("%s, as a programmer's mistake", async (_, given) => {
    await expect(parseSeed(...(given as Parameters<typeof parseSeed>))).rejects.toThrow(TypeError);
  });
});
