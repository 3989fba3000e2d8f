// Every legal pair against every relation type: what is said, what is denied, what the model thinks.
import { useEffect, useRef, useState } from "react";
import { denyRow, matrixOf, shortened, toggleCell } from "@/core/matrix";
import type { Cell, Row } from "@/core/matrix";
import { relationType, shortLabel } from "@/core/schema";
import { NO_FOCUS, focusOn } from "@/core/state";
import type { EditorState } from "@/core/state";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { entityWords } from "./scene";
import "./pair-matrix.css";

interface MatrixProps {
  readonly state: EditorState;
  readonly onState: (state: EditorState) => void;
}

interface CellProps extends MatrixProps {
  readonly row: Row;
  readonly cell: Cell;
}

function MatrixCell({ state, onState, row, cell }: CellProps) {
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

function MatrixRow({ state, onState, row }: MatrixProps & { readonly row: Row }) {
  const { t } = useI18n();
  const isSaid = row.cells.some(({ relation }) => relation !== null);
  const pair = `${entityWords(state, row.head.id)} → ${entityWords(state, row.tail.id)}`;
  return (
    <tr className={state.focus.kind === "matrix" && state.focus.pair === row.key ? "is-here" : ""}>
      <th scope="row">
        {entityWords(state, row.head.id)} <span aria-hidden="true">→</span>{" "}
        {entityWords(state, row.tail.id)}
      </th>
      {row.cells.map((cell) => (
        <MatrixCell key={cell.type} state={state} onState={onState} row={row} cell={cell} />
      ))}
      <td role="gridcell">
        <button
          type="button"
          data-cell=""
          className={row.isDenied ? "cell is-denied" : "cell"}
          tabIndex={-1}
          disabled={isSaid}
          aria-pressed={row.isDenied}
          aria-label={`${pair}, ${t("editor.no_relation")}`}
          onClick={() => onState(denyRow(state, row.key, row.cells[0]?.type ?? ""))}
        >
          {row.isDenied ? <b aria-hidden="true">∅</b> : null}
        </button>
      </td>
    </tr>
  );
}

export function PairMatrix({ state, onState }: MatrixProps) {
  const { t } = useI18n();
  const [showsAll, setShowsAll] = useState(false);
  const { focus } = state;
  if (focus.kind !== "matrix") return null;
  const all = matrixOf(state);
  const rows = showsAll ? all : shortened(all, focus.pair);
  return (
    <section className="panel matrix" aria-labelledby="matrix-head" data-testid="pair-matrix">
      <header className="matrix-head">
        <h2 id="matrix-head">{t("matrix.title")}</h2>
        <span className="muted small">{t("matrix.legend")}</span>
        {rows.length < all.length || showsAll ? (
          <label className="check small">
            <input
              type="checkbox"
              checked={showsAll}
              onChange={(event) => setShowsAll(event.target.checked)}
            />
            {t("matrix.all", { n: all.length })}
          </label>
        ) : null}
        <Button
          weight="quiet"
          size="small"
          aria-label={t("ui.close")}
          onClick={() => onState(focusOn(state, NO_FOCUS))}
        >
          ✕
        </Button>
      </header>
      <div className="matrix-scroll">
        <table role="grid" aria-labelledby="matrix-head">
          <thead>
            <tr>
              <th scope="col">{t("matrix.pair")}</th>
              {state.schema.relation_types.map((type) => (
                <th key={type.name} scope="col" title={type.label}>
                  {shortLabel(type, type.name)}
                </th>
              ))}
              <th scope="col">
                {t("editor.no_relation")} <kbd aria-hidden="true">N</kbd>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <MatrixRow key={row.key} state={state} onState={onState} row={row} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
