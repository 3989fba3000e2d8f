// Puts entities under the text they cover: in pieces where a line breaks, in lanes where they nest.
import { xOf } from "./lines";
import type { Line } from "./lines";

export interface SpanIn {
  readonly id: string;
  readonly start: number;
  readonly end: number;
  readonly labelWidth: number;
}

export interface Piece {
  readonly id: string;
  readonly line: number;
  readonly x: number;
  readonly width: number;
  readonly lane: number;
  /** The piece that carries the label. */
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

const GAP = 4;
type Unplaced = Omit<Piece, "lane"> & { readonly reach: number };

function piecesOf(span: SpanIn, lines: readonly Line[]): Unplaced[] {
  return lines.flatMap((line, number): Unplaced[] => {
    const start = Math.max(span.start, line.start);
    const end = Math.min(span.end, line.end);
    if (start >= end) return [];
    const x = xOf(line, start);
    const width = xOf(line, end) - x;
    const isFirst = start === span.start;
    const reach = Math.max(width, isFirst ? span.labelWidth : 0);
    return [{ id: span.id, line: number, x, width, isFirst, isLast: end === span.end, reach }];
  });
}

interface Taken {
  readonly lane: number;
  readonly from: number;
  readonly to: number;
}

function freeLane(taken: readonly Taken[], from: number, to: number): number {
  let lane = 0;
  const isBusy = (wanted: number) =>
    taken.some((one) => one.lane === wanted && one.from < to + GAP && from < one.to + GAP);
  while (isBusy(lane)) lane += 1;
  return lane;
}

/** Inner entities lie nearest to the text, outer ones below. */
export function placeSpans(spans: readonly SpanIn[], lines: readonly Line[]): readonly Piece[] {
  const unplaced = spans.flatMap((span) => piecesOf(span, lines));
  const taken = lines.map((): Taken[] => []);
  return unplaced
    .sort((a, b) => a.width - b.width || a.x - b.x)
    .map(({ reach, ...piece }) => {
      const row = taken[piece.line] ?? [];
      const lane = freeLane(row, piece.x, piece.x + reach);
      row.push({ lane, from: piece.x, to: piece.x + reach });
      return { ...piece, lane };
    })
    .sort((a, b) => a.line - b.line || a.x - b.x);
}
