/**
 * `@cloudbackup/client/node`: what needs Node.
 *
 * @module node
 */
export { directoryStorage } from "./directory-storage.ts";
