import { Problem, problemAnswer, type TestProblemCode } from "./problems.ts";

/** A request as a test sees it. */
export interface TestRequest {
  /** `GET`, `POST`, `DELETE`. */
  readonly method: string;
  /** Below the server's URL, with the query: `/v1/wallets/…/backups/latest`. */
  readonly path: string;
}

/** Which requests a fault is for. */
export interface TestFaultOptions {
  /** How many of them; 1 by default. */
  times?: number | undefined;
  /**
   * Which ones; by default any.
   *
   * @param request that has come
   */
  only?: ((request: TestRequest) => boolean) | undefined;
}

/** An answer that stands in for the server's own. */
export interface TestFailureOptions extends TestFaultOptions {
  /** How long the server asks to wait, whole seconds. */
  retryAfterSeconds?: number | undefined;
}

interface Fault {
  left: number;
  only: (request: TestRequest) => boolean;
  /** Undefined: the reply is lost. */
  failure: { code: TestProblemCode; headers: Record<string, string> } | undefined;
}

/** What a test has asked to go wrong. */
export class Faults {
  #faults: Fault[] = [];

  failNext(code: TestProblemCode, options: TestFailureOptions): void {
    const { retryAfterSeconds: seconds, ...rest } = options;
    this.#add({ code, headers: seconds === undefined ? {} : { "retry-after": `${seconds}` } }, rest);
  }

  loseNextReply(options: TestFaultOptions): void {
    this.#add(undefined, options);
  }

  /** What is wrong with this request: the answer instead of the server's own, or that its reply is lost. */
  of(request: TestRequest, requestId: string): Response | "lost" | null {
    const fault = this.#faults.find(({ only }) => only(request));
    if (!fault) return null;
    fault.left--;
    this.#faults = this.#faults.filter(({ left }) => left > 0);
    if (!fault.failure) return "lost";
    const { code, headers } = fault.failure;
    return problemAnswer(new Problem(code, undefined, { headers }), requestId);
  }

  #add(failure: Fault["failure"], { times = 1, only = () => true }: TestFaultOptions): void {
    if (!Number.isSafeInteger(times) || times < 1) throw new RangeError("times must be a number from 1");
    this.#faults.push({ left: times, only, failure });
  }
}
