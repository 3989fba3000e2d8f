import { expect, test } from "vitest";
import { CLINIC, drugs, open, press, synergy } from "@/core/cast";
import { relationKey } from "@/core/graph";
import { focusOn } from "@/core/state";
import { typesInFocus } from "./guideline-focus";

const related = { ...drugs(0, 2), relations: [synergy("e1", "e2")] };

test("an entity speaks of its type, a pair of the relations that are legal between its types", () => {
  const state = open({ graph: drugs(0, 2) });
  expect(typesInFocus(state)).toEqual([]);
  expect(typesInFocus(press(state, "1"))).toEqual(["药物"]);
  expect(typesInFocus(press(state, "1", "2"))).toEqual(["协同", "拮抗"]);
});

test("a pair that allows one type names that one, whichever end was picked first", () => {
  const [first, second] = drugs(0, 2).entities;
  if (first === undefined || second === undefined) throw new Error("two entities are needed");
  const entities = [
    { ...first, type: "Disease" },
    { ...second, type: "Drug" },
  ];
  const state = open({ schema: CLINIC, graph: { ...drugs(), entities } });
  const pair = focusOn(state, { kind: "pair", first: "e1", second: "e2" });
  expect(typesInFocus(pair)).toEqual(["Drug_Disease"]);
});

test("a relation speaks of its type, also while one of its ends is moved", () => {
  const state = open({ graph: related });
  const key = relationKey(synergy("e1", "e2"));
  expect(typesInFocus(focusOn(state, { kind: "relation", key }))).toEqual(["协同"]);
  expect(typesInFocus(focusOn(state, { kind: "end", key, which: "head" }))).toEqual(["协同"]);
  expect(typesInFocus(focusOn(state, { kind: "relation", key: "gone" }))).toEqual([]);
});

test("a suggestion speaks of what it suggests", () => {
  const entities = [{ id: "s1", start: 0, end: 1, type: "药物", confidence: 0.9 }];
  const state = open({ suggestion: { entities, relations: [] } });
  expect(typesInFocus(press(state, "Tab"))).toEqual(["药物"]);
});

test("with nothing selected the chosen type speaks", () => {
  const state = open({ schema: CLINIC });
  expect(typesInFocus({ ...state, armed: "Food" })).toEqual(["Food"]);
});
