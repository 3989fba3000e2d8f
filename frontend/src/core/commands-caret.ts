// Commands of the caret: labelling without a mouse.
import { enterCaret, moveCaret } from "./caret";
import type { Reach } from "./caret";
import type { Command } from "./command";
import type { EditorState } from "./state";

const MOVES: Readonly<Record<string, readonly [1 | -1, Reach]>> = {
  ArrowLeft: [-1, "character"],
  ArrowRight: [1, "character"],
  "Ctrl+ArrowLeft": [-1, "word"],
  "Ctrl+ArrowRight": [1, "word"],
  ArrowUp: [-1, "word"],
  ArrowDown: [1, "word"],
  Home: [-1, "all"],
  End: [1, "all"],
};

function stretched(key: string): string {
  return key.startsWith("Ctrl+") ? key.replace("Ctrl+", "Ctrl+Shift+") : `Shift+${key}`;
}

function move(state: EditorState, key: string): EditorState {
  const [direction, reach] = MOVES[key.replace("Shift+", "")] ?? [1, "character"];
  return moveCaret(state, direction, reach, key.includes("Shift+"));
}

export const caretCommands: readonly Command[] = [
  {
    name: "caret",
    keys: ["e"],
    group: "entities",
    where: ["nothing", "entity", "proposal", "relation"],
    when: () => true,
    run: (state) => ({ state: enterCaret(state) }),
  },
  {
    name: "caret-move",
    keys: Object.keys(MOVES),
    group: "entities",
    where: ["range"],
    when: () => true,
    run: (state, key) => ({ state: move(state, key) }),
  },
  {
    name: "caret-stretch",
    keys: Object.keys(MOVES).map(stretched),
    group: "entities",
    where: ["range"],
    when: () => true,
    run: (state, key) => ({ state: move(state, key) }),
  },
];
