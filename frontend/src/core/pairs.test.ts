import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CLINIC, drugs, open, press, pressOne, strings, synergy, triples } from "./cast";
import { matrixOf, moveInMatrix, shortened, toggleCell } from "./matrix";
import { saySuppressed, suppressed } from "./suppressed";
import type { SuggestedGraph } from "./suggestions";

const four = open({ graph: drugs(0, 2, 6, 8) });
const entity = (id: string, start: number, confidence: number) => ({
  id,
  start,
  end: start + 1,
  type: "药物",
  confidence,
});
const SUGGESTION: SuggestedGraph = {
  entities: [entity("s1", 0, 0.97), entity("s2", 2, 0.6)],
  relations: [{ head: "s1", tail: "s2", type: "协同", confidence: 0.8 }],
  refused: [
    {
      kind: "relation",
      type: "拮抗",
      confidence: 0.31,
      start: 2,
      end: 3,
      tail_start: 0,
      tail_end: 1,
    },
    { kind: "entity", type: "药物", confidence: 0.4, start: 6, end: 7 },
  ],
};

describe("a locked head", () => {
  test("every further tail costs one key when head and relation are locked", () => {
    const locked = press(four, "1", "2", "t", "l");
    expect(triples(press(locked, "3", "4"))).toEqual(["甲 协同 乙", "甲 协同 丙", "甲 协同 丁"]);
  });

  test("with the head alone locked a tail costs two keys", () => {
    const locked = press(four, "1", "l", "2", "t", "3", "k");
    expect(triples(locked)).toEqual(["甲 协同 乙", "甲 拮抗 丙"]);
  });

  test("Escape and the same key let go", () => {
    const locked = press(four, "1", "l");
    expect(press(locked, "Escape").lock).toBeNull();
    expect(press(locked, "l").lock).toBeNull();
  });

  test("a head that is deleted is locked no more", () => {
    const gone = press(press(four, "1", "l"), "Escape", "1", "Delete", "1", "2");
    expect(gone.focus).toMatchObject({ kind: "pair" });
  });
});

describe("the ends of a relation", () => {
  test("an end moves to another entity, and undo moves it back", () => {
    const moved = press(four, "1", "2", "t", ".", "4");
    expect(triples(moved)).toEqual(["甲 协同 丁"]);
    expect(triples(press(moved, ",", "3"))).toEqual(["丙 协同 丁"]);
    expect(triples(press(moved, "Ctrl+z"))).toEqual(["甲 协同 乙"]);
  });

  test("an end never moves to where the schema forbids it, or onto the other end", () => {
    expect(press(four, "1", "2", "t", ".", "1").hint).toMatchObject({ kind: "no-legal-relation" });
    const source = "human" as const;
    const clinical = {
      ...drugs(),
      entities: [
        { id: "e1", start: 0, end: 1, type: "Drug", source },
        { id: "e2", start: 2, end: 3, type: "Disease", source },
        { id: "e3", start: 6, end: 7, type: "Food", source },
      ],
    };
    const made = press(open({ schema: CLINIC, graph: clinical }), "1", "2", ".", "3");
    expect(triples(made)).toEqual(["甲 Drug_Disease 乙"]);
    expect(made.hint).toMatchObject({ kind: "no-legal-relation" });
  });

  test("an end never makes the same relation twice", () => {
    const both = press(four, "1", "2", "t", "Escape", "1", "3", "t", ".", "2");
    expect(triples(both)).toEqual(["甲 协同 乙", "甲 协同 丙"]);
    expect(both.hint).toEqual({ kind: "said-already" });
  });
});

test("relations are walked in reading order, round and round", () => {
  const two = open({ graph: { ...drugs(0, 2, 6), relations: [synergy("e1", "e2")] } });
  const more = press(two, "3", "1", "t", "Escape");
  const first = press(more, "]");
  expect(first.focus).toEqual({ kind: "relation", key: "e1>e2:协同" });
  expect(press(first, "]").focus).toEqual({ kind: "relation", key: "e3>e1:协同" });
  expect(press(first, "]", "]").focus).toEqual(first.focus);
  expect(press(more, "[").focus).toEqual({ kind: "relation", key: "e3>e1:协同" });
  expect(triples(press(first, "k"))).toEqual(["甲 拮抗 乙", "丙 协同 甲"]);
});

