// A number of a table: a button that opens the statements that it counts, or a plain zero.
import type { CSSProperties } from "react";
import { useI18n } from "@/i18n/context";
import { isSame } from "./cell";
import type { Cell } from "./cell";
import { useCellWords } from "./use-words";

export interface OpenProps {
  readonly opened: Cell | null;
  readonly onOpen: (cell: Cell) => void;
}

interface CountProps extends OpenProps {
  readonly count: number;
  readonly cell: Cell;
  /** How much of the row it is, from 0 to 1: the more, the darker. */
  readonly heat?: number;
  readonly testId?: string;
}

export function Count({ count, heat = 0, cell, testId, opened, onOpen }: CountProps) {
  const { format } = useI18n();
  const wordsOf = useCellWords();
  if (count === 0) return <span className="muted">0</span>;
  const style: CSSProperties & Record<"--heat", string> = { "--heat": `${heat * 100}%` };
  return (
    <button
      type="button"
      className={`error-count error-${cell.class ?? "any"}`}
      style={style}
      aria-pressed={isSame(opened, cell)}
      data-testid={testId}
      onClick={() => onOpen(cell)}
    >
      <span className="visually-hidden">{wordsOf(cell)}: </span>
      {format.number(count)}
    </button>
  );
}
