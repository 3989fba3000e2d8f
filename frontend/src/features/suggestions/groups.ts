// Rows as the page shows them: grouped by what they say, their sentence cut where an end begins.
import type { Statement } from "@/api/types";
import { indexText } from "@/core/text";

export interface Group {
  readonly key: string;
  readonly first: Statement;
  readonly rows: readonly Statement[];
}

export const rowId = ({ sentence_id, key }: Pick<Statement, "sentence_id" | "key">) =>
  `${sentence_id} ${key}`;

/** Rows that say the same triple (or entity) together, in the order in which they first came. */
export function groupsOf(rows: readonly Statement[]): readonly Group[] {
  const groups = new Map<string, Statement[]>();
  for (const row of rows) {
    const key = JSON.stringify([row.kind, row.subject, row.type, row.object ?? null]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return [...groups].flatMap(([key, [first, ...others]]) =>
    first === undefined ? [] : [{ key, first, rows: [first, ...others] }],
  );
}

export interface Piece {
  readonly text: string;
  readonly isHead: boolean;
  readonly isTail: boolean;
}

/** The sentence in pieces: each lies wholly in or out of either end. */
export function piecesOf(row: Statement): readonly Piece[] {
  const index = indexText(row.text);
  const { tail_start: tailStart = -1, tail_end: tailEnd = -1 } = row;
  const cuts = [0, row.start, row.end, tailStart, tailEnd, index.length];
  const borders = [...new Set(cuts.filter((cut) => cut >= 0))].sort((a, b) => a - b);
  return borders.slice(0, -1).map((start, place) => {
    const end = borders[place + 1] ?? index.length;
    return {
      text: index.slice(start, end),
      isHead: row.start <= start && end <= row.end,
      isTail: tailStart <= start && end <= tailEnd,
    };
  });
}
