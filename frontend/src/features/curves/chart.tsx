// The learning curve as a picture: axes, one line a series, the forecast's band, points to pick.
import type { KeyboardEvent } from "react";
import { Mark } from "./mark";
import type { Plot, PlotPoint } from "./plot";
import { place } from "./scale";

const WIDTH = 800;
const HEIGHT = 330;
const LEFT = 58;
const RIGHT = 16;
const HEAD = 14;
const FOOT = 54;
const KINDS = 4;

interface ChartProps {
  readonly plot: Plot;
  readonly title: string;
  readonly across: string;
  readonly picked: number | null;
  readonly words: (point: PlotPoint, series: string) => string;
  readonly tick: (value: number) => string;
  readonly share: (value: number) => string;
  readonly onPick: (version: number) => void;
}

export function Chart(props: ChartProps) {
  const { plot, title, across, picked, words, tick, share, onPick } = props;
  const x = (value: number) => place(plot.across, value, LEFT, WIDTH - RIGHT);
  const y = (value: number) => place(plot.up, value, HEIGHT - FOOT, HEAD);
  const spot = (at: number, value: number) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`;
  const all = plot.series.flatMap(({ points }) => points);
  const move = (event: KeyboardEvent<SVGGElement>) => {
    const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const at = all.findIndex(({ said }) => said.version === picked);
    const next = all[(at + by + all.length) % all.length];
    if (next === undefined) return;
    onPick(next.said.version);
    event.currentTarget
      .querySelector<SVGGElement>(`[data-version="${next.said.version}"]`)
      ?.focus();
  };
  const lows = [...plot.band].reverse().map((one) => spot(one.x, one.low));
  const band = [...plot.band.map((one) => spot(one.x, one.high)), ...lows].join(" ");
  return (
    <svg className="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} data-testid="chart">
      <g aria-hidden="true">
        {plot.up.ticks.map((value) => (
          <g key={value}>
            <path className="grid" d={`M${LEFT} ${y(value)}H${WIDTH - RIGHT}`} />
            <text x={LEFT - 8} y={y(value) + 4} textAnchor="end">
              {share(value)}
            </text>
          </g>
        ))}
        {plot.across.ticks.map((value) => (
          <text key={value} x={x(value)} y={HEIGHT - FOOT + 20} textAnchor="middle">
            {tick(value)}
          </text>
        ))}
        <text
          className="axis-name"
          x={(LEFT + WIDTH - RIGHT) / 2}
          y={HEIGHT - 8}
          textAnchor="middle"
        >
          {across}
        </text>
        <path className="axis" d={`M${LEFT} ${HEAD}V${HEIGHT - FOOT}H${WIDTH - RIGHT}`} />
        {plot.band.length === 0 ? null : (
          <>
            <polygon className="band" points={band} />
            <polyline
              className="band-line"
              points={plot.band.map((one) => spot(one.x, one.value)).join(" ")}
            />
          </>
        )}
        {plot.series.map((one, kind) => (
          <polyline
            key={one.name}
            className={`line kind-${kind % KINDS}`}
            points={one.points.map((point) => spot(point.x, point.y)).join(" ")}
          />
        ))}
      </g>
      <g role="radiogroup" aria-label={title} onKeyDown={move}>
        {plot.series.map((one, kind) =>
          one.points.map((point) => {
            const isPicked = point.said.version === picked;
            return (
              <g
                key={point.said.version}
                role="radio"
                aria-checked={isPicked}
                aria-label={words(point, one.name)}
                tabIndex={isPicked ? 0 : -1}
                className={`point kind-${kind % KINDS}`}
                data-version={point.said.version}
                transform={`translate(${spot(point.x, point.y)})`}
                onClick={() => onPick(point.said.version)}
                onMouseEnter={() => onPick(point.said.version)}
              >
                <circle className="reach" r="14" />
                <Mark kind={kind % KINDS} />
              </g>
            );
          }),
        )}
      </g>
    </svg>
  );
}
