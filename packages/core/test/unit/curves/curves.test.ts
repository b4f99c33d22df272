import { createECDH, createPublicKey, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ed25519, HDKey } from "#curves";
import { bytesToHex, concatBytes, hexToBytes } from "../../../src/bytes.ts";
import { ed25519 as full } from "../../../src/curves/full.ts";
import { ed25519 as small } from "../../../src/curves/small.ts";
import { BACKUP_KEY_PATH, IDENTITY_KEY_PATH } from "../../../src/keys/derivation-path.ts";
import { noise, SEED } from "../../fixtures.ts";
import { publicText } from "../../public-files.ts";

it("runs on the curves that the project is for", ({ task }) => {
  const isSmall = task.file.projectName === "core, portable";
  expect(ed25519).toBe(isSmall ? small : full);
  // The smaller secp256k1 only derives.
  const sign = () => HDKey.fromMasterSeed(SEED).sign(noise(32));
  if (isSmall) expect(sign).toThrow(TypeError);
  else expect(sign()).toHaveLength(64);
});

describe.each([
  { name: "full", curve: full, other: small },
  { name: "small", curve: small, other: full },
])("Ed25519, $name", ({ curve, other }) => {
  it.each([
    {
      id: "TEST 1",
      secret: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
      message: "",
      signature:
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    },
    {
      id: "TEST 2",
      secret: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
      publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
      message: "72",
      signature:
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    },
    {
      id: "TEST 3",
      secret: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
      publicKey: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
      message: "af82",
      signature:
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    },
  ])("signs as RFC 8032 §7.1 $id", ({ secret, publicKey, message, signature }) => {
    expect(bytesToHex(curve.getPublicKey(hexToBytes(secret)))).toBe(publicKey);
    expect(bytesToHex(curve.sign(hexToBytes(message), hexToBytes(secret)))).toBe(signature);
  });

  it("gives what the other one gives, and what the server's check takes", () => {
    for (let i = 0; i < 50; i++) {
      const [secret, message] = [noise(32, i), noise(i, i)];
      const [publicKey, signature] = [curve.getPublicKey(secret), curve.sign(message, secret)];
      expect(publicKey).toEqual(other.getPublicKey(secret));
      expect(signature).toEqual(other.sign(message, secret));
      const x = Buffer.from(publicKey).toString("base64url");
      const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
      expect(verify(null, message, key, signature)).toBe(true);
    }
  });

  it("takes Buffers, and changes nothing", () => {
    const [secret, message] = [Buffer.from(noise(32, 1)), Buffer.from(noise(100, 2))];
    expect(curve.sign(message, secret)).toEqual(curve.sign(noise(100, 2), noise(32, 1)));
    expect([new Uint8Array(secret), new Uint8Array(message)]).toEqual([noise(32, 1), noise(100, 2)]);
  });

  it("takes no key of another length", () => {
    for (const length of [0, 31, 33, 64]) {
      expect(() => curve.getPublicKey(noise(length))).toThrow();
      expect(() => curve.sign(noise(3), noise(length))).toThrow();
    }
  });
});

interface Node {
  path: string;
  xprv: string;
  xpub: string;
}

/** BIP-32, "Test vectors": the first, whole. */
const byHand: { seed: string; nodes: Node[] }[] = [
  {
    seed: "000102030405060708090a0b0c0d0e0f",
    nodes: [
      {
        path: "m",
        xpub: "xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8",
        xprv: "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi",
      },
      {
        path: "m/0'",
        xpub: "xpub68Gmy5EdvgibQVfPdqkBBCHxA5htiqg55crXYuXoQRKfDBFA1WEjWgP6LHhwBZeNK1VTsfTFUHCdrfp1bgwQ9xv5ski8PX9rL2dZXvgGDnw",
        xprv: "xprv9uHRZZhk6KAJC1avXpDAp4MDc3sQKNxDiPvvkX8Br5ngLNv1TxvUxt4cV1rGL5hj6KCesnDYUhd7oWgT11eZG7XnxHrnYeSvkzY7d2bhkJ7",
      },
      {
        path: "m/0'/1",
        xpub: "xpub6ASuArnXKPbfEwhqN6e3mwBcDTgzisQN1wXN9BJcM47sSikHjJf3UFHKkNAWbWMiGj7Wf5uMash7SyYq527Hqck2AxYysAA7xmALppuCkwQ",
        xprv: "xprv9wTYmMFdV23N2TdNG573QoEsfRrWKQgWeibmLntzniatZvR9BmLnvSxqu53Kw1UmYPxLgboyZQaXwTCg8MSY3H2EU4pWcQDnRnrVA1xe8fs",
      },
    ],
  },
];
const file = publicText("bip32/bitcoinjs-fixtures.json");
const hasFile = file !== undefined;

