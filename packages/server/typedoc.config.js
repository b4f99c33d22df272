import { PROBLEMS } from "./src/errors.ts";

const fields = ["", ".__type.status", ".__type.title", ".__type.retryable"];

export default {
  entryPoints: ["src/index.ts"],
  // Each says itself what it means, and docs/errors.md explains it.
  intentionallyNotDocumented: Object.keys(PROBLEMS).flatMap((code) =>
    fields.map((field) => `PROBLEMS.__type.${code}${field}`),
  ),
};
