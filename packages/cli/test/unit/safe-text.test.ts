import { describe, expect, it } from "vitest";
import { safeLines, safeText } from "../../src/safe-text.ts";

describe("safeText", () => {
  it.each([
    ["\u001b[2J", "\\u{1b}[2J"],
    ["\u009b31m", "\\u{9b}31m"],
    ["a\nb\rc\td", "a\\u{a}b\\u{d}c\\u{9}d"],
    ["\u202egnp.exe", "\\u{202e}gnp.exe"],
    ["\u2066x\u2069", "\\u{2066}x\\u{2069}"],
    ["zero\u200bwidth\ufeff", "zero\\u{200b}width\\u{feff}"],
    ["tag\u{e0041}", "tag\\u{e0041}"],
    ["half\ud800", "half\\u{d800}"],
    ["\u2028\u2029", "\\u{2028}\\u{2029}"],
    ["\u0000\u007f", "\\u{0}\\u{7f}"],
  ])("shows %j as %s", (text, shown) => {
    expect(safeText(text)).toBe(shown);
  });

  it.each(["Spending", "Año nuevo", "貯金", "חיסכון", "🦊 Fox", "50 % & <b>"])("leaves %s as it is", (text) => {
    expect(safeText(text)).toBe(text);
  });

  it("cuts what is long, between characters", () => {
    expect(safeText("🦊".repeat(300), 5)).toBe("🦊🦊🦊🦊…");
  });

  it("keeps lines apart in safeLines alone", () => {
    expect(safeLines("a\nb\u001bc")).toBe("a\nb\\u{1b}c");
  });
});
