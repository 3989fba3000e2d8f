// Entities: a tint behind the text, an underline in its lane, and a chip with number and type.
import { findEntity } from "@/core/graph";
import { spanY } from "@/core/layout/sentence";
import type { Measures, Picture, PlacedLine } from "@/core/layout/sentence";
import type { Piece } from "@/core/layout/spans";
import type { EditorState } from "@/core/state";
import { certainty } from "@/core/suggestions";
import { useI18n } from "@/i18n/context";
import { markText } from "./scene";
import type { Mark } from "./scene";

interface MarksProps {
  readonly picture: Picture;
  readonly marks: readonly Mark[];
  readonly state: EditorState;
  readonly onPick: (id: string, keepsHead: boolean) => void;
}

function classesOf(mark: Mark, base: string): string {
  return [
    base,
    mark.confidence === null ? "" : "is-proposal",
    mark.isChosen ? "is-chosen" : "",
    mark.isFaded ? "is-faded" : "",
    mark.isLocked === true ? "is-locked" : "",
  ]
    .filter(Boolean)
    .join(" ");
}

function useName(state: EditorState): (mark: Mark) => string {
  const { t, format } = useI18n();
  return (mark) => {
    if (mark.confidence !== null) {
      const sure = t(`editor.${certainty(mark.confidence)}`);
      return t("editor.proposed_entity", {
        label: mark.label,
        sure: `${format.percent(mark.confidence)} ${sure}`,
      });
    }
    const entity = findEntity(state.work, mark.id);
    const text = entity === undefined ? "" : state.text.slice(entity.start, entity.end);
    const n = state.work.relations.filter(
      ({ head, tail }) => head === mark.id || tail === mark.id,
    ).length;
    return t("editor.entity_name", { number: mark.number, text, label: mark.label, n });
  };
}

function tintStyle(mark: Mark, piece: Piece, line: PlacedLine, measures: Measures) {
  return {
    "--c": mark.color,
    left: `${piece.x}px`,
    top: `${line.textTop}px`,
    width: `${piece.width}px`,
    height: `${spanY(line, piece.lane, measures) - line.textTop}px`,
  };
}

export function EntityMarks({ picture, marks, state, onPick }: MarksProps) {
  const nameOf = useName(state);
  const byId = new Map(marks.map((mark) => [mark.id, mark]));
  return (
    <>
      {picture.pieces.map((piece) => {
        const mark = byId.get(piece.id);
        const line = picture.lines[piece.line];
        if (mark === undefined || line === undefined) return null;
        const ends = `${piece.isFirst ? " is-first" : ""}${piece.isLast ? " is-last" : ""}`;
        return (
          <div
            key={`${piece.id} ${piece.line}`}
            className={classesOf(mark, "tint") + ends}
            style={tintStyle(mark, piece, line, picture.measures)}
          />
        );
      })}
      {picture.pieces.map((piece) => {
        const mark = byId.get(piece.id);
        const line = picture.lines[piece.line];
        if (mark === undefined || line === undefined || !piece.isFirst) return null;
        const top = spanY(line, piece.lane, picture.measures) + 3;
        return (
          <button
            key={piece.id}
            type="button"
            className={classesOf(mark, "chip")}
            style={{
              "--c": mark.color,
              left: `${piece.x}px`,
              top: `${top}px`,
              height: `${picture.measures.spanLane - 5}px`,
            }}
            data-testid={mark.confidence === null ? `entity-${mark.number}` : undefined}
            data-entity={mark.confidence === null ? mark.id : undefined}
            aria-pressed={mark.isChosen}
            onMouseDown={(event) => event.preventDefault()}
            onMouseUp={(event) => event.stopPropagation()}
            onClick={(event) => onPick(mark.id, event.shiftKey)}
          >
            <span className="visually-hidden">{nameOf(mark)}</span>
            {mark.confidence === null ? <b aria-hidden="true">{mark.number}</b> : null}
            <span aria-hidden="true">{mark.confidence === null ? mark.label : markText(mark)}</span>
          </button>
        );
      })}
    </>
  );
}
