import type { Fetch } from "../../src/options.ts";

/** The package that React Native has these of, in that version. */
export { AbortController, AbortSignal } from "abort-controller";

/**
 * React Native's `fetch`, a polyfill over its `XMLHttpRequest`: answers have no streams, arrive whole and tell less;
 * redirects are followed, whatever is asked for; a signal is listened to, and not asked for its reason.
 *
 * @see https://github.com/JakeChampion/fetch
 */
export const reactNativeFetch: Fetch = async (url, { method = "GET", headers = {}, body, signal }) => {
  const native = new NativeAbortController();
  const aborted = new Promise<never>((_, reject) => {
    signal?.addEventListener("abort", () => {
      native.abort();
      reject(Object.assign(new Error("Aborted"), { name: "AbortError" }));
    });
  });
  aborted.catch(() => undefined);
  const init: RequestInit = { method, headers, signal: native.signal };
  if (body) init.body = body;
  const answer = await Promise.race([fetch(url, init), aborted]);
  return {
    type: "default",
    status: answer.status,
    ok: answer.ok,
    url: answer.url,
    headers: answer.headers,
    arrayBuffer: () => Promise.race([answer.arrayBuffer(), aborted]),
  } as Response;
};

/** Node's own, also while a test puts another in its place. */
const NativeAbortController = AbortController;
