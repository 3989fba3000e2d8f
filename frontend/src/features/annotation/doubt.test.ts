import { describe, expect, it } from "vitest";
import { doubtOf } from "./doubt";

describe("a confidence for people", () => {
  it("stands for the mistakes that are to be expected", () => {
    expect(doubtOf(1)).toEqual({ percent: 100, mistakes: 0 });
    expect(doubtOf(0.93)).toEqual({ percent: 93, mistakes: 0 });
    expect(doubtOf(Math.exp(-1))).toEqual({ percent: 36, mistakes: 1 });
    expect(doubtOf(Math.exp(-6.2))).toEqual({ percent: 0, mistakes: 6 });
  });

  it("has an end for a confidence of nothing", () => {
    expect(doubtOf(0)).toEqual({ percent: 0, mistakes: 99 });
    expect(doubtOf(Math.exp(-400))).toEqual({ percent: 0, mistakes: 99 });
  });
});
