import { describe, expect, test } from "vitest";
import type { InsertPreview } from "@/api/types";
import { firstPart, looksLikeInserts, stretchesOf } from "./inserts";

describe("telling inserts by their beginning", () => {
  test.each([
    '{"drug": "甲药片", "section": "药物相互作用", "text": "1.与乙药合用"}',
    '[\n {"drug": "甲", "section": "x", "text": "y"}',
    "drug,section,text\n甲,x,y",
    "药名\t章节\t内容\n",
    "\uFEFF<甲药片><药物相互作用><1.与乙药合用",
  ])("%s", (head) => expect(looksLikeInserts(head)).toBe(true));

  test.each([
    '{"id": 1, "text": "x", "entities": [], "drug": "甲", "section": "y"}',
    "id,text\n1,x",
    "<b>本品</b>与乙药合用",
    "与乙药合用",
    "",
  ])("%s is none", (head) => expect(looksLikeInserts(head)).toBe(false));
});

test("the first part of a large file ends with a line", async () => {
  const line = `${"药".repeat(333)}\n`;
  const file = new File([line.repeat(3000)], "inserts.jsonl");
  const part = await firstPart(file);
  expect(part.size).toBeLessThanOrEqual(2_000_000);
  expect((await part.text()).endsWith("药\n")).toBe(true);
});

test("the raw text is tiled, rare characters included", () => {
  const insert: InsertPreview = {
    line: 1,
    drug: "甲",
    section: "药物相互作用",
    text: "1.与<b>𠮷药</b>合用。2.🌿无。",
    changes: [
      { start: 3, end: 6, why: "markup" },
      { start: 8, end: 12, why: "markup" },
    ],
    pieces: [
      { text: "甲@与𠮷药合用", start: 2, end: 14, cut: "number", drop: null, joins: [] },
      { text: "🌿无", start: 17, end: 19, cut: "full_stop", drop: "short", joins: [] },
    ],
  };
  const stretches = stretchesOf(insert);
  expect(stretches.map(({ text }) => text).join("")).toBe(insert.text);
  expect(stretches.map(({ kind, text }) => [kind, text])).toEqual([
    ["rest", "1."],
    ["sentence", "与"],
    ["removed", "<b>"],
    ["sentence", "𠮷药"],
    ["removed", "</b>"],
    ["sentence", "合用"],
    ["rest", "。2."],
    ["dropped", "🌿无"],
    ["rest", "。"],
  ]);
});
