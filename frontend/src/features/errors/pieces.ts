// A sentence cut where a statement of gold or of the model begins or ends.
import { indexText } from "@/core/text";
import type { ErrorStatement } from "@/api/types";

export interface Piece {
  readonly text: string;
  readonly isGold: boolean;
  readonly isModel: boolean;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

function spansOf(said: ErrorStatement["gold"]): readonly Span[] {
  if (said === null) return [];
  return said.tail === null ? [said.head] : [said.head, said.tail];
}

/** The text in pieces: each lies wholly in or out of every end of the statements. */
export function piecesOf(
  text: string,
  statements: readonly Pick<ErrorStatement, "gold" | "predicted">[],
): readonly Piece[] {
  const index = indexText(text);
  const gold = statements.flatMap((one) => spansOf(one.gold));
  const model = statements.flatMap((one) => spansOf(one.predicted));
  const cuts = [...gold, ...model].flatMap(({ start, end }) => [start, end]);
  const borders = [...new Set([0, ...cuts, index.length])].sort((a, b) => a - b);
  return borders.slice(0, -1).map((start, place) => {
    const end = borders[place + 1] ?? index.length;
    const isIn = (span: Span) => span.start <= start && end <= span.end;
    return { text: index.slice(start, end), isGold: gold.some(isIn), isModel: model.some(isIn) };
  });
}
