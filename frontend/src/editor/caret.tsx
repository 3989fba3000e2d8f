// The caret of keyboard labelling, and what it has selected.
import { xOf } from "@/core/layout/lines";
import type { Picture } from "@/core/layout/sentence";
import { selectedRange } from "@/core/state";
import type { EditorState } from "@/core/state";
import { caretX, lineOf } from "./pointer";

interface CaretProps {
  readonly picture: Picture;
  readonly state: EditorState;
}

export function Caret({ picture, state }: CaretProps) {
  const { focus } = state;
  if (focus.kind !== "range") return null;
  const range = selectedRange(state);
  const line = lineOf(picture, focus.at);
  return (
    <>
      {range === null
        ? null
        : picture.lines
            .filter((one) => one.start < range.end && range.start < one.end)
            .map((one) => {
              const left = xOf(one, Math.max(range.start, one.start));
              const right = xOf(one, Math.min(range.end, one.end));
              const style = {
                left: `${left}px`,
                top: `${one.textTop}px`,
                width: `${right - left}px`,
              };
              return <div key={one.start} className="selection" style={style} />;
            })}
      {line === undefined ? null : (
        <div
          className="caret"
          data-testid="caret"
          style={{ left: `${caretX(line, focus.at)}px`, top: `${line.textTop}px` }}
        />
      )}
    </>
  );
}
