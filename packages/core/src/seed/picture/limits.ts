/** Of a file. Photos of 24 million pixels have 5 to 15 MiB. */
export const MAX_FILE_BYTES = 32 * 1024 * 1024;
/** Of a picture: what telephones take by default, 5712 × 4284, goes in. */
export const MAX_PIXELS = 25_000_000;
