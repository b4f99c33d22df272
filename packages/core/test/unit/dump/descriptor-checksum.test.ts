import { describe, expect, it } from "vitest";
import { descriptorChecksum, hasChecksum, withChecksum } from "../../../src/dump/descriptor-checksum.ts";

/** Of Bitcoin Core's `descriptor_tests.cpp` and its documentation, all by that program. */
const known = [
  "raw(deadbeef)#89f8spxm",
  "wpkh(02f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9)#8zl0zxma",
  "pkh(02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5)#8fhd9pwu",
  "sh(multi(2,[00000000/111'/222]xpub6ERApfZwUNrhLCkDtcHTcxd75RbzS1ed54G1LkBUHQVHQKqhMkhgbmJbZRkrgZw4koxb5JaHWkY4ALHY2grBGRjaDMzQLcgJvLJuZZvRcEL,xpub68NZiKmJWnxxS6aaHmn81bvJeTESw724CRDs6HbuccFQN9Ku14VQrADWgqbhhTHBaohPX4CjNLf9fq9MYo6oDaPPLPxSb7gwQN3ih19Zm4Y/0))#tjg09x5t",
];

describe("BIP-380's checksum", () => {
  it.each(known)("%s", (text) => {
    const [descriptor = "", checksum] = text.split("#");
    expect(descriptorChecksum(descriptor)).toBe(checksum);
    expect(withChecksum(descriptor)).toBe(text);
    expect(hasChecksum(text)).toBe(true);
  });

  it.each([
    { id: "none", text: "raw(deadbeef)" },
    { id: "missing", text: "raw(deadbeef)#" },
    { id: "too long", text: "raw(deadbeef)#89f8spxmx" },
    { id: "too short", text: "raw(deadbeef)#89f8spx" },
    { id: "an error in the payload", text: "raw(deedbeef)#89f8spxm" },
    { id: "an error in the checksum", text: "raw(deadbeef)##9f8spxm" },
    { id: "an error in both", text: "raw(deedbeef)##9f8spxm" },
    { id: "a character that is none of a payload's", text: "raw(Ü)#00000000" },
    { id: "a character that is none of a checksum's", text: "raw(deadbeef)#b9f8spxm" },
    { id: "upper case", text: "raw(deadbeef)#89F8SPXM" },
    { id: "two", text: "raw(deadbeef)#89f8spxm#89f8spxm" },
    { id: "white space behind it", text: "raw(deadbeef)#89f8spxm\n" },
    { id: "nothing before it", text: "#89f8spxm" },
    { id: "nothing", text: "" },
  ])("refused: $id", ({ text }) => {
    expect(hasChecksum(text)).toBe(false);
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7])("knows %d characters of each group", (length) => {
    for (const group of ["0", "I", "i", "{", "~", " "]) {
      const text = withChecksum(group.repeat(length));
      expect(hasChecksum(text)).toBe(length > 0);
    }
  });
});

it("is made of what a descriptor may hold, and once", () => {
  expect(() => descriptorChecksum("raw(Ü)")).toThrow(
    new RangeError("text has a character at 4 that descriptors do not have"),
  );
  expect(() => descriptorChecksum("raw(\n)")).toThrow(RangeError);
  expect(() => withChecksum("raw(deadbeef)#89f8spxm")).toThrow(new RangeError("text has a checksum already"));
  expect(() => descriptorChecksum(undefined as never)).toThrow(TypeError);
  expect(() => withChecksum(1 as never)).toThrow(TypeError);
});
