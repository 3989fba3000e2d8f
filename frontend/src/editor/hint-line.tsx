// One line that says what can be done next, and answers when something could not be done.
import { labelSameStrings } from "@/core/entities";
import type { CommandName } from "@/core/command";
import { findEntity } from "@/core/graph";
import { lockOf } from "@/core/lock";
import { relationType, shortLabel } from "@/core/schema";
import { impliedType, selectedRange } from "@/core/state";
import type { EditorState } from "@/core/state";
import { useI18n } from "@/i18n/context";
import type { Translate } from "@/i18n/translate";
import { Button } from "@/ui/button";
import { entityWords } from "./scene";
import { keyOf } from "./words";

function answerOf(t: Translate, state: EditorState): string | null {
  const { hint } = state;
  switch (hint?.kind) {
    case "no-legal-relation":
      return t("hint.no_legal_relation", {
        first: entityWords(state, hint.first),
        second: entityWords(state, hint.second),
      });
    case "said-already":
      return t("hint.said_already");
    case "no-such-number":
      return t("hint.no_such_number", { number: hint.number });
    case "said-related":
      return t("hint.said_related");
    case "no-pairs":
      return t("hint.no_pairs");
    case "same-strings":
    case undefined:
      return null;
  }
}

function lockWords(t: Translate, state: EditorState): string | null {
  const lock = lockOf(state);
  if (lock === null) return null;
  const head = entityWords(state, lock.head);
  if (lock.type === null) return t("hint.locked", { head });
  const type = shortLabel(relationType(state.schema, lock.type), lock.type);
  return t("hint.locked_type", { head, type });
}

/** The commands that the advice names, each by the key that gives it to this person. */
const NAMED: Readonly<Record<string, CommandName>> = {
  caret: "caret",
  help: "help",
  right: "end-right",
  left: "end-left",
  remove: "delete",
  reverse: "reverse",
  deny: "deny",
  accept: "accept",
  reject: "reject",
  walk: "walk-next",
  toggle: "matrix-toggle",
  matrix: "matrix",
};

function adviceOf(t: Translate, state: EditorState): string {
  const { focus } = state;
  const keys = Object.fromEntries(
    Object.entries(NAMED).map(([slot, name]) => [slot, keyOf(state, name)]),
  );
  if (state.digits !== "") return t("hint.digits", { digits: state.digits });
  switch (focus.kind) {
    case "end":
      return t("hint.end", { end: t(`end.${focus.which}`) });
    case "matrix":
      return t("hint.matrix", keys);
    case "entity":
      return focus.isFresh === true
        ? t("hint.fresh", keys)
        : t("hint.entity", { ...keys, entity: entityWords(state, focus.id) });
    case "pair":
      return t("hint.pair", keys);
    case "relation":
      return t("hint.relation", keys);
    case "proposal":
      return t("hint.proposal", keys);
    case "range":
      if (selectedRange(state) === null) return t("hint.caret");
      return impliedType(state) === null ? t("hint.range") : t("hint.range_implied");
    case "nothing":
      return state.work.entities.length === 0 ? t("hint.empty", keys) : t("hint.nothing", keys);
  }
}

interface HintProps {
  readonly state: EditorState;
  readonly onState: (state: EditorState) => void;
}

export function HintLine({ state, onState }: HintProps) {
  const { t } = useI18n();
  const answer = answerOf(t, state);
  const { hint } = state;
  if (hint?.kind === "same-strings") {
    const entity = findEntity(state.work, hint.id);
    const text = entity === undefined ? "" : state.text.slice(entity.start, entity.end);
    return (
      <p className="hint-line" role="status" data-testid="hint">
        <Button size="small" onClick={() => onState(labelSameStrings(state, hint.id))}>
          {t("hint.same_strings", { text, n: hint.count })} <kbd aria-hidden="true">⇧ S</kbd>
        </Button>
      </p>
    );
  }
  return (
    <p
      className={answer === null ? "hint-line" : "hint-line is-answer"}
      role="status"
      data-testid="hint"
    >
      {answer ?? lockWords(t, state) ?? adviceOf(t, state)}
    </p>
  );
}
