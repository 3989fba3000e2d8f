// What the curve shows: points, lines and the forecast's band, over sentences or over hours.
import type { Curves } from "@/api/types";
import { axisOf } from "./scale";
import type { Axis } from "./scale";

export type Over = "labels" | "hours";
export type Measure = "triple_f1" | "entity_f1";
export type CurvePoint = Curves["series"][number]["points"][number];

export interface PlotPoint {
  readonly x: number;
  readonly y: number;
  readonly said: CurvePoint;
}

export interface PlotSeries {
  readonly name: string;
  readonly leads: boolean;
  readonly points: readonly PlotPoint[];
}

export interface PlotBand {
  readonly x: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface Plot {
  readonly series: readonly PlotSeries[];
  readonly band: readonly PlotBand[];
  readonly across: Axis;
  readonly up: Axis;
}

type Named = Pick<Curves["series"][number], "model" | "encoder" | "speed">;

/** Model and encoder, and the speed where two series differ in nothing else. */
function nameOf(one: Named, all: readonly Named[], speeds: Readonly<Record<string, string>>) {
  const same = all.filter(({ model, encoder }) => model === one.model && encoder === one.encoder);
  const base = `${one.model} · ${one.encoder}`;
  return same.length > 1 ? `${base} · ${speeds[one.speed] ?? one.speed}` : base;
}

export function plotOf(
  curves: Pick<Curves, "series" | "forecast">,
  over: Over,
  measure: Measure,
  speeds: Readonly<Record<string, string>>,
): Plot {
  const series = curves.series.map((one) => ({
    name: nameOf(one, curves.series, speeds),
    leads: one.leads,
    points: one.points
      .map((said) => ({ x: said[over], y: said[measure], said }))
      .sort((a, b) => a.x - b.x || a.said.number - b.said.number),
  }));
  const band = (curves.forecast.measures?.[measure].band ?? []).flatMap((one) => {
    const x = one[over];
    return x === null ? [] : [{ x, value: one.value, low: one.low, high: one.high }];
  });
  const points = series.flatMap((one) => one.points);
  const xs = [0, ...points.map(({ x }) => x), ...band.map(({ x }) => x)];
  const ys = [...points.map(({ y }) => y), ...band.flatMap(({ low, high }) => [low, high])];
  return {
    series,
    band,
    across: axisOf(xs, { count: 6, least: over === "labels" ? 10 : 0.1 }),
    up: axisOf(ys),
  };
}
