import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Tests run on the sources of the packages, not on what was built last. */
const alias = [
  { find: /^@cloudbackup\/core$/, replacement: source("packages/core/src/index.ts") },
  {
    find: /^@cloudbackup\/core\/(headers|interchange|seed(?:\/.+)?|wire)$/,
    replacement: source("packages/core/src/$1.ts"),
  },
  { find: /^@cloudbackup\/client$/, replacement: source("packages/client/src/index.ts") },
  { find: /^@cloudbackup\/client\/(browser|node|testing)$/, replacement: source("packages/client/src/$1.ts") },
  { find: /^#cbor$/, replacement: source("packages/core/src/cbor-library/full.ts") },
  { find: /^#curves$/, replacement: source("packages/core/src/curves/full.ts") },
  { find: /^#primitives$/, replacement: source("packages/core/src/primitives/native.ts") },
  { find: /^#fetch$/, replacement: source("packages/client/src/fetch-node.ts") },
  { find: /^@cloudbackup\/server$/, replacement: source("packages/server/src/index.ts") },
];

export const project = (name: string, ...folders: string[]) => ({
  resolve: { alias },
  test: {
    name,
    include: folders.map((folder) => `${folder}/**/*.test.ts`),
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

/** The format once more, as browsers run it. */
const core = project(
  "core, portable",
  "packages/core/test/{property,unit/cbor-library,unit/curves,unit/dump,unit/format,unit/headers,unit/interchange,unit/keys,unit/seed}",
);
const portable = {
  resolve: {
    alias: [
      { find: /^#cbor$/, replacement: source("packages/core/src/cbor-library/small.ts") },
      { find: /^#curves$/, replacement: source("packages/core/src/curves/small.ts") },
      // As the build does it: see packages/core/tsup.config.ts.
      { find: /^@noble\/curves\/secp256k1\.js$/, replacement: source("packages/core/src/curves/secp256k1.ts") },
      { find: /^@scure\/base$/, replacement: source("packages/core/src/curves/base58check.ts") },
      { find: /^#primitives$/, replacement: source("packages/core/src/primitives/portable.ts") },
      ...alias,
    ],
  },
  test: {
    ...core.test,
    include: [...core.test.include, "packages/core/test/unit/cbor*.test.ts"],
    server: { deps: { inline: ["@scure/bip32"] } },
  },
};

/** What a client asks of a server, asked of the one in memory that `@cloudbackup/client/testing` has. */
const client = project("client", "packages/client/test");
const double = {
  ...client,
  test: {
    ...client.test,
    name: "client, on the server in memory",
    include: ["account", "outbox", "react-native", "wallet-backup", "wallet-requests"].map(
      (name) => `packages/client/test/unit/${name}.test.ts`,
    ),
    env: { CLOUDBACKUP_TEST_SERVER: "memory" },
  },
};

/** What runs in a browser has a run of its own: vitest.browser.ts. */
const e2e = project("e2e", "e2e");
e2e.test.include.push("!e2e/browser/**");

export default defineConfig({
  test: {
    projects: [
      project("core", "packages/core/test"),
      portable,
      client,
      double,
      project("server", "packages/server/test"),
      project("cli", "packages/cli/test"),
      project("fuzz", "fuzz/test"),
      project("scripts", "scripts/test"),
      project("bench", "bench/test"),
      e2e,
      project("examples", "examples"),
    ],
  },
});
