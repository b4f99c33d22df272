import { createServer } from "@cloudbackup/server";
import { expect, it } from "vitest";
import { FUZZED_ROUTES } from "../src/targets/server-requests.ts";

it("has a request for every route of the server", async () => {
  const app = await createServer({ dataDir: "unused", database: ":memory:", logLevel: "silent" });
  const routes = routesOf(app.printRoutes({ commonPrefix: false }));
  await app.close();
  expect(routes.length).toBeGreaterThan(20);
  // CORS and the pages' HEAD are the framework's; what is odd about a method comes up with every request.
  expect(routes.filter((route) => !/^(OPTIONS|HEAD) /.test(route)).sort()).toEqual([...FUZZED_ROUTES].sort());
});

/** `POST /v1/users`, from the tree that the framework prints: four characters for each level, then a part of the path. */
function routesOf(tree: string): string[] {
  const parts: string[] = [];
  return tree.split("\n").flatMap((line) => {
    const [, indent = "", part = "", methods] = /^([│├└─ ]*)(.*?)(?: \((.*)\))?$/.exec(line) ?? [];
    parts.splice(indent.length / 4 - 1, Number.POSITIVE_INFINITY, part);
    return methods ? methods.split(", ").map((method) => `${method} ${parts.join("")}`) : [];
  });
}
