import fc from "fast-check";
import { expect, test } from "vitest";
import { indexText } from "./text";
import { sameStrings, trimRange } from "./trim";

const trimmed = (text: string) => {
  const index = indexText(text);
  const range = trimRange(index, 0, index.length);
  return range === null ? null : index.slice(range.start, range.end);
};

test.each([
  ["　二甲双胍，", "二甲双胍"],
  ["（阿司匹林）", "（阿司匹林）"],
  ["阿司匹林（ASA）", "阿司匹林（ASA）"],
  ["（阿司匹林", "阿司匹林"],
  ["。、；", null],
  [" ibuprofen. ", "ibuprofen"],
  ["降低5%", "降低5%"],
  ["𠮷片！", "𠮷片"],
])("a selection of %j takes %j", (text, wanted) => {
  expect(trimmed(text)).toBe(wanted);
});

const SENTENCES = fc.string({
  unit: fc.constantFrom(...Array.from("药𠮷😀a5%-，。（）()「 　"), "e\u0301"),
  maxLength: 12,
});

test("trimming is finished after one go, and never grows past whole characters", () => {
  fc.assert(
    fc.property(SENTENCES, fc.nat(12), fc.nat(12), (text, a, b) => {
      const index = indexText(text);
      const range = trimRange(index, Math.min(a, index.length), Math.min(b, index.length));
      if (range !== null) expect(trimRange(index, range.start, range.end)).toEqual(range);
    }),
  );
});

test("the same string is found everywhere else", () => {
  const index = indexText("𠮷药与甲，甲与乙，甲");
  expect(sameStrings(index, { start: 3, end: 4 })).toEqual([
    { start: 5, end: 6 },
    { start: 9, end: 10 },
  ]);
});
