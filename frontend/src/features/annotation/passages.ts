// The text of a document in stretches: those that are sentences carry their ids.
import type { SourceDocument } from "@/api/types";
import { indexText } from "@/core/text";

export interface Passage {
  readonly text: string;
  readonly id: number | null;
}

/** Tile the text; a document without one is its sentences, a line each. */
export function passagesOf({ text, sentences }: SourceDocument): Passage[] {
  if (text === "") {
    return sentences.flatMap((one) => [
      { text: one.text, id: one.id },
      { text: "\n", id: null },
    ]);
  }
  const index = indexText(text);
  const placed = sentences
    .flatMap(({ id, start, end }) => (start === null || end === null ? [] : [{ id, start, end }]))
    .sort((one, other) => one.start - other.start);
  const passages: Passage[] = [];
  let done = 0;
  for (const { id, start, end } of placed) {
    if (start < done) continue;
    if (start > done) passages.push({ text: index.slice(done, start), id: null });
    passages.push({ text: index.slice(start, end), id });
    done = end;
  }
  if (done < index.length) passages.push({ text: index.slice(done, index.length), id: null });
  return passages;
}
