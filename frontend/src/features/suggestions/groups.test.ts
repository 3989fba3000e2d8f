// Grouping by what is said, and cutting sentences at both ends.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Statement } from "@/api/types";
import { indexText } from "@/core/text";
import { groupsOf, piecesOf } from "./groups";

const row = (more: Partial<Statement>): Statement => ({
  sentence_id: 1,
  text: "𠮷甲与乙合用",
  state: "pending",
  kind: "relation",
  type: "协同",
  confidence: 0.9,
  key: "k",
  start: 0,
  end: 2,
  head_type: "药物",
  subject: "𠮷甲",
  tail_start: 3,
  tail_end: 4,
  tail_type: "药物",
  object: "乙",
  annotation_version: 0,
  ...more,
});

test("the same triple makes one group, wherever it stands", () => {
  const rows = [row({}), row({ sentence_id: 2, type: "拮抗" }), row({ sentence_id: 3, start: 1 })];
  const groups = groupsOf(rows);
  expect(groups.map((group) => group.rows.map((one) => one.sentence_id))).toEqual([[1, 3], [2]]);
});

test("a sentence is cut by code points, and each end is named", () => {
  expect(piecesOf(row({})).map((one) => [one.text, one.isHead, one.isTail])).toEqual([
    ["𠮷甲", true, false],
    ["与", false, false],
    ["乙", false, true],
    ["合用", false, false],
  ]);
});

test("the pieces are the sentence again, however the ends lie", () => {
  const span = fc.tuple(fc.nat(5), fc.nat(5)).map(([a, b]) => [Math.min(a, b), Math.max(a, b) + 1]);
  fc.assert(
    fc.property(span, span, ([start = 0, end = 1], [tailStart = 0, tailEnd = 1]) => {
      const pieces = piecesOf(row({ start, end, tail_start: tailStart, tail_end: tailEnd }));
      expect(pieces.map(({ text }) => text).join("")).toBe("𠮷甲与乙合用");
      const inHead = pieces.filter(({ isHead }) => isHead).map(({ text }) => text);
      expect(indexText(inHead.join("")).length).toBe(end - start);
    }),
  );
});
