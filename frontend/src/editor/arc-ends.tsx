// The two ends of the relation that is selected: drag one to another entity, or press it and pick one.
import { useRef, useState } from "react";
import type { PointerEvent } from "react";
import { findRelation } from "@/core/graph";
import { pickEntity } from "@/core/picking";
import type { Picture } from "@/core/layout/sentence";
import { focusOn } from "@/core/state";
import type { EditorState, End } from "@/core/state";
import { useI18n } from "@/i18n/context";
import { markAt } from "./pointer";
import { tripleOf } from "./words";

interface EndsProps {
  readonly picture: Picture;
  readonly state: EditorState;
  readonly onState: (state: EditorState) => void;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Handle extends Point {
  readonly which: End;
}

const FAR_ENOUGH = 4;
/** High enough to leave the arrow in sight. */
const ABOVE_ARROW = 15;

/** Where the ends of a relation stand on the page. */
function handlesOf(picture: Picture, key: string): readonly Handle[] {
  return picture.segments
    .filter(({ id }) => id === key)
    .flatMap(({ legs, line }) =>
      legs.map(({ x, isTail }): Handle => {
        const y = (picture.lines[line]?.textTop ?? 0) - ABOVE_ARROW;
        return { x, y, which: isTail ? "tail" : "head" };
      }),
    );
}

/** The entity whose chip or text lies under the pointer. */
function entityUnder(event: PointerEvent, picture: Picture, box: DOMRect): string | null {
  const chip = document
    .elementsFromPoint(event.clientX, event.clientY)
    .find((element) => element instanceof HTMLElement && element.dataset["entity"] !== undefined);
  if (chip instanceof HTMLElement) return chip.dataset["entity"] ?? null;
  return markAt(picture, event.clientX - box.left, event.clientY - box.top);
}

function boxOf(event: PointerEvent): DOMRect {
  return event.currentTarget.closest(".canvas")?.getBoundingClientRect() ?? new DOMRect(0, 0, 0, 0);
}

function relationInFocus({ focus }: EditorState): string | null {
  return focus.kind === "relation" || focus.kind === "end" ? focus.key : null;
}

export function ArcEnds({ picture, state, onState }: EndsProps) {
  const { t } = useI18n();
  const [drag, setDrag] = useState<{ readonly from: Handle; readonly to: Point } | null>(null);
  const begun = useRef<Point | null>(null);
  const key = relationInFocus(state);
  const relation = key === null ? undefined : findRelation(state.work, key);
  if (key === null || relation === undefined) return null;
  const { subject, predicate, object } = tripleOf(state, relation);

  const start = (event: PointerEvent<HTMLButtonElement>, handle: Handle) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    begun.current = { x: event.clientX, y: event.clientY };
    onState(focusOn(state, { kind: "end", key, which: handle.which }));
  };
  const move = (event: PointerEvent<HTMLButtonElement>, from: Handle) => {
    const first = begun.current;
    if (first === null) return;
    const far = Math.hypot(event.clientX - first.x, event.clientY - first.y);
    if (drag === null && far < FAR_ENOUGH) return;
    const box = boxOf(event);
    setDrag({ from, to: { x: event.clientX - box.left, y: event.clientY - box.top } });
  };
  const drop = (event: PointerEvent<HTMLButtonElement>) => {
    begun.current = null;
    if (drag === null) return;
    setDrag(null);
    const target = entityUnder(event, picture, boxOf(event));
    const isEntity = state.work.entities.some(({ id }) => id === target);
    onState(
      target !== null && isEntity
        ? pickEntity(state, target)
        : focusOn(state, { kind: "relation", key }),
    );
  };
  return (
    <>
      {drag === null ? null : (
        <svg className="arcs drag-line" aria-hidden="true" width="100%" height={picture.height}>
          <path d={`M${drag.from.x} ${drag.from.y}L${drag.to.x} ${drag.to.y}`} />
          <circle cx={drag.to.x} cy={drag.to.y} r="5" />
        </svg>
      )}
      {handlesOf(picture, key).map((handle) => {
        const isWaiting = state.focus.kind === "end" && state.focus.which === handle.which;
        return (
          <button
            key={handle.which}
            type="button"
            className={isWaiting ? "arc-end is-waiting" : "arc-end"}
            data-testid={`arc-end-${handle.which}`}
            style={{ left: `${handle.x}px`, top: `${handle.y}px` }}
            aria-label={`${t(`command.change-${handle.which}`)}: ${subject} ${predicate} ${object}`}
            title={t(`command.change-${handle.which}`)}
            onMouseDown={(event) => event.preventDefault()}
            onMouseUp={(event) => event.stopPropagation()}
            onPointerDown={(event) => start(event, handle)}
            onPointerMove={(event) => move(event, handle)}
            onPointerUp={drop}
            onPointerCancel={() => {
              begun.current = null;
              setDrag(null);
            }}
            onClick={() => {
              if (state.focus.kind !== "end") {
                onState(focusOn(state, { kind: "end", key, which: handle.which }));
              }
            }}
          />
        );
      })}
    </>
  );
}
