import { parentPort } from "node:worker_threads";
import { Client, type Dispatcher } from "undici";
import type { Load, LoadRequest, LoadResult } from "./load.ts";

/** Runs one load after the other, for who sends them. */
parentPort?.on("message", async (load: Load) => {
  try {
    parentPort?.postMessage(await run(load));
  } catch (error) {
    parentPort?.postMessage({ failure: error instanceof Error ? error.message : String(error) });
  }
});

async function run({ origin, lanes }: Load): Promise<LoadResult> {
  const clients = lanes.map(() => new Client(origin, { pipelining: 1 }));
  const start = performance.now();
  const bytes = await Promise.all(lanes.map((lane, i) => runLane(clients[i] as Client, lane)));
  const ms = performance.now() - start;
  await Promise.all(clients.map((client) => client.close()));
  return {
    ms,
    requests: lanes.reduce((count, lane) => count + lane.length, 0),
    bytesReceived: bytes.reduce((sum, each) => sum + each, 0),
  };
}

/** One request after the other. Resolves with the bytes of the answers' bodies. */
function runLane(client: Client, lane: readonly LoadRequest[]): Promise<number> {
  let next = 0;
  let bytes = 0;
  return new Promise((resolve, reject) => {
    const send = () => {
      const request = lane[next++];
      if (!request) return resolve(bytes);
      const { method, path, headers, body, status } = request;
      let answer = "";
      let isRight = false;
      const handler: Dispatcher.DispatchHandler = {
        onRequestStart() {},
        onResponseStart(_controller, statusCode) {
          isRight = statusCode === status;
        },
        onResponseData(_controller, part) {
          bytes += part.length;
          if (!isRight) answer += part;
        },
        onResponseEnd() {
          if (isRight) send();
          else reject(new Error(`${method} ${path} was not answered by ${status}: ${answer}`));
        },
        onResponseError(_controller, error) {
          reject(error);
        },
      };
      client.dispatch({ method, path, headers, body }, handler);
    };
    send();
  });
}
