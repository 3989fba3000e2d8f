// A selection by mouse often takes too much: blanks and punctuation at its ends are left out.
import { wholeCharacters } from "./text";
import type { TextIndex } from "./text";

export interface Range {
  readonly start: number;
  readonly end: number;
}

const EDGE = /^[\s\p{P}\p{Z}\p{C}]$/u;
const OPENING = /^[\p{Ps}\p{Pi}]$/u;
const CLOSING = /^[\p{Pe}\p{Pf}]$/u;
/** Punctuation that may belong to a name at its end or start: 5%, β-, 500 mg/d′. */
const KEPT = new Set(["%", "％", "‰", "′", "″", "'", "+", "-", "−", "&", "#", "*", "°"]);

function isEdge(character: string): boolean {
  return EDGE.test(character) && !KEPT.has(character);
}

function hasPartner(index: TextIndex, start: number, end: number, pattern: RegExp): boolean {
  for (let at = start; at < end; at += 1) if (pattern.test(index.at(at))) return true;
  return false;
}

/** Leave out blanks and punctuation at both ends, but keep brackets that close inside the range. */
export function trimRange(index: TextIndex, from: number, to: number): Range | null {
  let [start, end] = wholeCharacters(index, Math.min(from, to), Math.max(from, to));
  while (start < end && isEdge(index.at(start))) {
    if (OPENING.test(index.at(start)) && hasPartner(index, start + 1, end, CLOSING)) break;
    start += 1;
  }
  while (start < end && isEdge(index.at(end - 1))) {
    if (CLOSING.test(index.at(end - 1)) && hasPartner(index, start, end - 1, OPENING)) break;
    end -= 1;
  }
  return start < end ? { start, end } : null;
}

/** Where else the same string stands. */
export function sameStrings(index: TextIndex, range: Range): readonly Range[] {
  const wanted = index.slice(range.start, range.end);
  const found: Range[] = [];
  let unit = wanted === "" ? -1 : index.text.indexOf(wanted);
  while (unit !== -1) {
    const start = index.toCodePoint(unit);
    if (start !== range.start) found.push({ start, end: start + (range.end - range.start) });
    unit = index.text.indexOf(wanted, unit + wanted.length);
  }
  return found;
}
