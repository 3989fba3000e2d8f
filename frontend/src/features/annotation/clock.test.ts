import { expect, test } from "vitest";
import { Clock } from "./clock";

test("time adds up to what was there before, long pauses count as one minute", () => {
  const clock = new Clock(10, 0);
  clock.tick(2500);
  expect(clock.seconds()).toBe(12.5);
  clock.tick(2500 + 3_600_000);
  expect(clock.seconds()).toBe(72.5);
});

test("a hidden page does not count", () => {
  const clock = new Clock(0, 0);
  clock.tick(1000);
  clock.resume(500_000);
  clock.tick(501_000);
  expect(clock.seconds()).toBe(2);
});
