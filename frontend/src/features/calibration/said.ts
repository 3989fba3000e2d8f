// What the reliability of a version's chances comes to, as numbers to draw and to say. Pure.
import type { TrustBin, TrustKind, TrustThreshold } from "@/api/types";

/** A gap from which a chance is called too high or too low, and statements below which it is not. */
const GAP = 0.05;
const FEWEST = 10;

export type Lean = "too_sure" | "too_modest" | "honest";

/** How a bin leans: more is said than comes true, or less, or about as much. */
export function leanOf(bin: TrustBin): Lean {
  const gap = bin.mean_chance - bin.share_right;
  if (bin.count < FEWEST || Math.abs(gap) < GAP) return "honest";
  return gap > 0 ? "too_sure" : "too_modest";
}

/** The bin that most statements fall into: the one to put into words. */
export function mainBin(bins: readonly TrustBin[]): TrustBin | null {
  return bins.reduce<TrustBin | null>(
    (best, bin) => (best === null || bin.count > best.count ? bin : best),
    null,
  );
}

/** Of a hundred statements: how many were right. */
export function perHundred(share: number): number {
  return Math.round(100 * share);
}

/** Thresholds that some statement reaches, without those that keep the same statements. */
export function useful(thresholds: readonly TrustThreshold[]): readonly TrustThreshold[] {
  return thresholds.filter((row, at) => row.count > 0 && thresholds[at + 1]?.count !== row.count);
}

/** The types of a kind, the most frequent first. */
export function typesOf(kind: TrustKind): readonly string[] {
  return Object.entries(kind.by_type)
    .sort(([one, a], [other, b]) => b.count - a.count || one.localeCompare(other))
    .map(([name]) => name);
}
