/**
 * `@cloudbackup/core/headers`: checks of the section `headers`, for wallets that follow a chain themselves.
 *
 * @module headers
 */
export type { BlockHeaders } from "./dump/headers.ts";
export { checkHeaders, type HeaderChain, type HeaderProblem, InvalidHeadersError } from "./headers/check-headers.ts";
export type { HeaderRules } from "./headers/rules.ts";
