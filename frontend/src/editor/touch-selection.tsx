// On a touch screen the system selects text, with handles of its own; a button then labels the stretch.
import { useEffect, useState } from "react";
import type { RefObject } from "react";
import { selectRange } from "@/core/entities";
import type { EditorState } from "@/core/state";
import type { Range } from "@/core/trim";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { selectedIn } from "./pointer";

interface TouchProps {
  readonly lines: RefObject<HTMLDivElement | null>;
  readonly state: EditorState;
  readonly onState: (state: EditorState) => void;
}

/** Was the screen last touched with a finger or a pen, rather than with a mouse? */
function useTouch(): boolean {
  const [isTouch, setTouch] = useState(false);
  useEffect(() => {
    const look = (event: PointerEvent) => setTouch(event.pointerType !== "mouse");
    document.addEventListener("pointerdown", look, true);
    return () => document.removeEventListener("pointerdown", look, true);
  }, []);
  return isTouch;
}

export function TouchSelection({ lines, state, onState }: TouchProps) {
  const { t } = useI18n();
  const isTouch = useTouch();
  const [range, setRange] = useState<Range | null>(null);
  useEffect(() => {
    if (!isTouch) return undefined;
    const look = () =>
      setRange(lines.current === null ? null : selectedIn(lines.current, state.text));
    document.addEventListener("selectionchange", look);
    return () => document.removeEventListener("selectionchange", look);
  }, [isTouch, lines, state.text]);
  if (!isTouch || range === null) return null;
  return (
    <div className="touch-selection">
      <Button
        weight="primary"
        size="large"
        data-testid="label-touch"
        onPointerDown={(event) => event.preventDefault()}
        onClick={() => {
          document.getSelection()?.removeAllRanges();
          setRange(null);
          onState(selectRange(state, range));
        }}
      >
        {t("editor.label_touch", { text: state.text.slice(range.start, range.end) })}
      </Button>
    </div>
  );
}
