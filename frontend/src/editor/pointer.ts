// What the mouse means: a stretch of text, or the entity under a click.
import type { Picture, PlacedLine } from "@/core/layout/sentence";
import type { TextIndex } from "@/core/text";
import type { Range as TextRange } from "@/core/trim";

function lineElement(node: Node): HTMLElement | null {
  const element = node instanceof HTMLElement ? node : node.parentElement;
  return element?.closest<HTMLElement>("[data-line-start]") ?? null;
}

/** The code point of a place in the text as the browser names it. */
function codePointOf(index: TextIndex, node: Node, offset: number): number | null {
  const line = lineElement(node);
  if (line === null) return null;
  const start = Number(line.dataset["lineStart"]);
  const isText = node.nodeType === Node.TEXT_NODE;
  const units = isText ? offset : offset === 0 ? 0 : line.textContent.length;
  return index.toCodePoint(index.toUtf16(start) + units);
}

/** The stretch that is selected inside this element, or null. */
export function selectedIn(root: HTMLElement, index: TextIndex): TextRange | null {
  const selection = document.getSelection();
  if (selection === null || selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  if (!range.intersectsNode(root)) return null;
  const isInside = (node: Node) => root.contains(node);
  const start = isInside(range.startContainer)
    ? codePointOf(index, range.startContainer, range.startOffset)
    : 0;
  const end = isInside(range.endContainer)
    ? codePointOf(index, range.endContainer, range.endOffset)
    : index.length;
  if (start === null || end === null || start >= end) return null;
  return { start, end };
}

function lineAt(picture: Picture, y: number): number {
  return picture.lines.findIndex(
    ({ textTop }) => y >= textTop && y <= textTop + picture.measures.textHeight,
  );
}

/** The innermost mark under a point of the picture. */
export function markAt(picture: Picture, x: number, y: number): string | null {
  const line = lineAt(picture, y);
  const here = picture.pieces.filter(
    (piece) => piece.line === line && x >= piece.x && x <= piece.x + piece.width,
  );
  const inner = here.toSorted((a, b) => a.width - b.width)[0];
  return inner?.id ?? null;
}

/** Where on a line a code point begins. */
export function caretX(line: PlacedLine, at: number): number {
  return line.xs[Math.min(Math.max(at - line.start, 0), line.xs.length - 1)] ?? 0;
}

/** The line that a caret at this code point stands on. */
export function lineOf(picture: Picture, at: number): PlacedLine | undefined {
  return picture.lines.find((line) => at >= line.start && at < line.end) ?? picture.lines.at(-1);
}
