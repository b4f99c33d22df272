import { existsSync, readFileSync } from "node:fs";

const folder = process.env.CLOUDBACKUP_VECTORS;

/** A file of public test data that is no part of the repository; undefined where it is not there. */
export function publicFile(path: string): Uint8Array | undefined {
  const file = `${folder}/${path}`;
  return folder !== undefined && existsSync(file) ? new Uint8Array(readFileSync(file)) : undefined;
}

/** The same as text. */
export function publicText(path: string): string | undefined {
  const file = publicFile(path);
  return file && new TextDecoder().decode(file);
}
