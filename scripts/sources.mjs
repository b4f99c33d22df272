// Lets plain Node run the packages' sources against each other, with nothing built: node --import …/scripts/sources.mjs
import { registerHooks } from "node:module";

/** As the aliases in vitest.workspace.ts, which tests run by. */
const SOURCES = {
  "@cloudbackup/client": "client/src/index.ts",
  "@cloudbackup/client/browser": "client/src/browser.ts",
  "@cloudbackup/client/node": "client/src/node.ts",
  "@cloudbackup/client/testing": "client/src/testing.ts",
  "@cloudbackup/core": "core/src/index.ts",
  "@cloudbackup/core/seed": "core/src/seed.ts",
  "@cloudbackup/core/wire": "core/src/wire.ts",
  "@cloudbackup/server": "server/src/index.ts",
  "#cbor": "core/src/cbor-library/full.ts",
  "#curves": "core/src/curves/full.ts",
  "#fetch": "client/src/fetch-node.ts",
  "#primitives": "core/src/primitives/native.ts",
};

registerHooks({
  resolve(name, context, next) {
    const part = /^@cloudbackup\/core\/(seed\/.+)$/.exec(name)?.[1];
    const source = part ? `core/src/${part}.ts` : SOURCES[name];
    return source
      ? { url: new URL(`../packages/${source}`, import.meta.url).href, shortCircuit: true }
      : next(name, context);
  },
});
