// Relations: arcs above the text, an arrow at the tail, and a label that is a button.
import { arcY } from "@/core/layout/sentence";
import type { Measures, Picture, PlacedLine } from "@/core/layout/sentence";
import type { Segment } from "@/core/layout/arcs";
import { focusOn } from "@/core/state";
import type { EditorState } from "@/core/state";
import { markText } from "./scene";
import type { Mark } from "./scene";

const ROUND = 7;

/** Up one leg, along, down the other; open where the arc leaves the line. */
function pathOf(segment: Segment, line: PlacedLine, measures: Measures): string {
  const y = arcY(line, segment.lane, measures);
  const foot = line.textTop - 1;
  const round = Math.min(ROUND, Math.max(0, (segment.to - segment.from) / 2));
  const hasLeg = (x: number) => segment.legs.some((leg) => Math.abs(leg.x - x) < 0.01);
  const { from, to } = segment;
  const start = hasLeg(from)
    ? `M${from} ${foot}V${y + round}Q${from} ${y} ${from + round} ${y}`
    : `M${from} ${y}`;
  const end = hasLeg(to) ? `H${to - round}Q${to} ${y} ${to} ${y + round}V${foot}` : `H${to}`;
  return start + end;
}

function arrowAt(x: number, line: PlacedLine): string {
  const y = line.textTop;
  return `M${x - 4.5} ${y - 7}L${x + 4.5} ${y - 7}L${x} ${y}Z`;
}

function classesOf(mark: Mark, base: string): string {
  const proposal = mark.confidence === null ? "" : " is-proposal";
  return `${base}${proposal}${mark.isChosen ? " is-chosen" : ""}`;
}

interface ArcProps {
  readonly picture: Picture;
  readonly marks: readonly Mark[];
  readonly state: EditorState;
  readonly onState: (state: EditorState) => void;
}

export function ArcMarks({ picture, marks, state, onState }: ArcProps) {
  const byId = new Map(marks.map((mark) => [mark.id, mark]));
  const drawn = picture.segments.flatMap((segment) => {
    const mark = byId.get(segment.id);
    const line = picture.lines[segment.line];
    return mark === undefined || line === undefined ? [] : [{ segment, mark, line }];
  });
  const choose = (mark: Mark) => {
    const kind = mark.confidence === null ? "relation" : "proposal";
    onState(focusOn(state, { kind, key: mark.id }));
  };
  return (
    <>
      <svg className="arcs" aria-hidden="true" width="100%" height={picture.height}>
        {drawn.map(({ segment, mark, line }) => (
          <g
            key={`${segment.id} ${segment.line} ${segment.isMain}`}
            className={classesOf(mark, "arc")}
            style={{ "--c": mark.color }}
          >
            <path d={pathOf(segment, line, picture.measures)} />
            {segment.legs
              .filter((leg) => leg.isTail && mark.isDirected)
              .map((leg) => (
                <path key={leg.x} className="arrow" d={arrowAt(leg.x, line)} />
              ))}
          </g>
        ))}
      </svg>
      {drawn.map(({ segment, mark, line }) => (
        <button
          key={`${segment.id} ${segment.line} ${segment.isMain}`}
          type="button"
          className={classesOf(mark, "arc-label")}
          style={{
            "--c": mark.color,
            left: `${segment.labelX}px`,
            top: `${arcY(line, segment.lane, picture.measures)}px`,
          }}
          data-testid={
            segment.isMain && mark.confidence === null ? `arc-${mark.number}` : undefined
          }
          aria-hidden="true"
          tabIndex={-1}
          onMouseDown={(event) => event.preventDefault()}
          onMouseUp={(event) => event.stopPropagation()}
          onClick={() => choose(mark)}
        >
          {mark.confidence === null ? mark.label : markText(mark)}
        </button>
      ))}
    </>
  );
}
