import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { indexText, nextStop, nextWord, wholeCharacters } from "./text";

const TEXTS = fc.string({ unit: "binary", maxLength: 30 });

describe("code points and UTF-16 units", () => {
  test("a rare character and an emoji count as one code point", () => {
    const index = indexText("𠮷药😀片");
    expect(index.length).toBe(4);
    expect(index.toUtf16(1)).toBe(2);
    expect(index.toUtf16(3)).toBe(5);
    expect(index.slice(0, 1)).toBe("𠮷");
    expect(index.slice(2, 4)).toBe("😀片");
  });

  test("an offset inside a pair belongs to the pair", () => {
    expect(indexText("𠮷药").toCodePoint(1)).toBe(0);
  });

  test("a combining mark is a code point of its own, but no place for a caret", () => {
    const index = indexText("e\u0301x");
    expect(index.length).toBe(3);
    expect(index.stops).toEqual([0, 2, 3]);
    expect(nextStop(index, 0, 1)).toBe(2);
    expect(wholeCharacters(index, 1, 2)).toEqual([0, 2]);
  });

  test("there and back is the same place, and slices agree with Array.from", () => {
    fc.assert(
      fc.property(TEXTS, fc.nat(30), fc.nat(30), (text, a, b) => {
        const index = indexText(text);
        const [start, end] = [Math.min(a, b, index.length), Math.min(Math.max(a, b), index.length)];
        expect(index.length).toBe(Array.from(text).length);
        expect(index.toCodePoint(index.toUtf16(start))).toBe(start);
        expect(index.slice(start, end)).toBe(Array.from(text).slice(start, end).join(""));
      }),
    );
  });

  test("a caret reaches both ends, and words lead there too", () => {
    const index = indexText("二甲双胍 and 阿司匹林。");
    let at = 0;
    index.stops.forEach(() => (at = nextStop(index, at, 1)));
    expect(at).toBe(index.length);
    index.stops.forEach(() => (at = nextWord(index, at, -1)));
    expect(at).toBe(0);
  });
});
