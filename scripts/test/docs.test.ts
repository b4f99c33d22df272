import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root } from "../setup.mjs";

const isOurs = (file: string): boolean => !/(^|[\\/])(node_modules|dist|coverage)([\\/]|$)/.test(file);

const files = (pattern: string): string[] => globSync(pattern, { cwd: root }).filter(isOurs);

const read = (file: string): string => readFileSync(join(root, file), "utf8");

it("docs/errors.md explains every code of the libraries, and no other", () => {
  const inSources = files("packages/*/src/**/*.ts").flatMap((file) => read(file).match(/\bERR_CB_[A-Z_]+\b/g) ?? []);
  const explained = [...read("docs/errors.md").matchAll(/^### (ERR_CB_[A-Z_]+)$/gm)].map(([, code]) => code);
  expect(inSources.length).toBeGreaterThan(30);
  expect([...explained].sort()).toEqual([...new Set(inSources)].sort());
});

it("every relative link of a document leads somewhere", () => {
  const broken = files("**/*.md").flatMap((file) => {
    const links = [...read(file).matchAll(/\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)/g)].map(
      ([, link]) => link as string,
    );
    return links
      .map((link) => ({ file, target: join(file, "..", link) }))
      .filter(({ target }) => !existsSync(join(root, target)));
  });
  expect(broken).toEqual([]);
});