describe("the pair matrix", () => {
  const two = open({ graph: drugs(0, 2), suggestion: SUGGESTION });

  test("has a row for each ordered pair, and a symmetric type once a pair", () => {
    const rows = matrixOf(two);
    expect(rows.map(({ key }) => key)).toEqual(["e1>e2", "e2>e1"]);
    expect(rows.map(({ cells }) => cells.map(({ isLegal }) => isLegal))).toEqual([
      [true, true],
      [true, false],
    ]);
  });

  test("shows the model's chance for what it said and for what it nearly said", () => {
    expect(matrixOf(two)[0]?.cells.map(({ chance }) => chance)).toEqual([0.8, 0.31]);
    const hidden = press(two, "Shift+h");
    expect(matrixOf(hidden)[0]?.cells.map(({ chance }) => chance)).toEqual([null, null]);
  });

  test("arrows move over legal cells, Space says and takes back, N denies, M closes", () => {
    const there = press(two, "m");
    expect(there.focus).toEqual({ kind: "matrix", pair: "e1>e2", type: "协同" });
    const said = press(there, "ArrowRight", "Space");
    expect(triples(said)).toEqual(["甲 拮抗 乙"]);
    expect(said.focus).toMatchObject({ kind: "matrix", type: "拮抗" });
    expect(press(said, "n").hint).toEqual({ kind: "said-related" });
    const denied = press(said, "Space", "n");
    expect(denied.work.negatives).toEqual([{ head: "e1", tail: "e2" }]);
    expect(press(denied, "ArrowDown").focus).toMatchObject({ pair: "e2>e1", type: "协同" });
    expect(press(denied, "m").focus).toEqual({ kind: "nothing" });
    expect(pressOne(denied, "Enter").ask).toBe("submit");
  });

  test("a cell that the model proposed counts as accepted, another one as one's own", () => {
    const proposed = toggleCell(press(two, "m"), "e1>e2", "协同");
    expect(proposed.work.relations).toMatchObject([{ source: "accepted" }]);
    const own = toggleCell(press(two, "m"), "e2>e1", "协同");
    expect(own.work.relations).toMatchObject([{ source: "human" }]);
  });

  test("without two entities that may be related it says so", () => {
    expect(press(open({ graph: drugs(0) }), "m").hint).toEqual({ kind: "no-pairs" });
  });

  test("of very many pairs only those of which something is said, or likely, are listed", () => {
    const places = Array.from({ length: 9 }, (_, place) => place);
    const graph = { ...drugs(...places), relations: [synergy("e3", "e4")] };
    const rows = matrixOf(open({ graph }));
    expect(rows).toHaveLength(72);
    expect(shortened(rows, "e9>e1").map(({ key }) => key)).toEqual(["e3>e4", "e9>e1"]);
  });

  test("wherever one walks, one stands on a legal cell", () => {
    const arrows = fc.constantFrom("ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight");
    fc.assert(
      fc.property(fc.array(arrows, { maxLength: 30 }), (keys) => {
        const end = keys.reduce(moveInMatrix, press(four, "m"));
        const { focus } = end;
        if (focus.kind !== "matrix") throw new Error("left the matrix");
        const row = matrixOf(end).find(({ key }) => key === focus.pair);
        expect(row?.cells.find(({ type }) => type === focus.type)?.isLegal).toBe(true);
      }),
    );
  });
});

describe("many suggestions at once", () => {
  const fresh = open({ suggestion: SUGGESTION });

  test("all above the threshold, with the entities they need, are one step", () => {
    const taken = press({ ...fresh, threshold: 0.75 }, "Shift+t");
    expect(triples(taken)).toEqual(["甲 协同 乙"]);
    expect(press(taken, "Ctrl+z").work).toEqual(fresh.work);
    expect(press(fresh, "Shift+t").work.entities).toHaveLength(1);
  });

  test("the first one is answered by one key", () => {
    const taken = press(fresh, "a");
    expect(taken.work.entities).toMatchObject([{ start: 0, source: "accepted" }]);
    expect(press(fresh, "x").work.rejected).toContain("0-1:药物");
  });

  test("what is more likely wrong than right is listed apart, and taken only by hand", () => {
    const unsure = { ...SUGGESTION, relations: [], refused: [] };
    const [first, second] = unsure.entities;
    if (first === undefined || second === undefined) throw new Error("two entities are needed");
    const weak = open({
      suggestion: { ...unsure, entities: [first, { ...second, confidence: 0.2 }] },
    });
    expect(strings(press(weak, "Shift+a"))).toEqual(["甲"]);
    const [apart] = suppressed(weak);
    if (apart === undefined) throw new Error("nothing is listed apart");
    expect(apart.reason).toBe("unlikely");
    expect(strings(saySuppressed(weak, apart))).toEqual(["乙"]);
  });

  test("what was not suggested is listed with its reason, and can be said all the same", () => {
    expect(suppressed(fresh).map(({ proposal, reason }) => [proposal.kind, reason])).toEqual([
      ["relation", "unsure"],
      ["entity", "unsure"],
    ]);
    const [relation] = suppressed(fresh);
    if (relation === undefined) throw new Error("nothing is suppressed");
    const said = saySuppressed(fresh, relation);
    expect(triples(said)).toEqual(["乙 拮抗 甲"]);
    expect(suppressed(said)).toHaveLength(1);
    const other = open({ suggestion: SUGGESTION, schema: CLINIC });
    expect(suppressed(other).every(({ reason }) => reason === "illegal")).toBe(true);
  });
});
