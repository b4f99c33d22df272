import { createHash } from "node:crypto";
// By its file: where the tests run on the small curves, the library's name leads to what is tested here.
import { createBase58check as createOfLibrary } from "@scure/base/index.js";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../../src/bytes.ts";
import { createBase58check } from "../../../src/curves/base58check.ts";
import { noise } from "../../fixtures.ts";

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash("sha256").update(bytes).digest());
const base58check = createBase58check(sha256);
const library = createOfLibrary(sha256);

describe("Base58Check", () => {
  it("writes and reads what @scure/base does", () => {
    for (let length = 0; length < 100; length++) {
      for (const bytes of [noise(length, length), concatBytes(new Uint8Array(length % 5), noise(length))]) {
        const text = library.encode(bytes);
        expect(base58check.encode(bytes)).toBe(text);
        expect(base58check.decode(text)).toEqual(bytes);
      }
    }
  });

  it("reads the example of the wiki, the address of the first block", () => {
    const hash = Uint8Array.from(Buffer.from("0062e907b15cbf27d5425399ebf6f0fb50ebb88f18", "hex"));
    expect(base58check.decode("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa")).toEqual(hash);
    expect(base58check.encode(hash)).toBe("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa");
  });

  it("refuses what the library refuses, and does not say what it was", () => {
    const good = library.encode(noise(78));
    const wrong = [
      "",
      "1",
      "111",
      good.slice(1),
      `${good}1`,
      `1${good}`,
      ` ${good}`,
      good.replace(/^./, "0"),
      good.replace(/^./, "O"),
      good.replace(/^./, "l"),
      good.replace(/.$/, (last) => (last === "2" ? "3" : "2")),
      `é${good}`,
      "2".repeat(4097),
    ];
    for (const text of wrong) {
      expect(() => library.decode(text)).toThrow();
      let message = "";
      try {
        base58check.decode(text);
      } catch (error) {
        message = String(error);
      }
      expect(message).toMatch(/Base58/);
      expect(message.includes(good.slice(2, 12))).toBe(false);
    }
  });
});
