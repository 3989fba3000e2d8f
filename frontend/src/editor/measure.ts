// How wide each character is in the editor's type, asked of a canvas and remembered.
import type { TextIndex } from "@/core/text";

export type Measure = (text: string) => number;

const known = new Map<string, Measure>();

/** A measure for a CSS font, such as "400 22px sans-serif". */
export function measureIn(font: string): Measure {
  const there = known.get(font);
  if (there !== undefined) return there;
  const context = document.createElement("canvas").getContext("2d");
  const widths = new Map<string, number>();
  const measure: Measure = (text) => {
    const old = widths.get(text);
    if (old !== undefined) return old;
    if (context === null) return text.length * 20;
    context.font = font;
    context.fontKerning = "none";
    const { width } = context.measureText(text);
    widths.set(text, width);
    return width;
  };
  known.set(font, measure);
  return measure;
}

export function fontOf(element: Element): string {
  const { fontWeight, fontSize, fontFamily } = getComputedStyle(element);
  return `${fontWeight} ${fontSize} ${fontFamily}`;
}

/** The advance of every code point; a combining mark adds nothing to the character that bears it. */
export function advances(index: TextIndex, measure: Measure, spacing: number): number[] {
  const widths = new Array<number>(index.length).fill(0);
  for (const [place, start] of index.stops.entries()) {
    const end = index.stops[place + 1];
    if (end === undefined || start >= index.length) continue;
    const character = index.slice(start, end);
    if (character !== "\n") widths[start] = measure(character) + spacing;
  }
  return widths;
}
