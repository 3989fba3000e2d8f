// The whole picture of a sentence: lines, entities under them, arcs above them, and how high all is.
import type { TextIndex } from "../text";
import { lanesPerLine, placeArcs } from "./arcs";
import type { ArcIn, Segment } from "./arcs";
import { breakLines } from "./lines";
import type { Line } from "./lines";
import { placeSpans } from "./spans";
import type { Piece, SpanIn } from "./spans";

export interface Measures {
  readonly textHeight: number;
  readonly arcLane: number;
  readonly arcFoot: number;
  readonly spanLane: number;
  readonly lineGap: number;
}

export const MEASURES: Measures = {
  textHeight: 34,
  arcLane: 24,
  arcFoot: 12,
  spanLane: 24,
  lineGap: 14,
};

/** The measures for text of this height; lanes keep theirs, so that labels stay easy to hit. */
export function measuresFor(textHeight: number, isCompact: boolean): Measures {
  const spare = isCompact ? { arcFoot: 10, lineGap: 4 } : {};
  return { ...MEASURES, ...spare, textHeight };
}

export interface PlacedLine extends Line {
  readonly top: number;
  /** Where the text begins below the arcs. */
  readonly textTop: number;
  readonly bottom: number;
}

export interface Picture {
  readonly lines: readonly PlacedLine[];
  readonly pieces: readonly Piece[];
  readonly segments: readonly Segment[];
  readonly height: number;
  readonly measures: Measures;
}

export interface Scene {
  readonly text: TextIndex;
  readonly widths: readonly number[];
  readonly room: number;
  readonly spans: readonly SpanIn[];
  readonly arcs: readonly ArcIn[];
  /** Draw all arcs, or only those of these entities; room is kept for whichever is chosen. */
  readonly shown: "all" | readonly string[];
}

const touches = (ids: readonly string[]) => (arc: ArcIn) =>
  ids.includes(arc.head) || ids.includes(arc.tail);

function arcLanes(scene: Scene, pieces: readonly Piece[], lines: readonly Line[]) {
  const lineWidths = lines.map((line) => line.xs.at(-1) ?? 0);
  const place = (arcs: readonly ArcIn[]) => placeArcs(arcs, pieces, lineWidths, scene.room);
  if (scene.shown === "all") {
    const segments = place(scene.arcs);
    return { segments, lanes: lanesPerLine(segments, lines.length) };
  }
  const ids = [...new Set(scene.arcs.flatMap(({ head, tail }) => [head, tail]))];
  const needs = ids.map((id) =>
    lanesPerLine(place(scene.arcs.filter(touches([id]))), lines.length),
  );
  const segments = place(scene.arcs.filter(touches(scene.shown)));
  needs.push(lanesPerLine(segments, lines.length));
  const lanes = lines.map((_, line) => Math.max(0, ...needs.map((need) => need[line] ?? 0)));
  return { segments, lanes };
}

function spanLanes(pieces: readonly Piece[], lines: number): number[] {
  const count = new Array<number>(lines).fill(0);
  for (const { line, lane } of pieces) count[line] = Math.max(count[line] ?? 0, lane + 1);
  return count;
}

export function drawSentence(scene: Scene, measures: Measures = MEASURES): Picture {
  const lines = breakLines(scene.text, scene.widths, scene.room);
  const pieces = placeSpans(scene.spans, lines);
  const { segments, lanes } = arcLanes(scene, pieces, lines);
  const spans = spanLanes(pieces, lines.length);
  let y = 0;
  const placed = lines.map((line, number): PlacedLine => {
    const arcs = lanes[number] ?? 0;
    const textTop = y + (arcs > 0 ? arcs * measures.arcLane + measures.arcFoot : 0);
    const bottom = textTop + measures.textHeight + (spans[number] ?? 0) * measures.spanLane;
    const top = y;
    y = bottom + measures.lineGap;
    return { ...line, top, textTop, bottom };
  });
  return { lines: placed, pieces, segments, height: y, measures };
}

/** The height of an arc's horizontal part. */
export function arcY(line: PlacedLine, lane: number, measures: Measures): number {
  return line.textTop - measures.arcFoot - lane * measures.arcLane - measures.arcLane / 2 + 4;
}

/** The top of an entity's underline. */
export function spanY(line: PlacedLine, lane: number, measures: Measures): number {
  return line.textTop + measures.textHeight + lane * measures.spanLane;
}
