import { describe, expect, test } from "vitest";
import { DRUGS, drugs, open, press, pressOne, strings, triples } from "./cast";
import { proposalsOf } from "./state";
import { certainty } from "./suggestions";

const SUGGESTION = {
  entities: [
    { id: "s1", start: 0, end: 1, type: "药物", confidence: 0.97 },
    { id: "s2", start: 2, end: 3, type: "药物", confidence: 0.8 },
    { id: "s3", start: 6, end: 7, type: "药物", confidence: 0.4 },
  ],
  relations: [
    { head: "s2", tail: "s1", type: "协同", confidence: 0.6 },
    { head: "s1", tail: "s3", type: "拮抗", confidence: 0.55 },
  ],
};
const suggested = (graph = drugs()) => open({ graph, suggestion: SUGGESTION });

describe("proposals", () => {
  test("nothing of a suggestion is an annotation before it is accepted", () => {
    expect(suggested().work.entities).toEqual([]);
    expect(proposalsOf(suggested())).toHaveLength(5);
  });

  test("what is labelled already is not proposed", () => {
    const labels = proposalsOf(suggested(drugs(0))).map(({ key }) => key);
    expect(labels).not.toContain("0-1:药物");
    expect(labels).toHaveLength(4);
  });

  test("one key accepts everything, one key takes it back", () => {
    const all = press(suggested(), "Shift+a");
    expect(strings(all)).toEqual(["甲", "乙", "丙"]);
    expect(triples(all)).toEqual(["甲 拮抗 丙", "乙 协同 甲"]);
    expect(all.work.entities.every(({ source }) => source === "accepted")).toBe(true);
    expect(proposalsOf(all)).toEqual([]);
    expect(press(all, "Ctrl+z").work).toEqual(suggested().work);
  });

  test("one key accepts everything and submits", () => {
    const outcome = pressOne(suggested(), "Shift+Enter");
    expect(outcome.ask).toBe("submit");
    expect(strings(outcome.state)).toEqual(["甲", "乙", "丙"]);
  });

  test("Tab walks, a accepts and walks on, x refuses", () => {
    const walked = press(suggested(), "Tab", "a");
    expect(strings(walked)).toEqual(["甲"]);
    expect(walked.focus).toEqual({ kind: "proposal", key: "2-3:药物" });
    const refused = press(walked, "x");
    expect(strings(refused)).toEqual(["甲"]);
    expect(refused.focus).toEqual({ kind: "proposal", key: "6-7:药物" });
  });

  test("past the last proposal Tab belongs to the browser again", () => {
    const last = press(suggested(), "Shift+Tab");
    expect(() => press(last, "Tab")).toThrow("does nothing");
  });

  test("a refused entity takes its proposed relations along", () => {
    const refused = press(suggested(), "Tab", "x");
    expect(proposalsOf(refused).map(({ kind }) => kind)).toEqual(["entity", "entity"]);
    expect(proposalsOf(press(refused, "Ctrl+z"))).toHaveLength(5);
  });

  test("an accepted relation brings its entities", () => {
    const state = press(suggested(), "Shift+Tab", "a");
    expect(triples(state)).toEqual(["甲 拮抗 丙"]);
    expect(strings(state)).toEqual(["甲", "丙"]);
  });

  test("an accepted entity that is deleted does not come back as a proposal", () => {
    const state = press(suggested(), "Tab", "a", "Escape", "1", "Delete");
    expect(proposalsOf(state).map(({ key }) => key)).not.toContain("0-1:药物");
  });

  test("a mended proposal is marked as edited", () => {
    const state = press(suggested(), "Tab", "a", "Escape", "1", "Shift+ArrowRight");
    expect(state.work.entities[0]).toMatchObject({ source: "edited", end: 2 });
  });

  test("what the schema no longer allows is not proposed", () => {
    const schema = { ...DRUGS, relation_types: DRUGS.relation_types.slice(0, 1) };
    const state = open({ suggestion: SUGGESTION, schema });
    expect(proposalsOf(state).filter(({ kind }) => kind === "relation")).toHaveLength(1);
  });

  test("hidden suggestions are neither shown nor accepted", () => {
    const hidden = press(suggested(), "Shift+h");
    expect(proposalsOf(hidden)).toEqual([]);
    expect(() => press(hidden, "Shift+a")).toThrow("does nothing");
  });
});

test.each([
  [0.95, "certain"],
  [0.75, "likely"],
  [0.2, "doubtful"],
])("a confidence of %d is %s", (confidence, word) => {
  expect(certainty(confidence)).toBe(word);
});