function rowsOf(file: string): typeof byHand {
  interface Fixture {
    network: string;
    master: { seed?: string; base58: string; base58Priv: string };
    children: { path: string; base58: string; base58Priv: string }[];
  }
  const { valid }: { valid: Fixture[] } = JSON.parse(file);
  return valid.flatMap(({ network, master, children }) => {
    if (network !== "bitcoin" || !master.seed) return [];
    const nodes = [{ path: "m", ...master }, ...children.filter(({ path }) => path.startsWith("m/"))];
    return [
      {
        seed: master.seed,
        nodes: nodes.map(({ path, base58, base58Priv }) => ({ path, xpub: base58, xprv: base58Priv })),
      },
    ];
  });
}

describe("BIP-32", () => {
  const derives = ({ seed, nodes }: (typeof byHand)[number]) => {
    const root = HDKey.fromMasterSeed(hexToBytes(seed));
    for (const { path, xprv, xpub } of nodes) {
      const node = root.derive(path);
      expect(node.privateExtendedKey).toBe(xprv);
      expect(node.publicExtendedKey).toBe(xpub);
      expect(HDKey.fromExtendedKey(xprv).publicExtendedKey).toBe(xpub);
      expect(HDKey.fromExtendedKey(xpub).publicExtendedKey).toBe(xpub);
    }
    return nodes.length;
  };

  it("derives test vector 1 of the BIP", () => {
    for (const vector of byHand) derives(vector);
  });

  it(
    hasFile
      ? "derives every node of bip32/bitcoinjs-fixtures.json"
      : "derives test vector 1 alone: CLOUDBACKUP_VECTORS has no bip32/bitcoinjs-fixtures.json",
    () => {
      const count = (hasFile ? rowsOf(file) : byHand).reduce((total, vector) => total + derives(vector), 0);
      expect(count).toBeGreaterThanOrEqual(hasFile ? 14 : 3);
    },
  );

  it("has the public keys that the platform's curve has, on the paths of the format", () => {
    for (let i = 0; i < 20; i++) {
      const root = HDKey.fromMasterSeed(noise(64, i));
      for (const path of [BACKUP_KEY_PATH, IDENTITY_KEY_PATH]) {
        const { privateKey, publicKey } = root.derive(path);
        const platform = createECDH("secp256k1");
        platform.setPrivateKey(privateKey as Uint8Array);
        expect(bytesToHex(publicKey as Uint8Array)).toBe(platform.getPublicKey("hex", "compressed"));
      }
    }
  });

  it("derives the same children of an xpub as of its xprv", () => {
    for (let i = 0; i < 10; i++) {
      const account = HDKey.fromMasterSeed(noise(32, i)).derive("m/44'/0'/0'");
      const watcher = HDKey.fromExtendedKey(account.publicExtendedKey);
      expect(watcher.derive("m/0/7").publicExtendedKey).toBe(account.derive("m/0/7").publicExtendedKey);
      expect(() => watcher.derive("m/0'")).toThrow();
    }
  });

  const ORDER = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

  it.each([
    { id: "zero", key: "00".repeat(32) },
    { id: "the order of the curve", key: ORDER },
    { id: "beyond the order", key: "ff".repeat(32) },
  ])("takes no private key that is $id", ({ key }) => {
    expect(() => new HDKey({ privateKey: hexToBytes(key), chainCode: noise(32) })).toThrow();
  });

  it("takes no public key that is no point", () => {
    for (const [head, x] of [
      [2, new Uint8Array(32)],
      [4, noise(32)],
      [2, new Uint8Array(32).fill(255)],
    ] as const) {
      expect(() => new HDKey({ publicKey: concatBytes(Uint8Array.of(head), x), chainCode: noise(32) })).toThrow();
    }
  });

  it("goes on with the next index where a child's key is none", () => {
    const parent = HDKey.fromMasterSeed(SEED);
    // The seam of the library for what nobody has found a seed for: I_L is the order of the curve.
    const derive = (index: number, I: Uint8Array) =>
      (parent as unknown as { _deriveChild(index: number, I: Uint8Array): HDKey })._deriveChild(index, I);
    const unusable = concatBytes(hexToBytes(ORDER), noise(32));
    expect(derive(5, unusable).privateExtendedKey).toBe(parent.deriveChild(6).privateExtendedKey);
  });
});
