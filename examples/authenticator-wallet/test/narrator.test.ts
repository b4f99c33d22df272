import pc from "picocolors";
import { describe, expect, test } from "vitest";
import { MismatchError } from "../src/demo/mismatch.ts";
import { jsonNarrator, type Narrator, terminalNarrator } from "../src/demo/narrator.ts";

const problem = { id: "p", situation: "A thing", code: "ERR_CB_P", message: "It is so.", advice: "Do that." };

function tell(make: (write: (text: string) => void) => Narrator, error?: unknown): string {
  let told = "";
  const narrator = make((text) => {
    told += text;
  });
  narrator.chapter("First");
  narrator.step("a", "It worked\nin detail", { bytes: 3 });
  narrator.problem(problem);
  narrator.end(error);
  return told;
}

describe("terminal", () => {
  const make = (colors: boolean) => (write: (text: string) => void) => terminalNarrator(write, pc.createColors(colors));

  test("tells chapters, steps and problems as lines", () => {
    expect(tell(make(false))).toBe(
      [
        "",
        "CloudBackup: a wallet is lost, and comes back",
        "",
        "1  First",
        "   ✓ It worked",
        "     in detail",
        "   ✗ A thing",
        "     ERR_CB_P It is so.",
        "     → Do that.",
        "",
        "Everything came back.",
        "",
        "",
      ].join("\n"),
    );
  });

  test("has colours where it may", () => {
    expect(tell(make(true))).toContain("\u001b[32m✓\u001b[39m It worked");
  });

  test("ends with a sentence where something is not as it must be", () => {
    expect(tell(make(false), new MismatchError("One is not two"))).toContain("\nThe demo failed: One is not two\n");
  });
});

describe("JSON", () => {
  test("is one document", () => {
    expect(JSON.parse(tell(jsonNarrator))).toEqual({
      ok: true,
      steps: [{ chapter: "First", id: "a", text: "It worked\nin detail", bytes: 3 }],
      problems: [problem],
    });
  });

  test("says what failed, with the code where there is one", () => {
    const error = Object.assign(new Error("No answer"), { code: "ERR_CB_UNREACHABLE" });
    expect(JSON.parse(tell(jsonNarrator, error))).toMatchObject({ ok: false, error: "No answer (ERR_CB_UNREACHABLE)" });
  });
});
