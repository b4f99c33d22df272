import { webcrypto } from "node:crypto";
import { createContext, runInContext } from "node:vm";
import { AbortController, reactNativeFetch } from "../../packages/client/test/support/react-native.ts";

/** What engines have in ES2023 and later, which the language of a React Native app (Hermes, Babel) is not asked for. */
const LATER = `"use strict";
  const later = [
    [Array, "fromAsync"], [Promise, "withResolvers"], [Promise, "try"], [Object, "groupBy"], [Map, "groupBy"],
    [Uint8Array, "fromBase64"], [Uint8Array, "fromHex"],
    [Error, "isError"], [RegExp, "escape"], [Math, "sumPrecise"], [globalThis, "Iterator"],
    [globalThis, "WebAssembly"], [globalThis, "SharedArrayBuffer"], [globalThis, "Atomics"], [globalThis, "Intl"],
    [globalThis, "FinalizationRegistry"], [globalThis, "WeakRef"], [globalThis, "console"],
    [globalThis, "DisposableStack"], [globalThis, "AsyncDisposableStack"], [globalThis, "SuppressedError"],
    ...["toSorted", "toReversed", "toSpliced", "with", "findLast", "findLastIndex"].flatMap((name) =>
      [[Array.prototype, name], [Object.getPrototypeOf(Uint8Array.prototype), name]]),
    ...["toBase64", "toHex", "setFromBase64", "setFromHex"].map((name) => [Uint8Array.prototype, name]),
    ...["isWellFormed", "toWellFormed"].map((name) => [String.prototype, name]),
    ...["resize", "transfer", "transferToFixedLength"].map((name) => [ArrayBuffer.prototype, name]),
    ...["union", "intersection", "difference", "symmetricDifference", "isSubsetOf", "isSupersetOf", "isDisjointFrom"]
      .map((name) => [Set.prototype, name]),
  ];
  for (const [owner, name] of later) delete owner[name];

  // What \`Symbol\` has cannot be deleted: one that lacks it takes its place.
  const { Symbol: All } = globalThis;
  const Some = (description) => All(description);
  const lacking = ["dispose", "asyncDispose", "asyncIterator"];
  for (const name of Object.getOwnPropertyNames(All).filter((name) => name !== "length" && name !== "name")) {
    if (!lacking.includes(name)) Some[name] = All[name];
  }
  globalThis.Symbol = Some;
`;

/** As React Native and its polyfills have them. What gives out bytes gives those of the place where it runs. */
const PLATFORM: Record<string, (inside: { Uint8Array: Uint8ArrayConstructor }) => unknown> = {
  AbortController: () => AbortController,
  TextDecoder: () => TextDecoder,
  TextEncoder: (inside) =>
    class {
      encode(text: string): Uint8Array {
        return new inside.Uint8Array(new TextEncoder().encode(text));
      }
    },
  URL: () => URL,
  btoa: () => btoa,
  clearTimeout: () => clearTimeout,
  crypto: () => ({ getRandomValues: (bytes: Uint8Array<ArrayBuffer>) => webcrypto.getRandomValues(bytes) }),
  fetch: () => (url: string, init: RequestInit) => {
    const answer = reactNativeFetch(url, init);
    // Where timers are missing, nobody comes to await it.
    answer.catch(() => undefined);
    return answer;
  },
  setTimeout: () => setTimeout,
};

/** A place to run a script in that has the language, the globals that are named, and nothing else. */
export class Place {
  /** Globals that were looked up so far. */
  readonly used = new Set<string>();
  readonly #context: object;

  /** @throws Error for a global that it does not know how to make */
  constructor(names: readonly string[]) {
    this.#context = createContext(Object.create(null));
    runInContext(LATER, this.#context);
    const inside = { Uint8Array: runInContext("Uint8Array", this.#context) };
    for (const name of names) {
      const make = PLATFORM[name];
      if (!make) throw new Error(`Nobody has said here what ${name} is in React Native`);
      const value = make(inside);
      const get = () => {
        this.used.add(name);
        return value;
      };
      Object.defineProperty(this.#context, name, { get, configurable: true, enumerable: false });
    }
  }

  run(script: string): unknown {
    return runInContext(script, this.#context);
  }
}
