// Lets plain Node run the packages' sources against each other, with nothing built.
import { registerHooks } from "node:module";

const SOURCES = {
  "@cloudbackup/client": "client/src/index.ts",
  "@cloudbackup/core": "core/src/index.ts",
  "@cloudbackup/core/seed": "core/src/seed.ts",
  "@cloudbackup/core/wire": "core/src/wire.ts",
  "@cloudbackup/server": "server/src/index.ts",
  "#fetch": "client/src/fetch-node.ts",
  "#primitives": "core/src/primitives/native.ts",
};

registerHooks({
  resolve(name, context, next) {
    const source = SOURCES[name];
    return source
      ? { url: new URL(`../packages/${source}`, import.meta.url).href, shortCircuit: true }
      : next(name, context);
  },
});
