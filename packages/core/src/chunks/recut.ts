import { sharedEnd, sharedStart } from "../bytes.ts";
import { type CutRow, cutLength } from "./chunker.ts";
import type { ChunkRef } from "./manifest.ts";

/** A body, and the chunks that it was cut into. */
export interface CutBody {
  readonly body: Uint8Array;
  readonly list: readonly ChunkRef[];
}

/**
 * Cuts a body and names its chunks, which for those that an earlier body has in the same place is done already.
 *
 * Where a chunk ends follows from the bytes from its start on, and from nothing before it. So
 *
 * - the chunks that lie whole in what both bodies begin with are the same, but for the earlier body's last one, which its
 *   end may have ended;
 * - from a start on from which both bodies are the same up to their ends, all chunks are the same.
 *
 * @param name gives the id of a chunk
 */
export function recutChunks(
  body: Uint8Array,
  gear: Int32Array,
  row: CutRow,
  before: CutBody | undefined,
  name: (chunk: Uint8Array) => Uint8Array,
): ChunkRef[] {
  const list: ChunkRef[] = [];
  let start = 0;
  const take = (ref: ChunkRef) => {
    list.push(ref);
    start += ref.size;
  };
  const alike = before ? sharedStart(before.body, body) : 0;
  for (const ref of before?.list.slice(0, -1) ?? []) {
    if (start + ref.size > alike) break;
    take(ref);
  }
  const tail = before ? tailOf(before, sharedEnd(before.body, body, shorter(before.body, body) - alike)) : undefined;
  while (start < body.length) {
    const known = tail?.get(body.length - start);
    if (before && known !== undefined) return [...list, ...before.list.slice(known)];
    const chunk = body.subarray(start, start + cutLength(body, start, gear, row));
    take({ id: name(chunk), size: chunk.length });
  }
  return list;
}

/** Of the chunks that lie whole in the last `bytes`, their places in the list, by the bytes from their start to the end. */
function tailOf({ list }: CutBody, bytes: number): Map<number, number> {
  const tail = new Map<number, number>();
  let left = 0;
  for (let i = list.length - 1; i >= 0; i--) {
    left += (list[i] as ChunkRef).size;
    if (left > bytes) break;
    tail.set(left, i);
  }
  return tail;
}

function shorter(a: Uint8Array, b: Uint8Array): number {
  return Math.min(a.length, b.length);
}
