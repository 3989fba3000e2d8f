import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { indexText } from "../text";
import { breakLines } from "./lines";
import { arcY, drawSentence, measuresFor, spanY } from "./sentence";
import type { Scene } from "./sentence";

const cut = (text: string, room: number) => {
  const index = indexText(text);
  const widths = Array.from(text, () => 10);
  return breakLines(index, widths, room).map(({ start, end }) => index.slice(start, end));
};

describe("lines", () => {
  test("Chinese breaks anywhere, but no line begins with closing punctuation", () => {
    expect(cut("阿司匹林，可致出血。", 40)).toEqual(["阿司匹", "林，可致", "出血。"]);
  });

  test("no line ends with an opening bracket", () => {
    expect(cut("合用时（见表）停", 40)).toEqual(["合用时", "（见表）", "停"]);
  });

  test("a Latin word stays whole unless it is longer than the line", () => {
    expect(cut("use ibuprofen now", 100)).toEqual(["use ", "ibuprofen ", "now"]);
    expect(cut("abcdefgh", 30)).toEqual(["abc", "def", "gh"]);
  });

  test("whatever the text and the room, the lines give back the text", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", maxLength: 40 }),
        fc.integer({ min: 1, max: 200 }),
        (text, room) => {
          expect(cut(text, room).join("")).toBe(text);
        },
      ),
      { numRuns: 60 },
    );
  });
});

const span = fc
  .tuple(fc.nat(58), fc.integer({ min: 1, max: 6 }))
  .map(([start, length]) => ({ start, end: Math.min(60, start + length) }));

const scenes: fc.Arbitrary<Scene> = fc
  .record({
    spans: fc.array(span, { minLength: 2, maxLength: 15 }),
    pairs: fc.array(fc.tuple(fc.nat(14), fc.nat(14)), { maxLength: 20 }),
    room: fc.integer({ min: 120, max: 700 }),
    isFocus: fc.boolean(),
  })
  .map(({ spans, pairs, room, isFocus }) => ({
    text: indexText("药".repeat(60)),
    widths: new Array<number>(60).fill(20),
    room,
    spans: spans.map((one, number) => ({ id: `e${number}`, labelWidth: 40, ...one })),
    arcs: pairs
      .map(([a, b], number) => ({
        id: `r${number}`,
        head: `e${a % spans.length}`,
        tail: `e${b % spans.length}`,
        labelWidth: 36,
      }))
      .filter(({ head, tail }) => head !== tail),
    shown: isFocus ? ["e0"] : "all",
  }));

describe("pictures", () => {
  test("no two entity labels and no two arcs of a lane overlap", () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const { pieces, segments } = drawSentence(scene);
        for (const a of pieces)
          for (const b of pieces) {
            if (a === b || a.line !== b.line || a.lane !== b.lane) continue;
            expect(a.x + a.width <= b.x || b.x + b.width <= a.x).toBe(true);
          }
        for (const a of segments)
          for (const b of segments) {
            if (a === b || a.line !== b.line || a.lane !== b.lane) continue;
            expect(a.to <= b.from || b.to <= a.from).toBe(true);
          }
      }),
      { numRuns: 60 },
    );
  });

  test("every arc ends on its two entities, the arrow at the tail", () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const { pieces, segments } = drawSentence({ ...scene, shown: "all" });
        for (const arc of scene.arcs) {
          const legs = segments
            .filter(({ id }) => id === arc.id)
            .flatMap(({ line, legs: some }) => some.map((leg) => ({ ...leg, line })));
          expect(legs).toHaveLength(2);
          for (const leg of legs) {
            const piece = pieces.find(
              ({ id, isFirst }) => isFirst && id === (leg.isTail ? arc.tail : arc.head),
            );
            expect(piece?.line).toBe(leg.line);
            expect(leg.x).toBeGreaterThanOrEqual(piece?.x ?? Infinity);
            expect(leg.x).toBeLessThanOrEqual((piece?.x ?? 0) + (piece?.width ?? 0));
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test("at any size and spacing arcs, text and labels of a line stay within it", () => {
    fc.assert(
      fc.property(
        scenes,
        fc.integer({ min: 20, max: 50 }),
        fc.boolean(),
        (scene, height, tight) => {
          const { lines, pieces, segments, measures } = drawSentence(
            scene,
            measuresFor(height, tight),
          );
          for (const [number, line] of lines.entries()) {
            expect(line.bottom - line.textTop).toBeGreaterThanOrEqual(height);
            expect(lines[number + 1]?.top ?? Infinity).toBeGreaterThan(line.bottom);
            for (const { lane } of segments.filter((one) => one.line === number)) {
              expect(arcY(line, lane, measures)).toBeGreaterThanOrEqual(line.top);
              expect(arcY(line, lane, measures)).toBeLessThan(line.textTop);
            }
            for (const { lane } of pieces.filter((one) => one.line === number)) {
              expect(spanY(line, lane, measures)).toBeGreaterThanOrEqual(line.textTop + height);
              expect(spanY(line, lane, measures) + measures.spanLane).toBeLessThanOrEqual(
                line.bottom,
              );
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test("in focus mode the text stands still, whatever is selected", () => {
    fc.assert(
      fc.property(scenes, fc.nat(14), (scene, number) => {
        const draw = (shown: Scene["shown"]) =>
          drawSentence({ ...scene, shown }).lines.map(({ textTop }) => textTop);
        expect(draw([`e${number % scene.spans.length}`])).toEqual(draw([]));
      }),
      { numRuns: 60 },
    );
  });
});
