import { expect, test } from "vitest";
import { isUnattended, watchAttention } from "./attention";

test("a page is unattended a minute after the last touch", () => {
  const page = new EventTarget();
  watchAttention(page);
  page.dispatchEvent(new Event("keydown"));
  const now = Date.now();
  expect(isUnattended(now + 59_000)).toBe(false);
  expect(isUnattended(now + 61_000)).toBe(true);
});
