import { Readable } from "node:stream";

/** A JSON array of rows that are read in batches: it takes the same memory however many there are. */
export function jsonArrayStream<Row>(batches: AsyncIterable<readonly Row[]>, format: (row: Row) => unknown): Readable {
  async function* parts(): AsyncGenerator<string> {
    let separator = "[";
    for await (const rows of batches) {
      if (rows.length === 0) continue;
      yield separator + rows.map((row) => JSON.stringify(format(row))).join(",");
      separator = ",";
    }
    yield separator === "[" ? "[]" : "]";
  }
  return Readable.from(parts(), { objectMode: false });
}

/** Batches by key until one is not full. @param read up to `limit` rows from a key on; @param next the key after a row */
export async function* batchesOf<Row>(
  first: number,
  limit: number,
  read: (key: number) => Promise<Row[]>,
  next: (row: Row) => number,
): AsyncGenerator<Row[]> {
  let key = first;
  for (;;) {
    const rows = await read(key);
    yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < limit) return;
    key = next(last);
  }
}
