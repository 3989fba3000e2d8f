import { describe, expect, test } from "vitest";
import { changeOf, changeable, NO_WISH, withKind } from "./change";
import { contrast, distance, looksOf } from "./looks";

const type = (name: string, color: string, key = "") => ({
  id: 0,
  isNew: false,
  name,
  label: "",
  color,
  key,
});
const schema = {
  version: 1,
  entity_types: [type("药物", "#2f6fab")],
  relation_types: [
    { ...type("协同", "#2e7d5b"), symmetric: false, pairs: [] },
    { ...type("拮抗", "#b02a37"), symmetric: true, pairs: [] },
  ],
};

describe("looks", () => {
  test("contrast and distance as colour science has them", () => {
    expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5);
    expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
    expect(distance("#ff0000", "#ff0000")).toBe(0);
    expect(distance("#ffffff", "#000000")).toBeCloseTo(100, 1);
  });

  test("colours that are alike or faint and keys of commands are told", () => {
    const types = [type("A", "#2f6fab", "a"), type("B", "#2f70ac"), type("C", "#ffee88", "q")];
    expect(looksOf(types)).toEqual([
      { kind: "command", one: "A", key: "A" },
      { kind: "alike", one: "A", other: "B" },
      { kind: "faint", one: "C" },
    ]);
    expect(looksOf([type("A", "#2f6fab", "d"), type("B", "#2e7d5b", "t")])).toEqual([]);
  });
});

describe("a change that is filled in", () => {
  test("is sent when it is complete", () => {
    const wish = { ...NO_WISH, from: ["协同"], into: " 增强 " };
    expect(changeOf(NO_WISH)).toBeNull();
    expect(changeOf({ ...wish, into: "" })).toBeNull();
    expect(changeOf({ ...wish, into: "协同" })).toBeNull();
    expect(changeOf(wish)).toMatchObject({ kind: "rename", from: ["协同"], into: "增强" });
  });

  test("a split says which ones", () => {
    const split = { ...NO_WISH, kind: "split" as const, from: ["协同"], into: "新" };
    expect(changeOf(split)).toBeNull();
    expect(changeOf({ ...split, subject: "甲" })?.where).toEqual({ subject_contains: "甲" });
    const entity = { ...split, of: "entity" as const, surfaces: "甲\n\n 乙 " };
    expect(changeOf(entity)?.where).toEqual({ surfaces: ["甲", "乙"] });
  });

  test("only what has a direction is reversed", () => {
    const reverse = withKind(NO_WISH, "reverse", "entity");
    expect(reverse.of).toBe("relation");
    expect(changeable(schema, reverse)).toEqual(["协同"]);
    expect(changeable(schema, NO_WISH)).toEqual(["协同", "拮抗"]);
    expect(changeOf({ ...reverse, from: ["协同"] })).toMatchObject({ into: "", kind: "reverse" });
  });
});
