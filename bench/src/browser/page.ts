// Runs in the browser: a restore, and its peer.
import { createClient } from "@cloudbackup/client";

export interface Restorer {
  /** Milliseconds of a restore. @returns those, and how many records came */
  restore(): Promise<{ ms: number; records: number }>;
  /** Milliseconds to fetch as many bytes and to decipher them by WebCrypto. */
  bare(): Promise<number>;
}

export interface Setting {
  url: string;
  /** Of the wallet, hex. */
  seed: string;
  /** Where bytes lie that AES-256-GCM sealed under a key of zeros, the nonce first. */
  sealedUrl: string;
  /** How many bytes must come of it. */
  plainBytes: number;
}

async function restorerOf({ url, seed, sealedUrl, plainBytes }: Setting): Promise<Restorer> {
  const client = createClient({ url });
  const bytes = Uint8Array.from(seed.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  await client.signInWithSeed(bytes);
  const wallet = await client.openWallet(bytes);
  const key = await crypto.subtle.importKey("raw", new Uint8Array(32), "AES-GCM", false, ["decrypt"]);
  return {
    async restore() {
      const start = performance.now();
      const { dump } = await wallet.restore();
      return { ms: performance.now() - start, records: dump.transactions?.length ?? 0 };
    },
    async bare() {
      const start = performance.now();
      const sealed = await (await fetch(sealedUrl, { cache: "no-store" })).arrayBuffer();
      const iv = new Uint8Array(sealed, 0, 12);
      const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, new Uint8Array(sealed, 12));
      const ms = performance.now() - start;
      if (plain.byteLength !== plainBytes) throw new Error("the bare restore lost some");
      return ms;
    },
  };
}

Object.assign(globalThis, { restorerOf });
