// Accepting across sentences: what is added, what is left alone, and that undo takes out just that.
import { describe, expect, test } from "vitest";
import type { Annotation, Statement } from "@/api/types";
import { acceptAll, draftOf, withdraw } from "./merge";

const EMPTY: Annotation = {
  version: 0,
  entities: [],
  relations: [],
  negatives: [],
  flags: [],
  comment: "",
};

const ENTITY: Statement = {
  sentence_id: 1,
  text: "甲与乙与丙",
  state: "pending",
  kind: "entity",
  type: "药物",
  confidence: 0.9,
  key: "0-1:药物",
  start: 0,
  end: 1,
  head_type: "药物",
  subject: "甲",
  annotation_version: 0,
};
const ROW: Statement = {
  ...ENTITY,
  kind: "relation",
  type: "协同",
  key: "0-1:药物>2-3:药物:协同",
  tail_start: 2,
  tail_end: 3,
  tail_type: "药物",
  object: "乙",
};
const OTHER: Statement = { ...ROW, tail_start: 4, tail_end: 5, object: "丙" };

const NONE = new Set<string>();
const accepted = (mine: Annotation, ...rows: Statement[]) => acceptAll(mine, rows, NONE);
const saved = (work: ReturnType<typeof withdraw>): Annotation => ({
  ...EMPTY,
  ...draftOf(work),
  version: 1,
});

describe("accepting", () => {
  test("adds the relation with both its entities, as accepted", () => {
    const { work } = accepted(EMPTY, ROW);
    expect(work.entities.map(({ id, start, source }) => [id, start, source])).toEqual([
      ["e1", 0, "accepted"],
      ["e2", 2, "accepted"],
    ]);
    expect(work.relations).toEqual([{ head: "e1", tail: "e2", type: "协同", source: "accepted" }]);
  });

  test("shares an entity between two statements and with what is there", () => {
    const mine = saved(accepted(EMPTY, ENTITY).work);
    const { work, added } = accepted(mine, ROW, OTHER);
    expect(work.entities).toHaveLength(3);
    expect(work.relations).toHaveLength(2);
    expect(added.entities.map(({ start }) => start)).toEqual([2, 4]);
  });

  test("says nothing twice, and a symmetric relation in neither direction", () => {
    const mine = saved(accepted(EMPTY, ROW).work);
    const turned = { ...ROW, start: 2, end: 3, tail_start: 0, tail_end: 1 };
    expect(accepted(mine, ROW).added.relations).toEqual([]);
    expect(accepted(mine, turned).added.relations).toEqual([turned]);
    expect(acceptAll(mine, [turned], new Set(["协同"])).added.relations).toEqual([]);
  });

  test("takes back that the pair has no relation, and keeps flags and remark", () => {
    const both = saved(accepted(EMPTY, ROW).work);
    const denied: Annotation = {
      ...both,
      relations: [],
      negatives: [{ head: "e1", tail: "e2" }],
      flags: ["unclear"],
      comment: "?",
    };
    const { work } = accepted(denied, ROW);
    expect(work.negatives).toEqual([]);
    expect(draftOf(work)).toMatchObject({ flags: ["unclear"], comment: "?", action: "save" });
  });
});

describe("taking it out again", () => {
  test("gives back what was there", () => {
    const mine = saved(accepted(EMPTY, ENTITY).work);
    const { work, added } = accepted(mine, ROW, OTHER);
    expect(saved(withdraw(saved(work), added))).toEqual(mine);
  });

  test("leaves an entity that something else has come to need", () => {
    const { work, added } = accepted(EMPTY, ROW);
    const more = accepted(saved(work), OTHER);
    const left = withdraw(saved(more.work), added);
    expect(left.entities.map(({ start }) => start)).toEqual([0, 4]);
    expect(left.relations).toHaveLength(1);
  });
});
