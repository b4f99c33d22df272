/**
 * `@cloudbackup/client/testing`: a server in memory for a wallet's own tests, and hostile ones.
 *
 * @module testing
 */
export type { TestFailureOptions, TestFaultOptions, TestRequest } from "./testing/faults.ts";
export type { Attack, AttackedCall } from "./testing/hostile/attack.ts";
export { ATTACKS, hostile } from "./testing/hostile/hostile.ts";
export type { TestProblemCode } from "./testing/problems.ts";
export {
  createTestServer,
  type TestServer,
  type TestServerOptions,
  type TestSnapshot,
} from "./testing/test-server.ts";
