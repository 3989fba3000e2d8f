// Axes of a plot: round ticks that hold all values, and places between two ends.

const STEPS = [1, 2, 2.5, 5, 10];

export interface Axis {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
}

function niceStep(span: number, count: number): number {
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = STEPS.find((step) => step * power >= rough * 0.999) ?? 10;
  return factor * power;
}

/** Round ticks about the values; at least `least` apart from end to end, never below `floor`. */
export function axisOf(
  values: readonly number[],
  { count = 5, least = 0.1, floor = 0 }: { count?: number; least?: number; floor?: number } = {},
): Axis {
  const found = values.filter(Number.isFinite);
  const lowest = found.length === 0 ? floor : Math.min(...found);
  const highest = found.length === 0 ? floor + least : Math.max(...found);
  const lack = Math.max(0, least - (highest - lowest)) / 2;
  const step = niceStep(Math.max(highest - lowest, least), count);
  const first = Math.max(Math.floor(floor / step), Math.floor((lowest - lack) / step + 1e-9));
  const last = Math.max(first + 1, Math.ceil((highest + lack) / step - 1e-9));
  const ticks = Array.from({ length: last - first + 1 }, (_, at) => clean((first + at) * step));
  return { low: clean(first * step), high: clean(last * step), ticks };
}

/** 0.30000000000000004 is 0.3. */
function clean(value: number): number {
  return Number(value.toPrecision(12));
}

/** Where a value lies between two ends of the picture. */
export function place(axis: Axis, value: number, from: number, to: number): number {
  return from + ((value - axis.low) / (axis.high - axis.low)) * (to - from);
}
