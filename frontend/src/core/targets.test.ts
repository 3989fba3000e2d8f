// What a label may cost, counted in keys, selections and clicks.
import { describe, expect, test } from "vitest";
import { CLINIC, drugs, open, pressOne, strings, triples } from "./cast";
import { selectRange } from "./entities";
import { pickEntity } from "./picking";
import { reverseRelation } from "./relations";
import { focusOn } from "./state";
import type { EditorState } from "./state";

interface Counted {
  readonly state: EditorState;
  readonly keys: number;
  readonly clicks: number;
  readonly selections: number;
}

type Act = (counted: Counted) => Counted;

const key =
  (name: string): Act =>
  (now) => ({ ...now, state: pressOne(now.state, name).state, keys: now.keys + 1 });
const click =
  (id: string): Act =>
  (now) => ({ ...now, state: pickEntity(now.state, id), clicks: now.clicks + 1 });
const select =
  (start: number, end: number): Act =>
  (now) => ({
    ...now,
    state: selectRange(now.state, { start, end }),
    selections: now.selections + 1,
  });

function cost(state: EditorState, ...acts: Act[]): Counted {
  const begin: Counted = { state, keys: 0, clicks: 0, selections: 0 };
  return acts.reduce((now, act) => act(now), begin);
}

const FOUR = open({ graph: drugs(0, 2, 6, 8) });
const PATIENT = {
  ...drugs(),
  entities: [
    { id: "e1", start: 0, end: 1, type: "Disease", source: "human" as const },
    { id: "e2", start: 2, end: 3, type: "Drug", source: "human" as const },
  ],
};
const SUGGESTED = open({
  suggestion: {
    entities: [
      { id: "s1", start: 0, end: 1, type: "药物", confidence: 0.9 },
      { id: "s2", start: 2, end: 3, type: "药物", confidence: 0.9 },
    ],
    relations: [{ head: "s1", tail: "s2", type: "协同", confidence: 0.9 }],
  },
});

describe("an entity", () => {
  test("by mouse: one selection when one type exists", () => {
    const done = cost(open(), select(0, 1));
    expect(strings(done.state)).toEqual(["甲"]);
    expect(done).toMatchObject({ selections: 1, keys: 0, clicks: 0 });
  });

  test("by mouse: one selection and one key when there are several", () => {
    const done = cost(open({ schema: CLINIC }), select(0, 1), key("l"));
    expect(done).toMatchObject({ selections: 1, keys: 1, clicks: 0 });
    expect(strings(done.state)).toEqual(["甲"]);
  });

  test("without a mouse: three keys and the way of the caret", () => {
    const done = cost(open(), key("e"), key("Shift+ArrowRight"), key("d"));
    expect(strings(done.state)).toEqual(["甲"]);
    expect(done.keys).toBe(3);
  });
});

describe("a relation", () => {
  test("by mouse: two clicks when one type is legal", () => {
    const done = cost(open({ schema: CLINIC, graph: PATIENT }), click("e1"), click("e2"));
    expect(triples(done.state)).toEqual(["乙 Drug_Disease 甲"]);
    expect(done).toMatchObject({ clicks: 2, keys: 0 });
  });

  test("by mouse: two clicks and a key when several are", () => {
    const done = cost(FOUR, click("e1"), click("e3"), key("t"));
    expect(triples(done.state)).toEqual(["甲 协同 丙"]);
    expect(done).toMatchObject({ clicks: 2, keys: 1 });
  });

  test("without a mouse: three keys, two when one type is legal", () => {
    expect(cost(FOUR, key("1"), key("3"), key("t"))).toMatchObject({ keys: 3 });
    const done = cost(open({ schema: CLINIC, graph: PATIENT }), key("1"), key("2"));
    expect(done.keys).toBe(2);
    expect(done.state.work.relations).toHaveLength(1);
  });

  test("one head, many tails: three keys, then two for each", () => {
    const first = cost(FOUR, key("1"), key("2"), key("t"));
    const more = cost(first.state, key("Shift+3"), key("t"));
    expect(more.keys).toBe(2);
    expect(triples(more.state)).toEqual(["甲 协同 乙", "甲 协同 丙"]);
  });

  test("a wrong type costs one key once it is selected, a wrong direction one", () => {
    const made = cost(FOUR, key("1"), key("2"), key("t")).state;
    const relation = focusOn(made, { kind: "relation", key: "e1>e2:协同" });
    expect(triples(cost(relation, key("k")).state)).toEqual(["甲 拮抗 乙"]);
    expect(cost(relation, key("r")).state.work).toEqual(reverseRelation(made, "e1>e2:协同").work);
  });
});

describe("suggestions", () => {
  test("everything accepted and on to the next: one key", () => {
    const outcome = pressOne(SUGGESTED, "Shift+Enter");
    expect(outcome.ask).toBe("submit");
    expect(triples(outcome.state)).toEqual(["甲 协同 乙"]);
  });

  test("one key takes back whatever one key did", () => {
    const done = cost(SUGGESTED, key("Shift+a"), key("Ctrl+z"));
    expect(done.state.work).toEqual(SUGGESTED.work);
  });
});
