import fc from "fast-check";
import { expect, test } from "vitest";
import { parts, queryOf, readFilters, withFilter, writeFilters } from "./filters";

test("an address carries the filters there and back", () => {
  const filters = { q: "甲药 & 乙药", predicate: "协同", state: "gold", min_score: "0.5" };
  expect(readFilters(writeFilters(filters))).toEqual(filters);
  expect(writeFilters({})).toBe("");
  expect(readFilters("?q=x&unknown=1&flag=")).toEqual({ q: "x" });
});

test("what is empty or no number is not sent", () => {
  expect(queryOf({ q: "  ", min_score: "much", max_score: "2" })).toEqual({ max_score: "2" });
  expect(withFilter({ q: "x" }, "q", "")).toEqual({});
  expect(withFilter({ q: "x" }, "flag", "unclear")).toEqual({ q: "x", flag: "unclear" });
});

test("a text is cut at every match, whatever its case, and nothing is lost", () => {
  expect(parts("INR升高，inr", "inr")).toEqual(["", "INR", "升高，", "inr", ""]);
  expect(parts("无", "有")).toEqual(["无"]);
  fc.assert(
    fc.property(fc.string(), fc.string(), (text, wanted) => {
      fc.pre(text.toLowerCase().length === text.length);
      expect(parts(text, wanted).join("")).toBe(text);
    }),
  );
});
