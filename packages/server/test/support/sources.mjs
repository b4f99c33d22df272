// Lets a plain Node run this package's sources against those of core, with nothing built.
import { registerHooks } from "node:module";

registerHooks({
  resolve(specifier, context, next) {
    if (specifier !== "@cloudbackup/core/wire") return next(specifier, context);
    return next(new URL("../../../core/src/wire.ts", import.meta.url).href, context);
  },
});
