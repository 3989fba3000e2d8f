// Selecting text without a mouse: a caret that the arrow keys move, and Shift stretches.
import { findEntity } from "./graph";
import { focusOn } from "./state";
import type { EditorState } from "./state";
import { nextStop, nextWord } from "./text";

export type Reach = "character" | "word" | "all";

/** Put the caret where one was looking, or at the beginning. */
export function enterCaret(state: EditorState): EditorState {
  const { focus } = state;
  const at = focus.kind === "entity" ? (findEntity(state.work, focus.id)?.end ?? 0) : 0;
  return focusOn(state, { kind: "range", anchor: at, at });
}

export function moveCaret(
  state: EditorState,
  direction: 1 | -1,
  reach: Reach,
  stretches: boolean,
): EditorState {
  const { focus, text } = state;
  if (focus.kind !== "range") return state;
  const ways: Readonly<Record<Reach, () => number>> = {
    character: () => nextStop(text, focus.at, direction),
    word: () => nextWord(text, focus.at, direction),
    all: () => (direction === 1 ? text.length : 0),
  };
  const at = ways[reach]();
  return focusOn(state, { kind: "range", anchor: stretches ? focus.anchor : at, at });
}
