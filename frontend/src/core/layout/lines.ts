// Cuts a sentence into lines that fit: Chinese breaks anywhere but before closing punctuation.
import type { TextIndex } from "../text";

export interface Line {
  readonly start: number;
  readonly end: number;
  /** Where each code point of the line begins, and where the last one ends. */
  readonly xs: readonly number[];
}

const NOT_FIRST = /^[\p{Pe}\p{Pf}，。、；：？！．,.;:?!%％‰…～·℃°ー々]$/u;
const NOT_LAST = /^[\p{Ps}\p{Pi}￥$£#@＠]$/u;
const WORD = /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{M}\p{N}_\-–./+'’]$/u;
const BLANK = /^\s$/u;

/** May a line end between these two characters? */
function mayBreak(before: string, after: string): boolean {
  if (NOT_FIRST.test(after) || NOT_LAST.test(before) || BLANK.test(after)) return false;
  return !(WORD.test(before) && WORD.test(after));
}

/** The longest stretch from `start` that fits; at least one visible character, whatever the width. */
function endOfLine(
  index: TextIndex,
  widths: readonly number[],
  start: number,
  room: number,
): number {
  let used = 0;
  let lastBreak = start;
  for (let at = start; at < index.length; at += 1) {
    const character = index.at(at);
    if (at > start && mayBreak(index.at(at - 1), character)) lastBreak = at;
    used += widths[at] ?? 0;
    const isTooLong = used > room && !BLANK.test(character);
    if (isTooLong && lastBreak > start) return lastBreak;
    if (isTooLong && at > start) return stopAt(index, at, start);
    if (character === "\n") return at + 1;
  }
  return index.length;
}

/** Never cut a visible character in two. */
function stopAt(index: TextIndex, at: number, start: number): number {
  const stop = index.stops.findLast((place) => place <= at) ?? at;
  return stop > start ? stop : (index.stops.find((place) => place > start) ?? at);
}

function positions(widths: readonly number[], start: number, end: number): number[] {
  const xs = [0];
  for (let at = start; at < end; at += 1) xs.push((xs.at(-1) ?? 0) + (widths[at] ?? 0));
  return xs;
}

export function breakLines(
  index: TextIndex,
  widths: readonly number[],
  room: number,
): readonly Line[] {
  const lines: Line[] = [];
  let start = 0;
  while (start < index.length) {
    const end = endOfLine(index, widths, start, room);
    lines.push({ start, end, xs: positions(widths, start, end) });
    start = end;
  }
  return lines.length > 0 ? lines : [{ start: 0, end: 0, xs: [0] }];
}

/** The x of a code point's left edge on this line. */
export function xOf(line: Line, codePoint: number): number {
  const place = Math.min(Math.max(codePoint - line.start, 0), line.xs.length - 1);
  return line.xs[place] ?? 0;
}
