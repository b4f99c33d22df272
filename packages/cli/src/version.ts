import manifest from "../package.json" with { type: "json" };

/** This package's version, as `--version` says it. */
export const VERSION: string = manifest.version;

/** How backups say what wrote them. */
export const APP = `cloudbackup-cli/${VERSION}`;
