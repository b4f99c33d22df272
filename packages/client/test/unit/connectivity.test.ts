import { afterEach, expect, it, vi } from "vitest";
import { platformConnectivity } from "../../src/connectivity.ts";

afterEach(() => vi.unstubAllGlobals());

it("takes a platform as online that does not say", () => {
  for (const navigator of [undefined, {}, { onLine: true }]) {
    vi.stubGlobal("navigator", navigator);
    expect(platformConnectivity.isOnline()).toBe(true);
  }
  vi.stubGlobal("navigator", { onLine: false });
  expect(platformConnectivity.isOnline()).toBe(false);
});

it("listens where the platform tells of changes, until nobody wants to know", () => {
  const page = new EventTarget();
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
  vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page));
  const listener = vi.fn();
  const forget = platformConnectivity.onChange(listener);
  page.dispatchEvent(new Event("offline"));
  page.dispatchEvent(new Event("online"));
  expect(listener).toHaveBeenCalledTimes(2);
  forget();
  page.dispatchEvent(new Event("offline"));
  expect(listener).toHaveBeenCalledTimes(2);
});

it("listens to nothing where there are no such events", () => {
  vi.stubGlobal("addEventListener", undefined);
  vi.stubGlobal("removeEventListener", undefined);
  platformConnectivity.onChange(() => undefined)();
});
