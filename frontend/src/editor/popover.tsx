// What can be chosen just now, right where one looks: a type for a selection, a relation for a pair.
import { useEffect, useRef } from "react";
import { labelSelection } from "@/core/entities";
import type { Picture } from "@/core/layout/sentence";
import { chanceBetween } from "@/core/matrix";
import { choicesBetween, denyPair, openPair, relate } from "@/core/relations";
import { relationType } from "@/core/schema";
import type { EntityType } from "@/core/schema";
import { selectedRange } from "@/core/state";
import type { EditorState } from "@/core/state";
import { useI18n } from "@/i18n/context";
import { caretX, lineOf } from "./pointer";
import { entityWords } from "./scene";

interface ChoiceButtonProps {
  readonly type: EntityType;
  readonly note?: string;
  readonly onChoose: () => void;
}

function ChoiceButton({ type, note, onChoose }: ChoiceButtonProps) {
  return (
    <button
      type="button"
      className="choice"
      style={{ "--c": type.color }}
      aria-keyshortcuts={type.key}
      onMouseDown={(event) => event.preventDefault()}
      onClick={onChoose}
    >
      <span className="swatch-c" aria-hidden="true" />
      <span className="choice-label">{type.label || type.name}</span>
      {note === undefined || note === "" ? null : <span className="choice-note">{note}</span>}
      {type.key === "" ? null : <kbd aria-hidden="true">{type.key.toUpperCase()}</kbd>}
    </button>
  );
}

interface PopoverProps {
  readonly picture: Picture;
  readonly state: EditorState;
  readonly onState: (state: EditorState) => void;
  readonly room: number;
}

const WIDTH = 264;

function placeUnder(picture: Picture, at: number, room: number) {
  const line = lineOf(picture, at);
  if (line === undefined) return {};
  const x = Math.min(Math.max(0, caretX(line, at) - 24), Math.max(0, room - WIDTH));
  return { left: `${x}px`, top: `${line.bottom + 6}px`, width: `${WIDTH}px` };
}

function PairChoices({ state, onState }: Pick<PopoverProps, "state" | "onState">) {
  const { t, format } = useI18n();
  const { focus } = state;
  if (focus.kind !== "pair") return null;
  const { first, second } = focus;
  return (
    <>
      <p className="popover-head">
        {entityWords(state, first)} <span aria-hidden="true">→</span> {entityWords(state, second)}
      </p>
      {choicesBetween(state, first, second).map((choice) => {
        const type = relationType(state.schema, choice.type);
        if (type === undefined) return null;
        const [head, tail] = choice.flipped ? [second, first] : [first, second];
        const chance = chanceBetween(state, head, tail, choice.type);
        const notes = [
          choice.flipped ? t("editor.flipped") : "",
          chance === null ? "" : format.share(chance),
        ];
        return (
          <ChoiceButton
            key={type.name}
            type={type}
            note={notes.filter(Boolean).join(" · ")}
            onChoose={() => onState(relate(state, first, second, choice))}
          />
        );
      })}
      <div className="popover-foot">
        <button type="button" onClick={() => onState(openPair(state, second, first))}>
          {t("editor.swap")} <kbd aria-hidden="true">R</kbd>
        </button>
        <button type="button" onClick={() => onState(denyPair(state, first, second))}>
          {t("editor.no_relation")} <kbd aria-hidden="true">N</kbd>
        </button>
      </div>
    </>
  );
}

export function Popover({ picture, state, onState, room }: PopoverProps) {
  const { t } = useI18n();
  const element = useRef<HTMLDivElement>(null);
  const { focus, work } = state;
  useEffect(() => {
    element.current?.scrollIntoView({ block: "nearest" });
  }, [focus]);
  const range = selectedRange(state);
  const second =
    focus.kind === "pair" ? work.entities.find(({ id }) => id === focus.second) : undefined;
  const at = range?.end ?? second?.start;
  if (at === undefined) return null;
  const isPair = second !== undefined;
  return (
    <div
      ref={element}
      className="popover"
      role="group"
      aria-label={isPair ? t("editor.choose_relation") : t("editor.choose_type")}
      data-testid={isPair ? "relation-popover" : "type-popover"}
      style={placeUnder(picture, at, room)}
      onMouseUp={(event) => event.stopPropagation()}
    >
      {isPair ? (
        <PairChoices state={state} onState={onState} />
      ) : (
        state.schema.entity_types.map((type) => (
          <ChoiceButton
            key={type.name}
            type={type}
            onChoose={() => onState(labelSelection(state, type.name))}
          />
        ))
      )}
    </div>
  );
}
