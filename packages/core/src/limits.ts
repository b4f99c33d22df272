/** Section bodies of one backup, together: more is refused before it is allocated. A reader may set another limit. */
export const MAX_PAYLOAD_BYTES = 256 * 1024 * 1024;
