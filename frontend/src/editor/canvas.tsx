// The sentence itself: text in lines, entities under it, arcs above it, and what the mouse does there.
import { useLayoutEffect, useMemo, useRef, useState } from "react";
import type { MouseEvent } from "react";
import { selectRange } from "@/core/entities";
import { MEASURES, drawSentence, measuresFor } from "@/core/layout/sentence";
import type { Measures } from "@/core/layout/sentence";
import { pickEntity } from "@/core/picking";
import { NO_FOCUS, focusOn } from "@/core/state";
import type { EditorState } from "@/core/state";
import { useI18n } from "@/i18n/context";
import { ArcEnds } from "./arc-ends";
import { ArcMarks } from "./arc-marks";
import { ArcsToggle } from "./arcs-toggle";
import { Caret } from "./caret";
import { EntityMarks } from "./entity-marks";
import { advances, fontOf, measureIn } from "./measure";
import { markAt, selectedIn } from "./pointer";
import { Popover } from "./popover";
import { marksOf, sceneOf } from "./scene";
import { TouchSelection } from "./touch-selection";

interface Room {
  readonly width: number;
  readonly font: string;
  readonly labelFont: string;
  readonly spacing: number;
  readonly measures: Measures;
}

const UNKNOWN: Room = {
  width: 0,
  font: "22px sans-serif",
  labelFont: "13px sans-serif",
  spacing: 0,
  measures: MEASURES,
};

function useRoom() {
  const element = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState<Room>(UNKNOWN);
  useLayoutEffect(() => {
    const box = element.current;
    if (box === null) return undefined;
    const look = () => {
      const font = fontOf(box);
      const { fontFamily, letterSpacing, lineHeight } = getComputedStyle(box);
      const isCompact = document.documentElement.dataset["density"] === "compact";
      const measures = measuresFor(Number.parseFloat(lineHeight), isCompact);
      const spacing = Number.parseFloat(letterSpacing) || 0;
      const width = Math.floor(box.clientWidth);
      setRoom({ width, font, labelFont: `600 13px ${fontFamily}`, spacing, measures });
    };
    look();
    const observer = new ResizeObserver(look);
    observer.observe(box);
    const settings = new MutationObserver(look);
    settings.observe(document.documentElement, { attributeFilter: ["style", "data-density"] });
    return () => {
      observer.disconnect();
      settings.disconnect();
    };
  }, []);
  return { element, room };
}

interface CanvasProps {
  readonly state: EditorState;
  readonly onState: (state: EditorState) => void;
}

export function Canvas({ state, onState }: CanvasProps) {
  const { t } = useI18n();
  const { element, room } = useRoom();
  const lines = useRef<HTMLDivElement>(null);
  const widths = useMemo(
    () => advances(state.text, measureIn(room.font), room.spacing),
    [state.text, room.font, room.spacing],
  );
  const marks = useMemo(() => marksOf(state), [state]);
  const picture = useMemo(
    () =>
      drawSentence(
        sceneOf(state, marks, measureIn(room.labelFont), widths, room.width),
        room.measures,
      ),
    [state, marks, widths, room.labelFont, room.width, room.measures],
  );

  const pick = (id: string, keepsHead: boolean) => {
    const isOwn = state.work.entities.some((entity) => entity.id === id);
    onState(
      isOwn ? pickEntity(state, id, keepsHead) : focusOn(state, { kind: "proposal", key: id }),
    );
  };

  const finish = (event: MouseEvent<HTMLDivElement>) => {
    if (event.button !== 0 || element.current === null || lines.current === null) return;
    const box = element.current.getBoundingClientRect();
    const under = markAt(picture, event.clientX - box.left, event.clientY - box.top);
    const range = selectedIn(lines.current, state.text);
    const isDoubleClickOnMark = event.detail > 1 && under !== null;
    document.getSelection()?.removeAllRanges();
    if (range !== null && !isDoubleClickOnMark) onState(selectRange(state, range));
    else if (under !== null && event.detail <= 1) pick(under, event.shiftKey);
    else if (under === null) onState(focusOn(state, NO_FOCUS));
  };

  return (
    <div className="canvas-frame">
      <ArcsToggle state={state} onState={onState} />
      {/* The keyboard has the command table; this only adds the mouse. */}
      <div
        ref={element}
        className="canvas"
        role="group"
        aria-label={t("editor.sentence")}
        style={{ height: `${picture.height}px` }}
        onMouseUp={finish}
      >
        <EntityMarks picture={picture} marks={marks.spans} state={state} onPick={pick} />
        <div ref={lines} className="text-lines" data-testid="sentence-text">
          {picture.lines.map((line) => (
            <div
              key={line.start}
              className="text-line"
              data-line-start={line.start}
              style={{ top: `${line.textTop}px` }}
            >
              {state.text.slice(line.start, line.end)}
            </div>
          ))}
        </div>
        <ArcMarks picture={picture} marks={marks.arcs} state={state} onState={onState} />
        <ArcEnds picture={picture} state={state} onState={onState} />
        <Caret picture={picture} state={state} />
        <Popover picture={picture} state={state} onState={onState} room={room.width} />
      </div>
      <TouchSelection lines={lines} state={state} onState={onState} />
    </div>
  );
}
