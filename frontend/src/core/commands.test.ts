import { describe, expect, test } from "vitest";
import { CLINIC, drugs, open, press, pressOne, strings, synergy, triples } from "./cast";
import { COMMANDS, commandFor, pressKey } from "./commands";
import { selectRange } from "./entities";
import { workOn } from "./graph";

const PAIRS = { ...drugs(0, 2, 6, 8), relations: [synergy("e1", "e2")] };
const CLINICAL = {
  ...drugs(0, 2),
  entities: [
    { id: "e1", start: 0, end: 1, type: "Disease", source: "human" as const },
    { id: "e2", start: 2, end: 3, type: "Drug", source: "human" as const },
    { id: "e3", start: 6, end: 7, type: "Food", source: "human" as const },
  ],
};

describe("entities", () => {
  test("one selection labels at once when there is one type", () => {
    expect(strings(selectRange(open(), { start: 0, end: 2 }))).toEqual(["甲与"]);
  });

  test("with several types a selection waits for one key", () => {
    const waiting = selectRange(open({ schema: CLINIC }), { start: 0, end: 1 });
    expect(waiting.work.entities).toEqual([]);
    expect(press(waiting, "l").work.entities[0]?.type).toBe("Drug");
  });

  test("an armed type needs no key", () => {
    const armed = press(open({ schema: CLINIC }), "l");
    expect(selectRange(armed, { start: 0, end: 1 }).work.entities[0]?.type).toBe("Drug");
  });

  test("without a mouse: caret, stretch, type key", () => {
    const state = press(open(), "e", "ArrowRight", "ArrowRight", "Shift+ArrowRight", "d");
    expect(strings(state)).toEqual(["乙"]);
  });

  test("a boundary moves by one character and back", () => {
    const picked = press(open({ graph: drugs(2) }), "1");
    expect(strings(press(picked, "Shift+ArrowRight"))).toEqual(["乙合"]);
    expect(strings(press(picked, "Ctrl+Shift+ArrowLeft"))).toEqual(["与乙"]);
    expect(strings(press(picked, "Shift+ArrowRight", "Shift+ArrowLeft"))).toEqual(["乙"]);
  });

  test("an entity never shrinks to nothing", () => {
    expect(strings(press(open({ graph: drugs(2) }), "1", "Shift+ArrowLeft"))).toEqual(["乙"]);
  });

  test("a deleted entity takes its relations along, and undo brings all back", () => {
    const gone = press(open({ graph: PAIRS }), "1", "Delete");
    expect(triples(gone)).toEqual([]);
    expect(triples(press(gone, "Ctrl+z"))).toEqual(["甲 协同 乙"]);
  });

  test("the same string elsewhere is offered, not taken", () => {
    const labelled = selectRange(open(), { start: 0, end: 1 });
    expect(labelled.hint).toMatchObject({ kind: "same-strings", count: 1 });
    expect(strings(labelled)).toEqual(["甲"]);
    expect(strings(press(labelled, "Shift+s"))).toEqual(["甲", "甲"]);
  });

  test("what was labelled just now is not the head of the next pick", () => {
    const labelled = selectRange(open({ graph: drugs(2, 6) }), { start: 0, end: 1 });
    expect(press(labelled, "2").focus).toEqual({ kind: "entity", id: "e1" });
  });
});

