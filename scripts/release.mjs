// What the release workflow runs once every changeset is in a version: `npm run release`.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PACKAGES, root, runNode, SetupError, toolPath } from "./setup.mjs";

/**
 * What a package says of where its source is, as npm wants it: it refuses a package whose provenance names another
 * repository. Only the workflow knows the address.
 */
export function repositoryOf(env, directory) {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name } = env;
  if (!server || !name) {
    throw new SetupError("Releases are made by .github/workflows/release.yml, which says where the sources are");
  }
  return { type: "git", url: `git+${server}/${name}.git`, directory };
}

/** Publishes every version that the registry does not have. The manifests that it changes are not committed. */
export function release() {
  for (const name of PACKAGES) {
    const directory = `packages/${name}`;
    const file = join(root, directory, "package.json");
    const manifest = { ...JSON.parse(readFileSync(file, "utf8")), repository: repositoryOf(process.env, directory) };
    writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
  }
  return runNode([toolPath("@changesets/cli", "changeset"), "publish"]).status;
}
