import { expect, it } from "vitest";
import { defaultPrimitives } from "../../../src/primitives/default.ts";
import { nativePrimitives } from "../../../src/primitives/native.ts";
import { portablePrimitives } from "../../../src/primitives/portable.ts";

it("runs on the primitives that the project is for", ({ task }) => {
  const isPortable = task.file.projectName === "core, portable";
  expect(defaultPrimitives).toBe(isPortable ? portablePrimitives : nativePrimitives);
});
