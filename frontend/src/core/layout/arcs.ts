// Draws relations as arcs above the text: ports on the entities, lanes so that labels never collide.
import type { Piece } from "./spans";

export interface ArcIn {
  readonly id: string;
  readonly head: string;
  readonly tail: string;
  readonly labelWidth: number;
}

/** The part of an arc on one line; an arc over several lines leaves to the right and comes from the left. */
export interface Segment {
  readonly id: string;
  readonly line: number;
  readonly from: number;
  readonly to: number;
  readonly lane: number;
  readonly labelX: number;
  /** Legs that go down to an entity, with the arrow at the tail. */
  readonly legs: readonly { readonly x: number; readonly isTail: boolean }[];
  readonly isMain: boolean;
}

const MARGIN = 8;

interface End {
  readonly arc: ArcIn;
  readonly isTail: boolean;
  readonly here: Piece;
  readonly there: Piece;
}

const middle = (piece: Piece) => piece.x + piece.width / 2;
const isLeftOf = (a: Piece, b: Piece) =>
  a.line < b.line || (a.line === b.line && middle(a) < middle(b));

function distance({ here, there }: End): number {
  return Math.abs(there.line - here.line) * 1e6 + Math.abs(middle(there) - middle(here));
}

/** Left-going arcs leave at the left, near ones outermost, so that arcs nest and do not cross. */
function inPortOrder(a: End, b: End): number {
  const [aLeft, bLeft] = [isLeftOf(a.there, a.here), isLeftOf(b.there, b.here)];
  if (aLeft !== bLeft) return aLeft ? -1 : 1;
  return aLeft ? distance(a) - distance(b) : distance(b) - distance(a);
}

type Ports = ReadonlyMap<string, { readonly head: number; readonly tail: number }>;

function portsOf(ends: readonly End[]): Ports {
  const byPlace = new Map<Piece, End[]>();
  for (const end of ends) byPlace.set(end.here, [...(byPlace.get(end.here) ?? []), end]);
  const found = new Map<string, { head: number; tail: number }>();
  for (const [piece, some] of byPlace) {
    for (const [place, { arc, isTail }] of some.toSorted(inPortOrder).entries()) {
      const x = piece.x + (piece.width * (place + 1)) / (some.length + 1);
      const ports = found.get(arc.id) ?? { head: 0, tail: 0 };
      found.set(arc.id, isTail ? { ...ports, tail: x } : { ...ports, head: x });
    }
  }
  return found;
}

type Flat = Omit<Segment, "lane"> & { readonly labelWidth: number };

function segmentsOf(end: End, ports: Ports, widths: readonly number[]): Flat[] {
  const { arc, here, there } = end;
  const port = ports.get(arc.id) ?? { head: 0, tail: 0 };
  const head = { x: port.head, isTail: false };
  const tail = { x: port.tail, isTail: true };
  const flat = (line: number, a: number, b: number, legs: Flat["legs"], isMain: boolean): Flat => {
    const [from, to] = [Math.min(a, b), Math.max(a, b)];
    const { id, labelWidth } = arc;
    return { id, line, from, to, labelX: (from + to) / 2, legs, isMain, labelWidth };
  };
  if (here.line === there.line) return [flat(here.line, head.x, tail.x, [head, tail], true)];
  const edge = (line: number, isUpper: boolean) =>
    isUpper ? (widths[line] ?? 0) + MARGIN : -MARGIN;
  const isDown = here.line < there.line;
  return [
    flat(here.line, head.x, edge(here.line, isDown), [head], true),
    flat(there.line, tail.x, edge(there.line, !isDown), [tail], false),
  ];
}

interface Box {
  readonly from: number;
  readonly to: number;
  readonly lane: number;
}

function boxOf({ from, to, labelX, labelWidth }: Flat): Omit<Box, "lane"> {
  return {
    from: Math.min(from, labelX - labelWidth / 2),
    to: Math.max(to, labelX + labelWidth / 2),
  };
}

/** The lowest lane that is free and lies above every arc inside. */
function laneFor(placed: readonly Box[], { from, to }: Omit<Box, "lane">): number {
  const inside = placed.filter((box) => box.from >= from && box.to <= to);
  let lane = Math.max(-1, ...inside.map((box) => box.lane)) + 1;
  const isBusy = (wanted: number) =>
    placed.some((box) => box.lane === wanted && box.from < to + 2 && from < box.to + 2);
  while (isBusy(lane)) lane += 1;
  return lane;
}

/** Keep a label on the page. */
function inside(labelX: number, labelWidth: number, room: number): number {
  const half = labelWidth / 2;
  return Math.min(Math.max(labelX, half), Math.max(half, room - half));
}

export function placeArcs(
  arcs: readonly ArcIn[],
  pieces: readonly Piece[],
  lineWidths: readonly number[],
  room: number,
): readonly Segment[] {
  const first = new Map(pieces.filter(({ isFirst }) => isFirst).map((piece) => [piece.id, piece]));
  const heads = arcs.flatMap((arc): End[] => {
    const [here, there] = [first.get(arc.head), first.get(arc.tail)];
    return here === undefined || there === undefined ? [] : [{ arc, isTail: false, here, there }];
  });
  const tails = heads.map((end) => ({ ...end, isTail: true, here: end.there, there: end.here }));
  const ports = portsOf([...heads, ...tails]);
  const placed = new Map<number, Box[]>();
  return heads
    .flatMap((end) => segmentsOf(end, ports, lineWidths))
    .map((flat) => ({ ...flat, labelX: inside(flat.labelX, flat.labelWidth, room) }))
    .sort((a, b) => a.to - a.from - (b.to - b.from) || a.from - b.from)
    .map(({ labelWidth, ...segment }) => {
      const row = placed.get(segment.line) ?? [];
      placed.set(segment.line, row);
      const box = boxOf({ ...segment, labelWidth });
      const lane = laneFor(row, box);
      row.push({ ...box, lane });
      return { ...segment, lane };
    });
}

export function lanesPerLine(segments: readonly Segment[], lines: number): number[] {
  const count = new Array<number>(lines).fill(0);
  for (const { line, lane } of segments) count[line] = Math.max(count[line] ?? 0, lane + 1);
  return count;
}
