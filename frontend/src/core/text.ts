// The one place where code points (ours, the server's) meet UTF-16 units (the browser's).

export interface TextIndex {
  readonly text: string;
  /** How many code points the text has. */
  readonly length: number;
  /** The UTF-16 offset of a code point; past the ends it is the end. */
  readonly toUtf16: (codePoint: number) => number;
  /** The code point that a UTF-16 offset lies in; an offset inside a pair belongs to the pair. */
  readonly toCodePoint: (utf16: number) => number;
  readonly slice: (start: number, end: number) => string;
  readonly at: (codePoint: number) => string;
  /** Code points where a reader sees a new character begin, 0 and the end included. */
  readonly stops: readonly number[];
}

const CHARACTERS = new Intl.Segmenter(undefined, { granularity: "grapheme" });

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

function codePointOffsets(text: string): { starts: number[]; owners: number[] } {
  const starts: number[] = [];
  const owners: number[] = [];
  let unit = 0;
  for (const character of text) {
    owners.push(...new Array<number>(character.length).fill(starts.length));
    starts.push(unit);
    unit += character.length;
  }
  starts.push(unit);
  owners.push(starts.length - 1);
  return { starts, owners };
}

export function indexText(text: string): TextIndex {
  const { starts, owners } = codePointOffsets(text);
  const length = starts.length - 1;
  const toUtf16 = (codePoint: number) => starts[clamp(codePoint, 0, length)] ?? 0;
  const toCodePoint = (utf16: number) => owners[clamp(utf16, 0, text.length)] ?? 0;
  const slice = (start: number, end: number) => text.slice(toUtf16(start), toUtf16(end));
  const stops = [...CHARACTERS.segment(text)].map((segment) => toCodePoint(segment.index));
  return {
    text,
    length,
    toUtf16,
    toCodePoint,
    slice,
    at: (codePoint) => slice(codePoint, codePoint + 1),
    stops: [...stops, length],
  };
}

/** The next place, in this direction, where a caret may stand. */
export function nextStop(index: TextIndex, from: number, direction: 1 | -1): number {
  const found =
    direction === 1
      ? index.stops.find((stop) => stop > from)
      : index.stops.findLast((stop) => stop < from);
  return found ?? (direction === 1 ? index.length : 0);
}

/** Widen a range so that it cuts no visible character in two. */
export function wholeCharacters(index: TextIndex, start: number, end: number): [number, number] {
  const low = index.stops.findLast((stop) => stop <= start) ?? 0;
  const high = index.stops.find((stop) => stop >= end) ?? index.length;
  return [low, high];
}

const WORDS = new Intl.Segmenter("zh-Hans", { granularity: "word" });

/** The next edge of a word, in this direction. */
export function nextWord(index: TextIndex, from: number, direction: 1 | -1): number {
  const edges = [...WORDS.segment(index.text)].map((word) => index.toCodePoint(word.index));
  edges.push(index.length);
  const found =
    direction === 1 ? edges.find((edge) => edge > from) : edges.findLast((edge) => edge < from);
  return found ?? (direction === 1 ? index.length : 0);
}
