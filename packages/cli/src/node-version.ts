/*
 * Loaded by any Node, however old: no imports, no recent syntax.
 */

/** package.json's `engines`. */
const LEAST = [22, 12] as const;

/** A sentence for whoever starts the program with a Node that is too old, else null. @param version `process.versions.node` */
export function nodeVersionProblem(version: string): string | null {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isOld = major < LEAST[0] || (major === LEAST[0] && minor < LEAST[1]);
  if (!isOld) return null;
  return `cloudbackup needs Node ${LEAST.join(".")} or newer, this is ${version}. See https://nodejs.org/en/download`;
}
