/** Work that stops in between, so that whoever does it can do something else. `Step` says where it stands. */
export type Steps<Step, Result> = Generator<Step, Result, void>;

/** Does all of it at once. */
export function finish<Result>(steps: Steps<unknown, Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
