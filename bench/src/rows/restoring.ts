import { createDecipheriv, createSecretKey, type KeyObject } from "node:crypto";
import { inflateRawSync } from "node:zlib";
import type { Fetch } from "@cloudbackup/client";
import { decodeBundle, encodeBundleHead } from "@cloudbackup/core/wire";
import { hchacha } from "@noble/ciphers/chacha.js";
import { decodeFirst } from "cborg";
// Below the public interface: the peer is given what it would need of the format.
import { openChunk } from "../../../packages/core/src/envelope/envelope.ts";
import { type BackupKeys, deriveBackupKeys, subkeyOf } from "../../../packages/core/src/keys/backup-keys.ts";
import { openManifest } from "../../../packages/core/src/open-backup.ts";
import { type Benchmark, interleave, timeMs } from "../benchmark.ts";
import { dumpOf5MB } from "../dump.ts";
import { ratioAtMost, rowOf } from "../row.ts";
import { startServer } from "../server.ts";
import { seedOf, signedInClient } from "../wallet.ts";

const ROUNDS = 9;
const HEADER_BYTES = 8;
const NONCE_BYTES = 24;
const TAG_BYTES = 16;
const FRAME_HEAD_BYTES = 9;

/** A dump of 5 MB fetched, opened, checked and decoded, beside the same download without a check. */
export const restoring: Benchmark = {
  names: ["restore-5MB"],
  async run() {
    const server = await startServer();
    try {
      return await measure(server.url);
    } finally {
      await server.stop();
    }
  },
};

async function measure(url: string) {
  let download: { url: string; headers: RequestInit["headers"] } | undefined;
  const recording: Fetch = (url, init) => {
    if (url.endsWith("/backups/latest")) download = { url, headers: init.headers };
    return fetch(url, init);
  };
  const client = await signedInClient(url, { fetch: recording });
  const seed = seedOf(0);
  const wallet = await client.openWallet(seed);
  const dump = dumpOf5MB();
  await wallet.backup(dump);
  const restored = await wallet.restore();
  if (restored.dump.transactions?.length !== dump.transactions.length) throw new Error("it lost some");
  if (!download) throw new Error("the client has downloaded nothing");

  const bare = bareRestore(download.url, { headers: download.headers ?? {} });
  const { realm } = decodeBundle(await bare.fetch()).head;
  bare.prepare(await bare.fetch(), deriveBackupKeys(seed, realm));
  const medians = await interleave(ROUNDS, {
    ours: () => timeMs(() => wallet.restore()),
    bare: () => timeMs(() => bare.restore()),
  });
  wallet.close();
  return [
    rowOf({
      name: "restore-5MB",
      value: medians.ours,
      unit: "ms",
      peer: { name: "fetch, node:crypto, node:zlib, cborg", value: medians.bare },
      goal: ratioAtMost(1.5),
      note: "the peer fetches the same bytes from the same server, deciphers each chunk with keys derived beforehand, inflates it and decodes the records by cborg, the library that core builds on; it knows beforehand where each chunk lies, and checks nothing but the cipher's tags",
    }),
  ];
}

/** A chunk of a section in a download, with all that deciphering takes. */
interface Piece {
  start: number;
  end: number;
  key: KeyObject;
  nonce: Uint8Array;
  aad: Uint8Array;
}

function bareRestore(url: string, init: RequestInit) {
  let sections: Piece[][] = [];
  const fetchBytes = async () => new Uint8Array(await (await fetch(url, init)).arrayBuffer());
  return {
    fetch: fetchBytes,
    prepare(bundle: Uint8Array, keys: BackupKeys) {
      sections = sectionsOf(bundle, keys);
    },
    async restore() {
      const bundle = await fetchBytes();
      return sections.map((pieces) => decodeSequence(Buffer.concat(pieces.map((piece) => openPiece(bundle, piece)))));
    },
  };
}

function openPiece(bundle: Uint8Array, { start, end, key, nonce, aad }: Piece): Uint8Array {
  const decipher = createDecipheriv("chacha20-poly1305", key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(aad, { plaintextLength: end - start - TAG_BYTES });
  decipher.setAuthTag(bundle.subarray(end - TAG_BYTES, end));
  const frame = decipher.update(bundle.subarray(start, end - TAG_BYTES));
  decipher.final();
  const stored = frame.subarray(FRAME_HEAD_BYTES, FRAME_HEAD_BYTES + frame.readUInt32BE(5));
  return frame[0] === 1 ? inflateRawSync(stored) : stored;
}

function decodeSequence(body: Uint8Array): unknown[] {
  const records: unknown[] = [];
  for (let rest = body; rest.length > 0; ) {
    const [record, after] = decodeFirst(rest);
    records.push(record);
    rest = after;
  }
  return records;
}

/** By section that is cut into chunks, its chunks in their order. */
function sectionsOf(bundle: Uint8Array, keys: BackupKeys): Piece[][] {
  const { head, items } = decodeBundle(bundle);
  const sealed = new Map(items.map((item) => [idOf(item.id), item.sealed]));
  const sealedOf = (id: Uint8Array) => sealed.get(idOf(id)) as Uint8Array;
  const { manifest } = openManifest(encodeBundleHead(head), keys);
  return manifest.sections.flatMap((entry) => {
    if ("data" in entry) return [];
    let list: [Uint8Array, number][] = entry.chunks.map(({ id, size }) => [id, size]);
    for (let depth = entry.depth; depth > 0; depth--) {
      const parts = list.map(([id, size]) => openChunk(keys, id, size, sealedOf(id)));
      list = decodeSequence(Buffer.concat(parts)) as [Uint8Array, number][];
    }
    return [list.map(([id]) => pieceOf(sealedOf(id), id, { keys, wallet: head.wallet }))];
  });
}

function pieceOf(sealed: Uint8Array, id: Uint8Array, of: { keys: BackupKeys; wallet: Uint8Array }): Piece {
  const nonce = sealed.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES);
  return {
    start: sealed.byteOffset + HEADER_BYTES + NONCE_BYTES,
    end: sealed.byteOffset + sealed.length,
    key: innerKeyOf(subkeyOf(of.keys, "chunk"), nonce),
    nonce: Buffer.concat([new Uint8Array(4), nonce.subarray(16)]),
    aad: Buffer.concat([sealed.subarray(0, HEADER_BYTES), of.wallet, id]),
  };
}

/** Copies, so that they begin at the beginning of their memory. */
const words = (bytes: Uint8Array) => new Uint32Array(new Uint8Array(bytes).buffer);

function innerKeyOf(key: Uint8Array, nonce: Uint8Array): KeyObject {
  const derived = new Uint32Array(8);
  hchacha(words(Buffer.from("expand 32-byte k")), words(key), words(nonce.subarray(0, 16)), derived);
  return createSecretKey(new Uint8Array(derived.buffer));
}

function idOf(id: Uint8Array): string {
  return Buffer.from(id).toString("hex");
}
