/**
 * `@cloudbackup/client/browser`: what needs a browser.
 *
 * @module browser
 */
export { indexedDbStorage, StorageFullError } from "./indexed-db-storage.ts";
