import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { format } from "node:util";
import ts from "typescript";
import { afterAll, expect, it, onTestFinished, vi } from "vitest";
import { root } from "../../setup.mjs";
import { type Block, emptyExamples, examplePrograms, fencedBlocks } from "./blocks.ts";
import { surround } from "./context.ts";

/*
 * Every example of the docstrings and documents is compiled against the sources, and run. What it prints is what its
 * comments say: `console.log(2 + 2); // → 4`. What it uses without making it, context.ts makes. Only those that are a program
 * of the examples folder, word for word, are left to the types and tests there.
 */

const folder = mkdtempSync(join(tmpdir(), "cloudbackup-examples-"));
// An example imports what a wallet's program can: what is installed beside the quickstart.
symlinkSync(join(root, "examples", "quickstart", "node_modules"), join(folder, "node_modules"), "junction");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const blocks = fencedBlocks();
const programs = examplePrograms();
const examples = blocks
  .filter(({ language, block }) => language === "ts" && !programs.includes(block.code))
  .map(({ block }) => ({ ...block, place: `${block.file}:${block.line}` }));

it("examples are fenced as ts, those of docstrings too", () => {
  const others = blocks.filter(({ language }) => /^(tsx?|mts|cts|typescript|m?jsx?|javascript)$/i.test(language));
  expect(others.filter(({ language }) => language !== "ts")).toEqual([]);
  expect(emptyExamples()).toEqual([]);
  expect(examples.length).toBeGreaterThan(25);
});

it("examples compile", () => {
  const placed = new Map(examples.map((example, i) => [write(`types/example-${i}.ts`, example.code), example]));
  const context = fileURLToPath(new URL("context.ts", import.meta.url));
  const program = ts.createProgram([...placed.keys(), context], compilerOptions());
  const problems = [...placed].flatMap(([name, { file, line }]) => {
    const source = program.getSourceFile(name);
    if (!source) throw new Error(`${name} is not in the program`);
    const diagnostics = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return diagnostics.map(({ start = 0, messageText }) => {
      const at = line + ts.getLineAndCharacterOfPosition(source, start).line;
      return `${file}:${at}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
    });
  });
  expect(problems).toEqual([]);
}, 180_000); // The compiler reads all three packages, which takes a busy machine its time.

it.each(examples)("$place runs, and prints what it says", async ({ code }) => {
  const isOnline = /\b(client|wallet|https:\/\/backup\.example)\b/.test(code);
  const servers = code.includes("https://other.example") ? 2 : isOnline ? 1 : 0;
  await using surroundings = await surround(servers);
  const places = {
    '"https://backup.example"': JSON.stringify(surroundings.url),
    '"https://other.example"': JSON.stringify(surroundings.otherUrl),
    '"/var/lib/wallet/backup"': JSON.stringify(mkdtempSync(join(folder, "storage-"))),
    '"./data"': JSON.stringify(mkdtempSync(join(folder, "data-"))),
  };
  const moved = Object.entries(places).reduce((text, [from, to]) => text.replaceAll(from, to), code);
  const printed: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((...values) => void printed.push(oneLine(format(...values))));
  onTestFinished(() => log.mockRestore());
  await import(pathToFileURL(write(`run-${crypto.randomUUID()}/example.ts`, moved)).href);
  expect(printed).toEqual(promised(code));
});

/** Writes a module; examples need not import to be one. */
function write(name: string, code: Block["code"]): string {
  const file = join(folder, name);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, `${code}export {};\n`);
  return file;
}

/** As strict as the packages, for programs in Node. */
function compilerOptions(): ts.CompilerOptions {
  const config = { extends: "./tsconfig.base.json", compilerOptions: { types: ["node"] } };
  const { options, errors } = ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, root);
  const problems = errors.filter(({ code }) => code !== NO_FILES);
  if (problems.length > 0) throw new Error(ts.formatDiagnostics(problems, ts.createCompilerHost(options)));
  return { ...options, typeRoots: [join(root, "node_modules", "@types")] };
}

/** "The 'files' list in config file is empty": the files are given to the program. */
const NO_FILES = 18002;

function promised(code: string): string[] {
  return [...code.matchAll(/\/\/ → (.*)$/gm)].map(([, value]) => oneLine(value as string));
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
