// One suggested statement in its sentence, with both ends marked and what can be done with it.
import type { KeyboardEvent } from "react";
import type { Statement } from "@/api/types";
import { certainty } from "@/core/suggestions";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { Link } from "@/ui/router";
import { piecesOf, rowId } from "./groups";
import type { Kind } from "./use-decisions";

interface RowProps {
  readonly row: Statement;
  readonly path: string;
  readonly isCurrent: boolean;
  readonly onFocus: () => void;
  readonly onDecide: (kind: Kind) => void;
  readonly onKey: (event: KeyboardEvent<HTMLLIElement>) => void;
}

function Marked({ row }: { readonly row: Statement }) {
  const pieces = piecesOf(row);
  return (
    <p className="statement-text">
      {pieces.map(({ text, isHead, isTail }, place) => {
        if (!isHead && !isTail) return <span key={place}>{text}</span>;
        const ends = `${isHead ? "statement-head" : ""} ${isTail ? "statement-tail" : ""}`;
        return (
          <mark key={place} className={ends.trim()}>
            {text}
          </mark>
        );
      })}
    </p>
  );
}

export function StatementRow({ row, path, isCurrent, onFocus, onDecide, onKey }: RowProps) {
  const { t, format } = useI18n();
  const sure = certainty(row.confidence);
  return (
    <li
      className="statement"
      tabIndex={isCurrent ? 0 : -1}
      data-row={rowId(row)}
      data-testid="statement"
      onFocus={onFocus}
      onKeyDown={(event) => {
        if (event.target === event.currentTarget) onKey(event);
      }}
    >
      <Marked row={row} />
      <span className={`sure sure-${sure}`}>
        {format.percent(row.confidence)} {t(`editor.${sure}`)}
      </span>
      <span className="statement-actions">
        <Button size="small" onClick={() => onDecide("accepted")}>
          {t("suggestions.accept")}
        </Button>
        <Button size="small" weight="quiet" onClick={() => onDecide("refused")}>
          {t("suggestions.refuse")}
        </Button>
        <Link className="button button-quiet button-small" to={path}>
          {t("suggestions.open")}
        </Link>
      </span>
    </li>
  );
}
