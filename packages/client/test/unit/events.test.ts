import { describe, expect, it } from "vitest";
import { BadResponseError } from "../../src/errors.ts";
import { createReader } from "../../src/events.ts";

const SHA256 = "ab".repeat(32);

function read(...parts: (string | Uint8Array)[]) {
  const standings: unknown[] = [];
  const reader = createReader((standing) => standings.push(standing));
  for (const part of parts) reader(typeof part === "string" ? new TextEncoder().encode(part) : part);
  return standings;
}

const event = (data: unknown, name = "revision") => `id: 7\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

describe("a reader of events", () => {
  it("takes them however they are cut", () => {
    const bytes = new TextEncoder().encode(`: ü\n\n${event({ revision: 7, sha256: SHA256, later: "ü" })}`);
    const whole = [{ revision: 7, sha256: SHA256 }];
    expect(read(bytes)).toEqual(whole);
    for (let at = 0; at < bytes.length; at++) expect(read(bytes.subarray(0, at), bytes.subarray(at))).toEqual(whole);
    expect(read(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(whole);
  });

  it("passes over what it does not know", () => {
    expect(read(event({}, "later"), "data: 1\n\n", "what: ever\n\n", ":\n\n", "retry: x\n\n")).toEqual([]);
  });

  it.each([
    ["no JSON", "event: revision\ndata: {\n\n"],
    ["no object", event(7)],
    ["no revision", event({ sha256: SHA256 })],
    ["no hash", event({ revision: 7, sha256: "ab" })],
    ["a line without an end", `data: ${"x".repeat(5_000)}`],
    ["an event without an end", "data: 1234567890\n".repeat(500)],
  ])("refuses %s", (_, text) => {
    expect(() => read(text)).toThrow(BadResponseError);
  });
});
