import { expect, it } from "vitest";
import { chromiumPath } from "../chromium.mjs";
import { SetupError } from "../setup.mjs";

const nowhere = () => false;

it("takes the browser that a person names, else Debian's", () => {
  const anywhere = () => true;
  expect(chromiumPath({ CLOUDBACKUP_CHROMIUM: "/opt/chrome" }, anywhere)).toBe("/opt/chrome");
  expect(chromiumPath({}, anywhere)).toBe("/usr/bin/chromium");
});

it("says what to install where there is none", () => {
  expect(() => chromiumPath({}, nowhere)).toThrow(SetupError);
  expect(() => chromiumPath({}, nowhere)).toThrow(/no Chromium at \/usr\/bin\/chromium.*apt-get install chromium/);
});

it("does not take another than the one that a person names", () => {
  const debiansOnly = (path: unknown) => path === "/usr/bin/chromium";
  expect(() => chromiumPath({ CLOUDBACKUP_CHROMIUM: "/opt/chrome" }, debiansOnly)).toThrow(
    "CLOUDBACKUP_CHROMIUM names /opt/chrome, which is not there",
  );
});
