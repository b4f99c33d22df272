import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** One request, made whole before the clock starts. */
export interface LoadRequest {
  method: "GET" | "POST" | "PUT";
  path: string;
  /** Names and values in turn. */
  headers: string[];
  body: Uint8Array | null;
  /** Of the answer; any other one ends the measurement. */
  status: number;
}

export interface Load {
  /** `http://127.0.0.1:1234` */
  origin: string;
  /** For each connection the requests that it makes, one after the other. */
  lanes: LoadRequest[][];
}

export interface LoadResult {
  ms: number;
  requests: number;
  bytesReceived: number;
}

/** Makes requests in a thread of its own, the same way of every server that is measured. */
export class LoadGenerator implements AsyncDisposable {
  readonly #worker = new Worker(new URL("./load-worker.ts", import.meta.url));

  async run(load: Load): Promise<LoadResult> {
    this.#worker.postMessage(load);
    const [result] = (await once(this.#worker, "message")) as [LoadResult | { failure: string }];
    if ("failure" in result) throw new Error(`the load on ${load.origin} failed: ${result.failure}`);
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}

/** Requests a second. */
export const rateOf = ({ requests, ms }: LoadResult): number => requests / (ms / 1000);
