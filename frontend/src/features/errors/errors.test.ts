// Addresses of cells, and where a sentence is cut.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isSame, KINDS, placeOf, queryOf, readCell, SIDES, writeCell } from "./cell";
import { piecesOf } from "./pieces";

const end = (start: number, stop: number) => ({ start, end: stop, surface: "", type: "药物" });
const said = (start: number, stop: number) => ({
  type: "药物",
  head: end(start, stop),
  tail: null,
  confidence: null,
});

const word = fc.option(fc.string({ minLength: 1 }), { nil: undefined });
const called = fc.oneof(word, fc.constant(null));
const cells = fc.record({
  kind: fc.constantFrom(...KINDS),
  type: word,
  class: word,
  slice: word,
  gold: called,
  predicted: called,
  side: fc.option(fc.constantFrom(...SIDES), { nil: undefined }),
});

describe("the address of a cell", () => {
  test("is read as it was written", () => {
    fc.assert(
      fc.property(cells, (cell) => {
        const again = readCell(writeCell(cell));
        expect(again).toEqual(cell);
        expect(isSame(again, cell)).toBe(true);
      }),
    );
  });

  test("opens nothing without a kind that is known", () => {
    expect(readCell("")).toBeNull();
    expect(readCell("?kind=word&type=x")).toBeNull();
    expect(writeCell(null)).toBe("");
  });

  test("tells apart what a side may say and that it says nothing", () => {
    expect(queryOf({ kind: "relation", gold: "拮抗" })).toEqual({ kind: "relation", gold: "拮抗" });
    expect(queryOf({ kind: "entity", gold: "药物", predicted: null })).toEqual({
      kind: "entity",
      gold: "药物",
      predicted: "",
    });
    expect(readCell("?kind=entity&gold=&predicted=x")?.gold).toBeNull();
    expect(readCell("?kind=entity&predicted=x")?.gold).toBeUndefined();
  });

  test("opens beneath its own table", () => {
    expect(placeOf({ kind: "relation", gold: null, predicted: "协同" })).toBe("confusion");
    expect(placeOf({ kind: "relation", gold: "拮抗", predicted: "协同" })).toBe("confusion");
    expect(placeOf({ kind: "relation", type: "拮抗", class: "missed" })).toBe("classes");
    expect(placeOf({ kind: "relation", gold: "拮抗" })).toBe("classes");
    expect(placeOf({ kind: "relation", side: "predicted" })).toBe("classes");
    expect(placeOf({ kind: "entity", slice: "length:1-25", side: "gold" })).toBe("slices");
  });

  test("asks for no empty thing", () => {
    expect(queryOf({ kind: "entity", type: "", class: "missed" })).toEqual({
      kind: "entity",
      class: "missed",
    });
  });
});

describe("the pieces of a sentence", () => {
  test("say who marks them", () => {
    const pieces = piecesOf("呋塞米片与地高辛", [{ gold: said(0, 4), predicted: said(0, 3) }]);
    expect(pieces).toEqual([
      { text: "呋塞米", isGold: true, isModel: true },
      { text: "片", isGold: true, isModel: false },
      { text: "与地高辛", isGold: false, isModel: false },
    ]);
  });

  test("make up the text, whatever its characters", () => {
    const place = fc.nat(6);
    fc.assert(
      fc.property(fc.array(fc.tuple(place, place)), (spans) => {
        const text = "a𠮷b字😀c";
        const statements = spans.map(([a, b]) => ({
          gold: said(Math.min(a, b), Math.max(a, b)),
          predicted: null,
        }));
        const pieces = piecesOf(text, statements);
        expect(pieces.map((piece) => piece.text).join("")).toBe(text);
        expect(pieces.every((piece) => piece.text !== "")).toBe(true);
      }),
    );
  });
});
