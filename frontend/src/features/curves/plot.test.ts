import { expect, test } from "vitest";
import type { Curves } from "@/api/types";
import { plotOf } from "./plot";

const point = (number: number, labels: number, hours: number) => ({
  version: number + 100,
  number,
  state: "retired" as const,
  labels,
  imported: 0,
  hours,
  entity_f1: 0.6 + number / 100,
  triple_f1: 0.3 + number / 100,
  measured_sentences: 50,
  trained_at: "2026-01-01T00:00:00Z",
});

const range = { value: 0.4, low: 0.35, high: 0.45 };
const measure = {
  next: range,
  gain: { value: 0.01, low: 0, high: 0.02 },
  band: [
    { labels: 300, hours: null, ...range },
    { labels: 400, hours: null, ...range },
  ],
};

const curves: Pick<Curves, "series" | "forecast"> = {
  series: [
    {
      model: "spert.v1",
      encoder: "words",
      speed: "quick",
      leads: true,
      points: [point(1, 100, 2), point(2, 300, 1)],
    },
    {
      model: "spert.v1",
      encoder: "words",
      speed: "full",
      leads: false,
      points: [point(3, 200, 3)],
    },
    { model: "iser.v1", encoder: "words", speed: "full", leads: false, points: [] },
  ],
  forecast: {
    ahead: 100,
    fewest: 3,
    points: 3,
    missing: null,
    wide: true,
    measures: { entity_f1: measure, triple_f1: measure },
  },
};
const speeds = { quick: "Quick", full: "Full" };

test("only series that differ in nothing but speed are named by it", () => {
  const names = plotOf(curves, "labels", "triple_f1", speeds).series.map(({ name }) => name);
  expect(names).toEqual(["spert.v1 · words · Quick", "spert.v1 · words · Full", "iser.v1 · words"]);
});

test("points stand in the order of the axis they are shown over", () => {
  const over = (what: "labels" | "hours") =>
    plotOf(curves, what, "entity_f1", speeds).series[0]?.points.map(({ said }) => said.number);
  expect(over("labels")).toEqual([1, 2]);
  expect(over("hours")).toEqual([2, 1]);
});

test("the axes hold points and band; a band without hours is left out over hours", () => {
  const plot = plotOf(curves, "labels", "triple_f1", speeds);
  expect(plot.across.low).toBe(0);
  expect(plot.across.high).toBe(400);
  expect(plot.up.low).toBeLessThanOrEqual(0.31);
  expect(plot.up.high).toBeGreaterThanOrEqual(0.45);
  expect(plot.band).toHaveLength(2);
  expect(plotOf(curves, "hours", "triple_f1", speeds).band).toEqual([]);
});

test("without any version there is an empty plot with axes", () => {
  const empty = { series: [], forecast: { ...curves.forecast, measures: null } };
  const plot = plotOf(empty, "hours", "triple_f1", speeds);
  expect(plot.series).toEqual([]);
  expect(plot.up.ticks.length).toBeGreaterThan(1);
});
