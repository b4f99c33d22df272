import type pc from "picocolors";

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
type Facts = { readonly [key: string]: Json };

/** Who tells the story: to a person, or as one JSON document. */
export interface Narrator {
  chapter(title: string): void;
  /** Something went as it must. `facts` are for programs, `text` says the same to people. */
  step(id: string, text: string, facts?: Facts): void;
  /** Something went wrong on purpose: what a program sees, and what a person can do. */
  problem(problem: Problem): void;
  /** The end, or what made it end early. */
  end(error?: unknown): void;
}

export interface Problem {
  id: string;
  situation: string;
  code: string;
  message: string;
  advice: string;
}

type Write = (text: string) => void;
type Colors = ReturnType<typeof pc.createColors>;

const INDENT = "   ";
const ADVICE_INDENT = `${INDENT}  `;

export function terminalNarrator(write: Write, colors: Colors): Narrator {
  let chapters = 0;
  write(`\n${colors.bold("CloudBackup: a wallet is lost, and comes back")}\n`);
  return {
    chapter(title) {
      chapters++;
      write(`\n${colors.cyan(String(chapters))}  ${colors.bold(title)}\n`);
    },
    step(_id, text) {
      const [first, ...rest] = text.split("\n");
      write(`${INDENT}${colors.green("✓")} ${first}\n`);
      for (const line of rest) write(`${ADVICE_INDENT}${colors.dim(line)}\n`);
    },
    problem({ situation, code, message, advice }) {
      write(`${INDENT}${colors.yellow("✗")} ${situation}\n`);
      write(`${ADVICE_INDENT}${colors.yellow(code)} ${message}\n`);
      write(`${ADVICE_INDENT}${colors.dim(`→ ${advice}`)}\n`);
    },
    end(error) {
      if (error === undefined) write(`\n${colors.green("Everything came back.")}\n\n`);
      else write(`\n${colors.red("The demo failed:")} ${sentenceOf(error)}\n\n`);
    },
  };
}

/** Writes `{ ok, steps, problems, error? }` at the end, nothing before. */
export function jsonNarrator(write: Write): Narrator {
  let chapter = "";
  const steps: Json[] = [];
  const problems: Json[] = [];
  return {
    chapter(title) {
      chapter = title;
    },
    step(id, text, facts = {}) {
      steps.push({ chapter, id, text, ...facts });
    },
    problem(problem) {
      problems.push({ ...problem });
    },
    end(error) {
      const failure = error === undefined ? {} : { error: sentenceOf(error) };
      write(`${JSON.stringify({ ok: error === undefined, steps, problems, ...failure }, null, 2)}\n`);
    },
  };
}

/** One sentence; the code as well, where the error has one. */
function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error ? `${error.message} (${error.code})` : error.message;
}
