import fc from "fast-check";
import { expect, it } from "vitest";
import { bytesToHex } from "../../src/bytes.ts";
import { decodeDump, encodeDump } from "../../src/dump/codec.ts";
import { InvalidDumpError } from "../../src/errors.ts";
import { formatDumpJson, parseDumpJson } from "../../src/interchange/dump-json.ts";
import { InvalidDumpJsonError } from "../../src/interchange/dump-json-reader.ts";
import { cborValue, dump } from "./arbitraries.ts";

it("keeps any dump as it is, also where its sections are opaque", () => {
  fc.assert(
    fc.property(dump, (given) => {
      const bodies = encodeDump(given);
      for (const written of [given, decodeDump(bodies)]) {
        const text = formatDumpJson(written);
        const read = parseDumpJson(text);
        expect(hexOf(encodeDump(read))).toBe(hexOf(bodies));
        expect(formatDumpJson(read)).toBe(text);
      }
    }),
  );
});

/** Of megabytes, in one text: byte by byte a comparison takes its time. */
function hexOf(sections: ReadonlyMap<string, Uint8Array>): string {
  return [...sections].map(([name, body]) => `${name} ${bytesToHex(body)}`).join("\n");
}

it("writes JSON that every parser reads, and that steers no terminal", () => {
  fc.assert(
    fc.property(fc.array(cborValue, { maxLength: 5 }), (records) => {
      const text = formatDumpJson({ accounts: [], pairings: [], "acme.a": records });
      expect(JSON.parse(text).sections["acme.a"]).toHaveLength(records.length);
      expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
    }),
  );
});

it("takes nothing that is no JSON, and of a changed text what JSON.parse takes", () => {
  const changed = fc.tuple(
    dump,
    fc.nat(),
    fc.nat(3),
    fc.constantFrom("", "{", "]", '"', ",", "\\", "0", "-", ".", "$"),
  );
  fc.assert(
    fc.property(changed, ([given, at, length, put]) => {
      const text = formatDumpJson(given);
      const start = at % text.length;
      const mutant = text.slice(0, start) + put + text.slice(start + length);
      let isTaken = true;
      try {
        parseDumpJson(mutant);
      } catch (error) {
        if (!(error instanceof InvalidDumpJsonError || error instanceof InvalidDumpError)) throw error;
        isTaken = false;
      }
      if (isTaken) JSON.parse(mutant);
    }),
  );
});