describe("relations", () => {
  const four = open({ graph: drugs(0, 2, 6, 8) });

  test("three keys: two numbers and a type", () => {
    expect(triples(press(four, "1", "3", "t"))).toEqual(["甲 协同 丙"]);
  });

  test("two keys when one type is legal, in the direction of the schema", () => {
    const state = press(open({ schema: CLINIC, graph: CLINICAL }), "1", "2");
    expect(triples(state)).toEqual(["乙 Drug_Disease 甲"]);
  });

  test("nothing is offered where nothing is legal", () => {
    const state = press(open({ schema: CLINIC, graph: CLINICAL }), "1", "3");
    expect(state.work.relations).toEqual([]);
    expect(state.hint).toMatchObject({ kind: "no-legal-relation" });
  });

  test("one head with many tails: one key with Shift and a type", () => {
    const state = press(four, "1", "2", "t", "Shift+3", "t", "Shift+4", "k");
    expect(triples(state)).toEqual(["甲 协同 乙", "甲 协同 丙", "甲 拮抗 丁"]);
  });

  test("R reverses, a type key mends the type, Delete drops", () => {
    const made = press(four, "1", "2", "t");
    expect(triples(press(made, "r"))).toEqual(["乙 协同 甲"]);
    expect(triples(press(made, "k"))).toEqual(["甲 拮抗 乙"]);
    expect(triples(press(made, "Delete"))).toEqual([]);
  });

  test("a symmetric relation is said once, whichever end comes first", () => {
    const said = press(four, "1", "2", "k");
    const again = press(said, "2", "1");
    expect(pressKey(again, "k")).toBeNull();
    expect(press(again, "t").work.relations).toHaveLength(2);
  });

  test("two entities may hold several relations, but no relation twice", () => {
    const both = press(four, "1", "2", "t", "1", "2", "k");
    expect(triples(both)).toEqual(["甲 协同 乙", "甲 拮抗 乙"]);
    expect(press(open({ schema: CLINIC, graph: CLINICAL }), "1", "2", "1", "2").hint).toEqual({
      kind: "said-already",
    });
  });

  test("that there is no relation can be said, and a relation takes it back", () => {
    const denied = press(four, "1", "2", "n");
    expect(denied.work.negatives).toEqual([{ head: "e1", tail: "e2" }]);
    expect(press(denied, "1", "2", "t").work.negatives).toEqual([]);
  });

  test("numbers above nine are typed with a leading zero, whatever the time between keys", () => {
    const many = open({ graph: drugs(...Array.from({ length: 12 }, (_, place) => place)) });
    const picked = press(many, "0", "1", "2");
    expect(picked.focus).toEqual({ kind: "entity", id: "e12" });
    expect(press(picked, "3", "t").work.relations).toMatchObject([{ head: "e12", tail: "e3" }]);
  });

  test("retyping an entity drops what became illegal", () => {
    const state = press(open({ schema: CLINIC, graph: CLINICAL }), "1", "2", "2", "f");
    expect(state.work.relations).toEqual([]);
    expect(triples(press(state, "Ctrl+z"))).toEqual(["乙 Drug_Disease 甲"]);
  });
});

describe("the table", () => {
  test("a row that cannot be done is not found", () => {
    expect(commandFor(open(), "Delete")).toBeUndefined();
    expect(commandFor(open(), "a")).toBeUndefined();
  });

  test("Enter submits, Space skips, arrows walk", () => {
    expect(pressOne(open(), "Enter").ask).toBe("submit");
    expect(pressOne(open(), "Space").ask).toBe("skip");
    expect(pressOne(open(), "ArrowRight").ask).toBe("next");
    expect(pressOne(open(), "ArrowLeft").ask).toBe("previous");
    expect(pressOne(open(), "?").ask).toBe("help");
  });

  test("Escape lets go", () => {
    expect(press(open({ graph: drugs(0) }), "1", "Escape").focus).toEqual({ kind: "nothing" });
  });

  test("redo repeats what undo took back", () => {
    const made = press(open({ graph: drugs(0, 2) }), "1", "2", "t");
    expect(press(made, "Ctrl+z", "Ctrl+Shift+z").work).toEqual(made.work);
    expect(press(made, "Ctrl+z", "Ctrl+y").work).toEqual(made.work);
  });

  test("history survives being written down", () => {
    const made = press(open({ graph: drugs(0, 2) }), "1", "2", "t");
    const history = JSON.parse(JSON.stringify(made.history)) as typeof made.history;
    const reopened = open({ graph: made.work, history });
    expect(press(reopened, "Ctrl+z").work).toEqual(workOn(drugs(0, 2)));
  });

  test("every row has a name of its own or a condition of its own", () => {
    expect(new Set(COMMANDS.map(({ name }) => name)).size).toBe(COMMANDS.length);
  });
});
