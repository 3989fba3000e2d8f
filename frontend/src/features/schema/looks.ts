// How types look: whether their colours can be told apart and read, and whether their keys are free.
import type { DraftType } from "./draft";

export type LookProblem =
  | { readonly kind: "alike"; readonly one: string; readonly other: string }
  | { readonly kind: "faint"; readonly one: string }
  | { readonly kind: "command"; readonly one: string; readonly key: string };

/** Keys of the editor's commands that a type would take where a type is being chosen. */
const COMMAND_KEYS: readonly string[] = ["a", "x", "e", "r", "m", "l", "n"];
/** Nearer than this, in CIELAB, two underlines are taken for one another. */
const ALIKE = 16;
/** What WCAG asks of marks that carry meaning. */
const READABLE = 3;
const WHITE = "#ffffff";

type Rgb = readonly [number, number, number];

function rgb(color: string): Rgb {
  const part = (at: number) => Number.parseInt(color.slice(at, at + 2), 16) / 255;
  return [part(1), part(3), part(5)];
}

function linear([r, g, b]: Rgb): Rgb {
  const one = (c: number) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return [one(r), one(g), one(b)];
}

function luminance(color: string): number {
  const [r, g, b] = linear(rgb(color));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** The contrast of WCAG 2: 1 is none, 21 is black on white. */
export function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function lab(color: string): Rgb {
  const [r, g, b] = linear(rgb(color));
  const f = (t: number) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047);
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** How far apart two colours look (CIE 1976). */
export function distance(one: string, other: string): number {
  const [a, b] = [lab(one), lab(other)];
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

const called = ({ label, name }: DraftType) => label || name;

export function looksOf(types: readonly DraftType[]): readonly LookProblem[] {
  const problems: LookProblem[] = [];
  for (const [place, type] of types.entries()) {
    const one = called(type);
    if (contrast(type.color, WHITE) < READABLE) problems.push({ kind: "faint", one });
    const key = type.key.toLowerCase();
    if (COMMAND_KEYS.includes(key)) problems.push({ kind: "command", one, key: key.toUpperCase() });
    for (const other of types.slice(place + 1)) {
      if (distance(type.color, other.color) < ALIKE) {
        problems.push({ kind: "alike", one, other: called(other) });
      }
    }
  }
  return problems;
}
