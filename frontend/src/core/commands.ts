// The one table of what can be done: it drives the keys, the menu, the help and the tests.
import { caretCommands } from "./commands-caret";
import { numberCommands, typeCommands } from "./commands-typed";
import { dropEntity, labelSameStrings, labelSelection, moveBoundary } from "./entities";
import type { Boundary } from "./entities";
import { redo, undo } from "./history";
import type { Command, Outcome } from "./command";
import { acceptAll, answer, proposalAfter, walk } from "./proposals";
import { denyPair, dropRelation, openPair, reverseRelation } from "./relations";
import {
  NO_FOCUS,
  focusOn,
  impliedType,
  proposalInFocus,
  proposalsOf,
  selectedRange,
} from "./state";
import type { EditorState } from "./state";

const only = (state: EditorState): Outcome => ({ state });
const hasFocus = (kind: EditorState["focus"]["kind"]) => (state: EditorState) =>
  state.focus.kind === kind;
const isIdle = (state: EditorState) => state.focus.kind !== "range";
const always = () => true;

function deleteFocus(state: EditorState): EditorState {
  const { focus } = state;
  if (focus.kind === "entity") return dropEntity(state, focus.id);
  if (focus.kind === "relation") return dropRelation(state, focus.key);
  return answer(state, "reject");
}

function reverse(state: EditorState): EditorState {
  const { focus } = state;
  if (focus.kind === "pair") return openPair(state, focus.second, focus.first);
  return focus.kind === "relation" ? reverseRelation(state, focus.key) : state;
}

function boundary(name: Command["name"], key: string, which: Boundary, way: 1 | -1): Command {
  return {
    name,
    keys: [key],
    group: "entities",
    when: hasFocus("entity"),
    run: (state) =>
      only(state.focus.kind === "entity" ? moveBoundary(state, state.focus.id, which, way) : state),
  };
}

function labelsImplied(state: EditorState): boolean {
  return selectedRange(state) !== null && impliedType(state) !== null;
}

const editing: readonly Command[] = [
  {
    name: "label-implied",
    keys: ["Enter"],
    group: "entities",
    when: labelsImplied,
    run: (state) => only(labelSelection(state, impliedType(state) ?? "")),
  },
  {
    name: "label-same",
    keys: ["Shift+s"],
    group: "entities",
    when: (state) => state.hint?.kind === "same-strings",
    run: (state) =>
      only(state.hint?.kind === "same-strings" ? labelSameStrings(state, state.hint.id) : state),
  },
  boundary("end-right", "Shift+ArrowRight", "end", 1),
  boundary("end-left", "Shift+ArrowLeft", "end", -1),
  boundary("start-left", "Ctrl+Shift+ArrowLeft", "start", -1),
  boundary("start-right", "Ctrl+Shift+ArrowRight", "start", 1),
  {
    name: "delete",
    keys: ["Delete", "Backspace"],
    group: "entities",
    when: (state) => ["entity", "relation", "proposal"].includes(state.focus.kind),
    run: (state) => only(deleteFocus(state)),
  },
  {
    name: "reverse",
    keys: ["r", "Shift+r"],
    group: "relations",
    when: (state) => ["relation", "pair"].includes(state.focus.kind),
    run: (state) => only(reverse(state)),
  },
  {
    name: "deny",
    keys: ["n", "-"],
    group: "relations",
    when: hasFocus("pair"),
    run: (state) =>
      only(
        state.focus.kind === "pair"
          ? denyPair(state, state.focus.first, state.focus.second)
          : state,
      ),
  },
];

