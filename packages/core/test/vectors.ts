import { readFileSync } from "node:fs";

/** `vectors/format-1.json`; its README says what the keys are. */
export interface FormatVectors {
  padme: [number, number][];
  large: {
    label: string;
    size: number;
    seed: string;
    realm: string;
    bodySha256: string;
    depth: number;
    chunks: [string, number][];
    chunkCount: number;
    idsSha256: string;
  }[];
  deep: {
    label: string;
    records: number;
    seed: string;
    realm: string;
    bodySha256: string;
    depth: number;
    chunks: [string, number][];
    chunkCount: number;
    payloadChecksum: string;
    download: string;
  }[];
  refuse: { seed: string; realm: string; cases: { id: string; error: string | null; bundle: string }[] };
  cases: {
    id: string;
    mnemonic: string;
    passphrase: string;
    seed: string;
    realm: string;
    origin: string;
    keys: Record<
      | "backupKey"
      | "identityKey"
      | "envelope"
      | "chunk"
      | "chunkId"
      | "chunker"
      | "signingKey"
      | "publicKey"
      | "walletId",
      string
    >;
    revisions: {
      revision: number;
      sections?: Record<string, string>;
      changed?: Record<string, string>;
      payloadChecksum: string;
      chain: string;
      lists: Record<string, { depth: number; chunks: [string, number][] }>;
      upload: string;
      download: string;
    }[];
    commit: { tag: "cloudbackup/1/commit"; fields: string; message: string; signature: string };
  }[];
}

export const vectors: FormatVectors = JSON.parse(
  readFileSync(new URL("../../../vectors/format-1.json", import.meta.url), "utf8"),
);

/** The sections of a revision: its own, or those before with what changed. */
export function sectionsOf(vector: FormatVectors["cases"][number], revision: number): Map<string, string> {
  const sections = new Map<string, string>();
  for (const step of vector.revisions.slice(0, revision)) {
    for (const [name, body] of Object.entries({ ...step.sections, ...step.changed })) sections.set(name, body);
  }
  return sections;
}
