// One cell of the pair matrix: said or not, the model's chance, and the focus of the keyboard.
import { useEffect, useRef } from "react";
import { toggleCell } from "@/core/matrix";
import type { Cell, Row } from "@/core/matrix";
import { relationType, shortLabel } from "@/core/schema";
import type { EditorState } from "@/core/state";
import { useI18n } from "@/i18n/context";
import { entityWords } from "./scene";

interface CellProps {
  readonly state: EditorState;
  readonly onState: (state: EditorState) => void;
  readonly row: Row;
  readonly cell: Cell;
}

export function MatrixCell({ state, onState, row, cell }: CellProps) {
  const { t, format } = useI18n();
  const element = useRef<HTMLButtonElement>(null);
  const { focus } = state;
  const isHere = focus.kind === "matrix" && focus.pair === row.key && focus.type === cell.type;
  useEffect(() => {
    if (!isHere) return;
    element.current?.focus({ preventScroll: true });
    element.current?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [isHere]);
  if (!cell.isLegal) return <td className="is-illegal" />;
  const type = relationType(state.schema, cell.type);
  const isSaid = cell.relation !== null;
  const chance = cell.chance === null ? null : format.share(cell.chance);
  const name = [
    `${entityWords(state, row.head.id)} → ${shortLabel(type, cell.type)} → ${entityWords(state, row.tail.id)}`,
    isSaid ? t("matrix.said") : t("matrix.not_said"),
    chance === null ? "" : t("matrix.chance", { chance }),
  ];
  const level = cell.chance === null ? 0 : Math.round(cell.chance * 60);
  return (
    <td role="gridcell" aria-selected={isHere}>
      <button
        ref={element}
        type="button"
        data-cell=""
        className={`cell${isSaid ? " is-said" : ""}${isHere ? " is-here" : ""}`}
        style={{ "--c": type?.color ?? "", "--level": `${level}%` }}
        tabIndex={isHere ? 0 : -1}
        aria-pressed={isSaid}
        aria-label={name.filter(Boolean).join(", ")}
        onClick={() => onState(toggleCell(state, row.key, cell.type))}
      >
        {isSaid ? <b aria-hidden="true">✓</b> : null}
        <span aria-hidden="true">{chance}</span>
      </button>
    </td>
  );
}
