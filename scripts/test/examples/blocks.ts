import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../setup.mjs";

/** A piece of TypeScript that stands in a docstring or in a document. */
export interface Block {
  file: string;
  /** Line of the file on which its first line stands, from 1. */
  line: number;
  code: string;
}

const FENCE = "```";
const isOurs = (file: string): boolean => !/(^|[\\/])(node_modules|dist|coverage|docs[\\/]api)([\\/]|$)/.test(file);

/** Every fenced block of the packages' docstrings and of all documents, by the language after its fence. */
export function fencedBlocks(): { language: string; block: Block }[] {
  return [...filesOf("packages/*/src/**/*.ts"), ...filesOf("**/*.md")].flatMap((file) => {
    const lines = readFileSync(join(root, file), "utf8").split("\n");
    return blocksOf(file.replaceAll("\\", "/"), file.endsWith(".md") ? lines : docstringsOf(lines));
  });
}

/** Files and lines of `@example` tags that no block of TypeScript follows. */
export function emptyExamples(): string[] {
  return filesOf("packages/*/src/**/*.ts").flatMap((file) => {
    const lines = docstringsOf(readFileSync(join(root, file), "utf8").split("\n"));
    return lines.flatMap((line, i) => {
      const isEmpty = line.startsWith("@example") && lines[i + 1] !== `${FENCE}ts`;
      return isEmpty ? [`${file}:${i + 1}`] : [];
    });
  });
}

/** What the examples folder holds as programs: type-checked and run there. */
export function examplePrograms(): string[] {
  return filesOf("examples/*/src/**/*.ts").map((file) => readFileSync(join(root, file), "utf8"));
}

function filesOf(pattern: string): string[] {
  return globSync(pattern, { cwd: root }).filter(isOurs).sort();
}

/** The text of docstrings, each line where it stands in the file; all else is empty. */
function docstringsOf(lines: readonly string[]): string[] {
  let isInside = false;
  return lines.map((line) => {
    if (/^\s*\/\*\*/.test(line)) isInside = true;
    const text = isInside ? line.replace(/^\s*\/?\*+\/? ?/, "") : "";
    if (line.includes("*/")) isInside = false;
    return text;
  });
}

function blocksOf(file: string, lines: readonly string[]): { language: string; block: Block }[] {
  const blocks: { language: string; block: Block }[] = [];
  let open: { language: string; from: number } | undefined;
  for (const [i, line] of lines.entries()) {
    if (!line.trimStart().startsWith(FENCE)) continue;
    if (open) {
      const code = `${lines.slice(open.from, i).join("\n")}\n`;
      blocks.push({ language: open.language, block: { file, line: open.from + 1, code } });
      open = undefined;
    } else {
      open = { language: line.trim().slice(FENCE.length), from: i + 1 };
    }
  }
  if (open) throw new Error(`${file}:${open.from} opens a block that nothing closes`);
  return blocks;
}
