// A small line plot: one quantity over the epochs, drawn as plain SVG.

export interface Point {
  readonly x: number;
  readonly y: number;
}

interface CurveProps {
  readonly title: string;
  readonly points: readonly Point[];
  /** The top of the scale; the highest point where it is not given. */
  readonly top?: number;
  readonly format: (value: number) => string;
}

const WIDTH = 300;
const HEIGHT = 110;
const LEFT = 44;
const FOOT = 20;
const HEAD = 8;

export function Curve({ title, points, top, format }: CurveProps) {
  const last = points.at(-1);
  const highest = top ?? Math.max(...points.map(({ y }) => y), 1e-9);
  const farthest = Math.max(...points.map(({ x }) => x), 2);
  const x = (value: number) => LEFT + ((value - 1) / (farthest - 1)) * (WIDTH - LEFT - 10);
  const y = (value: number) => HEIGHT - FOOT - (value / highest) * (HEIGHT - FOOT - HEAD);
  const line = points.map((one) => `${x(one.x).toFixed(1)},${y(one.y).toFixed(1)}`).join(" ");
  return (
    <figure className="curve">
      <figcaption>
        {title} {last === undefined ? null : <b className="numbers">{format(last.y)}</b>}
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={title}>
        <path className="axis" d={`M${LEFT} ${HEAD}V${HEIGHT - FOOT}H${WIDTH - 8}`} />
        <text x={LEFT - 6} y={HEAD + 8} textAnchor="end">
          {format(highest)}
        </text>
        <text x={LEFT - 6} y={HEIGHT - FOOT} textAnchor="end">
          0
        </text>
        <text x={LEFT} y={HEIGHT - 5}>
          1
        </text>
        <text x={WIDTH - 10} y={HEIGHT - 5} textAnchor="end">
          {farthest}
        </text>
        <polyline points={line} />
        {last === undefined ? null : <circle cx={x(last.x)} cy={y(last.y)} r="3.5" />}
      </svg>
    </figure>
  );
}
