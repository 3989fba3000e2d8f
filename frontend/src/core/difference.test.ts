import { expect, test } from "vitest";
import { drugs, synergy } from "./cast";
import { difference, union } from "./difference";
import { isSameGraph } from "./graph";

const mine = { ...drugs(0, 2), relations: [synergy("e1", "e2")], comment: "a" };
const theirs = {
  ...drugs(2, 6, 0),
  relations: [synergy("e3", "e1"), synergy("e1", "e2")],
  flags: ["unclear"],
};
const say = ({ start }: { start: number }) => `${start}`;

test("statements are compared by content, not by id", () => {
  const { both, onlyMine, onlyTheirs } = difference(mine, theirs, say);
  expect(both.map(({ words }) => words)).toEqual(["0 · 药物", "2 · 药物", "0 → 协同 → 2"]);
  expect(onlyMine).toEqual([]);
  expect(onlyTheirs.map(({ words }) => words)).toEqual(["6 · 药物", "2 → 协同 → 6"]);
});

test("the union says everything once", () => {
  const joined = union(mine, theirs);
  expect(joined.entities).toHaveLength(3);
  expect(joined.relations).toHaveLength(2);
  expect(joined).toMatchObject({ flags: ["unclear"], comment: "a" });
  expect(difference(joined, theirs, say).onlyTheirs).toEqual([]);
  expect(difference(joined, mine, say).onlyTheirs).toEqual([]);
});

test("the union with itself is itself", () => {
  expect(isSameGraph(union(mine, mine), mine)).toBe(true);
});
