import { createHash, createHmac, hkdfSync, pbkdf2Sync } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { bytesToHex, concatBytes, hexToBytes } from "../../../src/bytes.ts";
import { nativePrimitives, nativeSeedPrimitives } from "../../../src/primitives/native.ts";
import { portablePrimitives, portableSeedPrimitives } from "../../../src/primitives/portable.ts";
import { noise } from "../../fixtures.ts";

const [key, data, info] = [noise(32, 1), noise(1_000, 2), noise(20, 3)];

const implementations = [
  { name: "portable", primitives: portablePrimitives, other: nativePrimitives },
  { name: "native", primitives: nativePrimitives, other: portablePrimitives },
];

describe.each(implementations)("$name primitives", ({ primitives, other }) => {
  const { sha256, hmacSha256, hkdfSha256, sealXChaCha20Poly1305, openXChaCha20Poly1305, deflateRaw, inflateRaw } =
    primitives;
  it("hashes as the platform does", () => {
    expect(bytesToHex(sha256(data))).toBe(createHash("sha256").update(data).digest("hex"));
    expect(bytesToHex(hmacSha256(key, data))).toBe(createHmac("sha256", key).update(data).digest("hex"));
    expect(hkdfSha256(key, data, info, 77)).toEqual(new Uint8Array(hkdfSync("sha256", key, data, info, 77)));
  });

  it("hash what comes piece by piece, and go on after a digest", () => {
    const hash = primitives.createSha256();
    expect(hash.digest()).toEqual(sha256(new Uint8Array()));
    let length = 0;
    for (const step of [0, 1, 63, 64, 65, 700]) {
      hash.update(data.subarray(length, length + step));
      length += step;
      expect(hash.digest()).toEqual(sha256(data.subarray(0, length)));
      expect(hash.digest()).toEqual(sha256(data.subarray(0, length)));
    }
  });

  it("seals as draft-irtf-cfrg-xchacha-03 §A.3.1 does", () => {
    const plaintext = new TextEncoder().encode(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
    );
    const vector = {
      key: Uint8Array.from({ length: 32 }, (_, i) => 0x80 + i),
      nonce: Uint8Array.from({ length: 24 }, (_, i) => 0x40 + i),
      aad: hexToBytes("50515253c0c1c2c3c4c5c6c7"),
    };
    const box = sealXChaCha20Poly1305(vector.key, vector.nonce, vector.aad, plaintext);
    expect(bytesToHex(box.subarray(0, 16))).toBe("bd6d179d3e83d43b9576579493c0e939");
    expect(bytesToHex(box.subarray(-16))).toBe("c0875924c1c7987947deafd8780acf49");
    expect(openXChaCha20Poly1305(vector.key, vector.nonce, vector.aad, box)).toEqual(plaintext);
  });

  it("seals into the array that it is given", () => {
    const nonce = noise(24, 4);
    for (const length of [0, 1, 1_000]) {
      const plaintext = noise(length, 5);
      const around = new Uint8Array(32 + length + 16 + 1);
      const box = sealXChaCha20Poly1305(key, nonce, info, plaintext, around.subarray(32, -1));
      expect(box).toEqual(sealXChaCha20Poly1305(key, nonce, info, plaintext));
      expect(box.buffer).toBe(around.buffer);
      expect(around).toEqual(concatBytes(new Uint8Array(32), box, new Uint8Array(1)));
      // In place.
      const room = concatBytes(plaintext, new Uint8Array(16));
      expect(sealXChaCha20Poly1305(key, nonce, info, room.subarray(0, length), room)).toEqual(box);
      expect(room).toEqual(box);
    }
  });

  it("opens nothing that was sealed otherwise", () => {
    const nonce = noise(24, 4);
    const box = sealXChaCha20Poly1305(key, nonce, info, data);
    expect(openXChaCha20Poly1305(noise(32, 9), nonce, info, box)).toBeNull();
    expect(openXChaCha20Poly1305(key, noise(24, 9), info, box)).toBeNull();
    expect(openXChaCha20Poly1305(key, nonce, data, box)).toBeNull();
    expect(openXChaCha20Poly1305(key, nonce, info, box.subarray(1))).toBeNull();
    expect(openXChaCha20Poly1305(key, nonce, info, new Uint8Array(3))).toBeNull();
  });

  describe("raw DEFLATE", () => {
    const inputs = [0, 1, 100, 5_000, 70_000].flatMap((length) => [noise(length), new Uint8Array(length).fill(65)]);

    it("is read by the platform, and reads the platform's", () => {
      for (const input of inputs) {
        expect(new Uint8Array(inflateRawSync(deflateRaw(input)))).toEqual(input);
        for (const level of [0, 1, 9]) {
          expect(inflateRaw(new Uint8Array(deflateRawSync(input, { level })), input.length)).toEqual(input);
        }
      }
    });

    it("must end where it says, exactly", () => {
      for (const input of inputs) {
        const stored = new Uint8Array(deflateRawSync(input));
        expect(inflateRaw(concatBytes(stored, Uint8Array.of(0)), input.length)).toBeNull();
        expect(inflateRaw(concatBytes(stored, stored), input.length)).toBeNull();
        expect(inflateRaw(stored.subarray(0, -1), input.length)).toBeNull();
        expect(inflateRaw(stored, input.length + 1)).toBeNull();
        if (input.length > 0) expect(inflateRaw(stored, input.length - 1)).toBeNull();
      }
    });

    it("is refused where it is none", () => {
      expect(inflateRaw(new Uint8Array(), 0)).toBeNull();
      expect(inflateRaw(Uint8Array.of(7), 0)).toBeNull();
      expect(inflateRaw(noise(100), 100)).toBeNull();
    });
  });

  it("give what the other ones give, and open what those seal", () => {
    for (const length of [0, 1, 63, 64, 65, 1_000, 70_000]) {
      const [bytes, nonce] = [noise(length, 5), noise(24, length)];
      expect(sha256(bytes)).toEqual(other.sha256(bytes));
      expect(hmacSha256(key, bytes)).toEqual(other.hmacSha256(key, bytes));
      expect(primitives.hkdfExpandSha256(key, info, 1 + (length % 2_000))).toEqual(
        other.hkdfExpandSha256(key, info, 1 + (length % 2_000)),
      );
      const box = sealXChaCha20Poly1305(key, nonce, info, bytes);
      expect(box).toEqual(other.sealXChaCha20Poly1305(key, nonce, info, bytes));
      expect(other.openXChaCha20Poly1305(key, nonce, info, box)).toEqual(bytes);
      expect(other.inflateRaw(deflateRaw(bytes), length)).toEqual(bytes);
    }
  });

  it("stretch passwords as the other ones do", async () => {
    const seedPrimitives = primitives === nativePrimitives ? nativeSeedPrimitives : portableSeedPrimitives;
    const stretched = await seedPrimitives.pbkdf2HmacSha512(data, info, 100, 80);
    expect(stretched).toEqual(new Uint8Array(pbkdf2Sync(data, info, 100, 80, "sha512")));
    expect(stretched).not.toBeInstanceOf(Buffer);
    const split = await seedPrimitives.pbkdf2HmacSha256(data, info, 100, 80);
    expect(split).toEqual(new Uint8Array(pbkdf2Sync(data, info, 100, 80, "sha256")));
    expect(split).not.toBeInstanceOf(Buffer);
  });

  it("take Buffers and views, give plain arrays of their own, and change nothing", () => {
    const [bytes, nonce] = [Buffer.from(noise(300, 6)).subarray(7, 250), Buffer.from(noise(24, 7))];
    const before = Buffer.from(bytes);
    const box = sealXChaCha20Poly1305(key, nonce, info, bytes);
    const stored = deflateRaw(bytes);
    const results = [
      sha256(bytes),
      primitives.createSha256().digest(),
      hmacSha256(key, bytes),
      box,
      openXChaCha20Poly1305(key, nonce, info, box),
      stored,
      inflateRaw(stored, bytes.length),
    ];
    for (const result of results) {
      expect(result).not.toBeInstanceOf(Buffer);
      result?.fill(0);
    }
    expect(bytes.equals(before)).toBe(true);
  });

  it("inflate no further than they are told", () => {
    const bomb = new Uint8Array(deflateRawSync(new Uint8Array(50_000_000)));
    expect(inflateRaw(bomb, 1_000)).toBeNull();
    // What follows the head of that block is zeros, as many as one likes: here for 17 GB, a matter of minutes.
    const endless = new Uint8Array(2 ** 24);
    endless.set(bomb.subarray(0, 1_000));
    expect(inflateRaw(endless, 1_000)).toBeNull();
  });
});
