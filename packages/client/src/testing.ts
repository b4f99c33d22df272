/**
 * `@cloudbackup/client/testing`: a server in memory for a wallet's own tests.
 *
 * @module testing
 */
export type { TestFailureOptions, TestFaultOptions, TestRequest } from "./testing/faults.ts";
export type { TestProblemCode } from "./testing/problems.ts";
export {
  createTestServer,
  type TestServer,
  type TestServerOptions,
  type TestSnapshot,
} from "./testing/test-server.ts";
