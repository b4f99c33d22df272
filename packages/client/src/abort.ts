/** `signal.throwIfAborted()`, which the signals of React Native do not have. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw reasonOf(signal);
}

/** Waits for what others wait for too, so that it goes on without who leaves. @throws `signal.reason` */
export function unlessAborted<T>(shared: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return shared;
  return new Promise((resolve, reject) => {
    const abort = () => reject(reasonOf(signal));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
    void shared.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/** Why it was aborted. React Native's signals do not say. */
export function reasonOf(signal: AbortSignal): unknown {
  return signal.reason ?? Object.assign(new Error("The call was aborted"), { name: "AbortError" });
}