const answering: readonly Command[] = [
  {
    name: "walk-next",
    keys: ["Tab"],
    group: "suggestions",
    when: (state) => isIdle(state) && proposalAfter(state, 1) !== undefined,
    run: (state) => only(walk(state, 1)),
  },
  {
    name: "walk-previous",
    keys: ["Shift+Tab"],
    group: "suggestions",
    when: (state) => isIdle(state) && proposalAfter(state, -1) !== undefined,
    run: (state) => only(walk(state, -1)),
  },
  {
    name: "accept",
    keys: ["a"],
    group: "suggestions",
    when: (state) => proposalInFocus(state) !== undefined,
    run: (state) => only(answer(state, "accept")),
  },
  {
    name: "reject",
    keys: ["x"],
    group: "suggestions",
    when: (state) => proposalInFocus(state) !== undefined,
    run: (state) => only(answer(state, "reject")),
  },
  {
    name: "accept-all",
    keys: ["Shift+a"],
    group: "suggestions",
    when: (state) => proposalsOf(state).length > 0,
    run: (state) => only(acceptAll(state)),
  },
  {
    name: "hide-suggestions",
    keys: ["Shift+h"],
    group: "view",
    when: (state) => state.suggestion !== null,
    run: (state) => only({ ...focusOn(state, NO_FOCUS), showsProposals: !state.showsProposals }),
  },
  {
    name: "all-arcs",
    keys: ["Shift+f"],
    group: "view",
    when: always,
    run: (state) => only({ ...state, showsAllArcs: !state.showsAllArcs }),
  },
];

const going: readonly Command[] = [
  {
    name: "submit",
    keys: ["Enter"],
    group: "sentence",
    when: (state) => state.focus.kind !== "pair" && selectedRange(state) === null,
    run: (state) => ({ state: focusOn(state, NO_FOCUS), ask: "submit" }),
  },
  {
    name: "accept-all-submit",
    keys: ["Shift+Enter"],
    group: "sentence",
    when: always,
    run: (state) => ({ state: acceptAll(state), ask: "submit" }),
  },
  {
    name: "skip",
    keys: ["Space"],
    group: "sentence",
    when: isIdle,
    run: (state) => ({ state: focusOn(state, NO_FOCUS), ask: "skip" }),
  },
  {
    name: "previous",
    keys: ["ArrowLeft"],
    group: "sentence",
    when: isIdle,
    run: (state) => ({ state, ask: "previous" }),
  },
  {
    name: "next",
    keys: ["ArrowRight"],
    group: "sentence",
    when: isIdle,
    run: (state) => ({ state, ask: "next" }),
  },
  {
    name: "undo",
    keys: ["Ctrl+z"],
    group: "sentence",
    when: (state) => state.history.done.length > 0,
    run: (state) => only({ ...focusOn(state, NO_FOCUS), ...undo(state) }),
  },
  {
    name: "redo",
    keys: ["Ctrl+Shift+z", "Ctrl+y"],
    group: "sentence",
    when: (state) => state.history.undone.length > 0,
    run: (state) => only({ ...focusOn(state, NO_FOCUS), ...redo(state) }),
  },
  {
    name: "escape",
    keys: ["Escape"],
    group: "view",
    when: (state) => state.focus.kind !== "nothing" || state.digits !== "" || state.hint !== null,
    run: (state) => only(focusOn(state, NO_FOCUS)),
  },
  {
    name: "help",
    keys: ["?"],
    group: "view",
    when: always,
    run: (state) => ({ state, ask: "help" }),
  },
  {
    name: "palette",
    keys: ["Ctrl+k"],
    group: "view",
    when: always,
    run: (state) => ({ state, ask: "palette" }),
  },
];

/** Read from the top: the first row whose key and condition fit is done. */
export const COMMANDS: readonly Command[] = [
  ...typeCommands,
  ...caretCommands,
  ...editing,
  ...numberCommands,
  ...answering,
  ...going,
];

export function commandFor(state: EditorState, key: string): Command | undefined {
  return COMMANDS.find((command) => isKeyOf(command, state, key) && command.when(state, key));
}

function isKeyOf(command: Command, state: EditorState, key: string): boolean {
  const keys = typeof command.keys === "function" ? command.keys(state) : command.keys;
  return keys.includes(key);
}

export function pressKey(state: EditorState, key: string): Outcome | null {
  return commandFor(state, key)?.run(state, key) ?? null;
}
