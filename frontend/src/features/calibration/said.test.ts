import { describe, expect, it } from "vitest";
import type { TrustBin } from "@/api/types";
import { leanOf, mainBin, perHundred, typesOf, useful } from "./said";

const bin = (mean_chance: number, share_right: number, count = 50): TrustBin => ({
  low: 0.7,
  high: 0.8,
  count,
  mean_chance,
  share_right,
});
const row = (threshold: number, count: number) => ({
  threshold,
  count,
  right: count,
  low: 0,
  high: 1,
});

describe("what chances come to", () => {
  it("says which way a bin leans, but not of a handful", () => {
    expect(leanOf(bin(0.9, 0.7))).toBe("too_sure");
    expect(leanOf(bin(0.7, 0.9))).toBe("too_modest");
    expect(leanOf(bin(0.8, 0.78))).toBe("honest");
    expect(leanOf(bin(0.9, 0.1, 9))).toBe("honest");
  });

  it("puts the fullest bin into words", () => {
    expect(mainBin([bin(0.1, 0.1, 3), bin(0.9, 0.8, 40), bin(0.5, 0.5, 7)])?.count).toBe(40);
    expect(mainBin([])).toBeNull();
    expect(perHundred(0.769)).toBe(77);
  });

  it("leaves out thresholds that nothing reaches or that change nothing", () => {
    const rows = [row(0.5, 20), row(0.6, 20), row(0.7, 8), row(0.99, 0)];
    expect(useful(rows).map(({ threshold }) => threshold)).toEqual([0.6, 0.7]);
  });

  it("lists the most frequent type first", () => {
    const one = (count: number) => ({ count, ece: 0, bins: [] });
    const kind = { by_type: { a: one(2), b: one(9), c: one(2) } };
    expect(typesOf(kind as unknown as Parameters<typeof typesOf>[0])).toEqual(["b", "a", "c"]);
  });
});
