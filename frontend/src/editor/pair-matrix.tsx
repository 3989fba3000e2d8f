// Every legal pair against every relation type: what is said, what is denied, what the model thinks.
import { useEffect, useRef, useState } from "react";
import { denyRow, matrixOf, shortened } from "@/core/matrix";
import type { Row } from "@/core/matrix";
import { shortLabel } from "@/core/schema";
import { NO_FOCUS, focusOn } from "@/core/state";
import type { EditorState } from "@/core/state";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { MatrixCell } from "./matrix-cell";
import { entityWords } from "./scene";
import "./pair-matrix.css";

interface MatrixProps {
  readonly state: EditorState;
  readonly onState: (state: EditorState) => void;
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
  const element = useRef<HTMLElement>(null);
  const { focus } = state;
  const isOpen = focus.kind === "matrix";
  useEffect(() => {
    if (isOpen) element.current?.scrollIntoView({ block: "nearest" });
  }, [isOpen]);
  if (focus.kind !== "matrix") return null;
  const all = matrixOf(state);
  const rows = showsAll ? all : shortened(all, focus.pair);
  return (
    <section
      ref={element}
      className="panel matrix"
      aria-labelledby="matrix-head"
      data-testid="pair-matrix"
    >
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
