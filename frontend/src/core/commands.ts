// The one table of what can be done: it drives the keys, the menu, the help and the tests.
import { caretCommands } from "./commands-caret";
import { numberCommands, typeCommands } from "./commands-typed";
import { dropEntity, labelSameStrings, labelSelection, moveBoundary } from "./entities";
import type { Boundary } from "./entities";
import { toggleFlag } from "./flags";
import { redo, undo } from "./history";
import { IDLE } from "./command";
import type { Command, Outcome } from "./command";
import { relationCommands } from "./commands-relations";
import type { Keymap } from "./key-choice";
import { acceptAll, answer } from "./proposals";
import { suggestionCommands } from "./commands-suggestions";
import { dropRelation } from "./relations";
import { NO_FOCUS, focusOn, impliedType, selectedRange } from "./state";
import type { EditorState } from "./state";

const only = (state: EditorState): Outcome => ({ state });
const always = () => true;
function deleteFocus(state: EditorState): EditorState {
  const { focus } = state;
  if (focus.kind === "entity") return dropEntity(state, focus.id);
  if (focus.kind === "relation") return dropRelation(state, focus.key);
  return answer(state, "reject");
}

function boundary(name: Command["name"], key: string, which: Boundary, way: 1 | -1): Command {
  return {
    name,
    keys: [key],
    group: "entities",
    where: ["entity"],
    when: always,
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
    where: ["range"],
    when: labelsImplied,
    run: (state) => only(labelSelection(state, impliedType(state) ?? "")),
  },
  {
    name: "label-same",
    keys: ["Shift+s"],
    group: "entities",
    where: ["entity"],
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
    where: ["entity", "relation", "proposal"],
    when: always,
    run: (state) => only(deleteFocus(state)),
  },
];

const going: readonly Command[] = [
  {
    name: "flag-unclear",
    keys: ["Shift+u"],
    group: "sentence",
    when: always,
    run: (state) => only(toggleFlag(state, "unclear")),
  },
  {
    name: "submit",
    keys: ["Enter"],
    group: "sentence",
    where: ["nothing", "entity", "relation", "proposal", "end", "matrix"],
    when: always,
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
    where: IDLE,
    when: always,
    run: (state) => ({ state: focusOn(state, NO_FOCUS), ask: "skip" }),
  },
  {
    name: "previous",
    keys: ["ArrowLeft"],
    group: "sentence",
    where: IDLE,
    when: always,
    run: (state) => ({ state, ask: "previous" }),
  },
  {
    name: "next",
    keys: ["ArrowRight"],
    group: "sentence",
    where: IDLE,
    when: always,
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
    when: (state) =>
      state.focus.kind !== "nothing" ||
      state.digits !== "" ||
      state.hint !== null ||
      state.lock !== null,
    run: (state) => only({ ...focusOn(state, NO_FOCUS), lock: null }),
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
  ...relationCommands,
  ...numberCommands,
  ...suggestionCommands,
  ...going,
];

/** The keys that give a command now: the person's own, the usual ones, or those of schema and sentence. */
export function keysOf(command: Command, keymap: Keymap, state?: EditorState): readonly string[] {
  if (typeof command.keys === "function") return state === undefined ? [] : command.keys(state);
  const own = keymap[command.name];
  return own === undefined ? command.keys : [own];
}

export function applies(command: Command, state: EditorState, key: string): boolean {
  const isHere = command.where?.includes(state.focus.kind) ?? true;
  return isHere && command.when(state, key);
}

export function commandFor(state: EditorState, key: string): Command | undefined {
  return COMMANDS.find(
    (command) => keysOf(command, state.keymap, state).includes(key) && applies(command, state, key),
  );
}

export function pressKey(state: EditorState, key: string): Outcome | null {
  return commandFor(state, key)?.run(state, key) ?? null;
}

/** Give a command by name, as a button does; null when it cannot be given now. */
export function giveCommand(state: EditorState, name: Command["name"]): Outcome | null {
  const command = COMMANDS.find((one) => one.name === name);
  const [key] = command === undefined ? [] : keysOf(command, {}, state);
  if (command === undefined || key === undefined || !applies(command, state, key)) return null;
  return command.run(state, key);
}
