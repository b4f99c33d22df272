import { createCipheriv, createDecipheriv, createSecretKey } from "node:crypto";
// Below the public interface, which seals whole backups only.
import { chunkIdOf, openChunk, sealChunk } from "../../../packages/core/src/envelope/envelope.ts";
import { deriveBackupKeys, NO_REALM } from "../../../packages/core/src/keys/backup-keys.ts";
import { portablePrimitives } from "../../../packages/core/src/primitives/portable.ts";
import type { Primitives } from "../../../packages/core/src/primitives/primitives.ts";
import { type Benchmark, interleave, throughputMiB } from "../benchmark.ts";
import { pseudoRandom, pseudoRandomBytes } from "../bytes.ts";
import { ratioAtLeast, rowOf } from "../row.ts";

const ROUNDS = 9;
const CHUNK_BYTES = 64 * 1024;
const CHUNKS = 16;
const TOTAL_BYTES = CHUNK_BYTES * CHUNKS;
const UNIT = "MiB/s";
const PEER = "node:crypto chacha20-poly1305";

/** Ids, frames and boxes of 1 MiB of chunks that do not compress, beside the bare cipher over the same bytes. */
export const sealing: Benchmark = {
  names: ["seal-1MiB", "seal-1MiB-portable", "open-1MiB", "open-1MiB-portable"],
  async run() {
    const native = wayOf();
    const portable = wayOf(portablePrimitives);
    const bare = bareCipher();
    const throughput = (work: () => void) => () => throughputMiB(TOTAL_BYTES, work);
    const medians = await interleave(ROUNDS, {
      seal: throughput(native.seal),
      sealPortable: throughput(portable.seal),
      sealBare: throughput(bare.seal),
      open: throughput(native.open),
      openPortable: throughput(portable.open),
      openBare: throughput(bare.open),
    });
    const sealPeer = { name: PEER, value: medians.sealBare };
    const openPeer = { name: PEER, value: medians.openBare };
    const goal = ratioAtLeast(0.3);
    return [
      rowOf({ name: "seal-1MiB", value: medians.seal, unit: UNIT, peer: sealPeer, goal }),
      rowOf({ name: "seal-1MiB-portable", value: medians.sealPortable, unit: UNIT, peer: sealPeer }),
      rowOf({ name: "open-1MiB", value: medians.open, unit: UNIT, peer: openPeer, goal }),
      rowOf({ name: "open-1MiB-portable", value: medians.openPortable, unit: UNIT, peer: openPeer }),
    ];
  },
};

function chunksOf(): Uint8Array[] {
  return Array.from({ length: CHUNKS }, (_, i) => pseudoRandomBytes(CHUNK_BYTES, i));
}

/** What core does with a chunk, by its own or by the portable primitives. */
function wayOf(primitives?: Primitives) {
  const keys = deriveBackupKeys(pseudoRandomBytes(64, 1), NO_REALM, { primitives });
  const random = pseudoRandom(2);
  const chunks = chunksOf();
  const sealed = chunks.map((chunk) => {
    const id = chunkIdOf(keys, chunk);
    return { id, bytes: sealChunk(keys, id, chunk, random) };
  });
  return {
    seal() {
      for (const chunk of chunks) sealChunk(keys, chunkIdOf(keys, chunk), chunk, random);
    },
    open() {
      for (const { id, bytes } of sealed) openChunk(keys, id, CHUNK_BYTES, bytes);
    },
  };
}

/** The same bytes through OpenSSL's cipher, and nothing else. */
function bareCipher() {
  // A KeyObject: of bytes Node would first find out that they are none, which takes as long as a small chunk.
  const key = createSecretKey(pseudoRandomBytes(32, 3));
  const nonce = new Uint8Array(12);
  const options = { authTagLength: 16 };
  const sealOne = (chunk: Uint8Array) => {
    const cipher = createCipheriv("chacha20-poly1305", key, nonce, options);
    const box = cipher.update(chunk);
    cipher.final();
    return { box, tag: cipher.getAuthTag() };
  };
  const chunks = chunksOf();
  const sealed = chunks.map(sealOne);
  return {
    seal() {
      for (const chunk of chunks) sealOne(chunk);
    },
    open() {
      for (const { box, tag } of sealed) {
        const decipher = createDecipheriv("chacha20-poly1305", key, nonce, options);
        decipher.setAuthTag(tag);
        decipher.update(box);
        decipher.final();
      }
    },
  };
}
