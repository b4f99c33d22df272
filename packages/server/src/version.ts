import manifest from "../package.json" with { type: "json" };

/** This package's version, as `GET /v1/server` and `--version` say it. */
export const VERSION: string = manifest.version;
