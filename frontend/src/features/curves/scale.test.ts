import fc from "fast-check";
import { expect, test } from "vitest";
import { axisOf, place } from "./scale";

const values = fc.array(fc.double({ min: 0, max: 5000, noNaN: true }), { minLength: 1 });

test("an axis holds every value between round ticks", () => {
  fc.assert(
    fc.property(values, (found) => {
      const axis = axisOf(found);
      expect(axis.low).toBeLessThanOrEqual(Math.min(...found) + 1e-6);
      expect(axis.high).toBeGreaterThanOrEqual(Math.max(...found) - 1e-6);
      expect(axis.ticks.length).toBeGreaterThan(1);
      expect(axis.ticks.length).toBeLessThanOrEqual(9);
      expect(axis.ticks[0]).toBe(axis.low);
      expect(axis.ticks.at(-1)).toBe(axis.high);
    }),
  );
});

test("ticks are numbers that one would write", () => {
  expect(axisOf([0.31, 0.52]).ticks).toEqual([0.3, 0.35, 0.4, 0.45, 0.5, 0.55]);
  expect(axisOf([0, 434]).ticks).toEqual([0, 100, 200, 300, 400, 500]);
  expect(axisOf([]).ticks[0]).toBe(0);
});

test("one value, or values close together, still have an axis with room", () => {
  const axis = axisOf([0.5]);
  expect(axis.high - axis.low).toBeGreaterThanOrEqual(0.1);
  expect(axisOf([0.01]).low).toBe(0);
});

test("the ends of an axis lie at the ends of the picture", () => {
  const axis = axisOf([0, 100]);
  expect(place(axis, 0, 40, 600)).toBe(40);
  expect(place(axis, axis.high, 40, 600)).toBe(600);
  expect(place(axis, axis.high / 2, 300, 20)).toBe(160);
});
