// Commands on relations: walk, reverse, deny, move an end, lock the head, and the pair matrix.
import type { Command } from "./command";
import { findEntity, findRelation, relationKey } from "./graph";
import { canLock, toggleLock } from "./lock";
import { denyRow, moveInMatrix, openMatrix, toggleCell } from "./matrix";
import { denyPair, openPair, reverseRelation } from "./relations";
import { NO_FOCUS, focusOn } from "./state";
import type { EditorState, End } from "./state";

const always = () => true;

function reverse(state: EditorState): EditorState {
  const { focus } = state;
  if (focus.kind === "pair") return openPair(state, focus.second, focus.first);
  return focus.kind === "relation" ? reverseRelation(state, focus.key) : state;
}

function deny(state: EditorState): EditorState {
  const { focus } = state;
  if (focus.kind === "matrix") return denyRow(state, focus.pair, focus.type);
  return focus.kind === "pair" ? denyPair(state, focus.first, focus.second) : state;
}

/** From relation to relation in reading order, round and round. */
function walkRelations(state: EditorState, direction: 1 | -1): EditorState {
  const { focus, work } = state;
  const keys = work.relations.map(relationKey);
  const at = focus.kind === "relation" ? keys.indexOf(focus.key) : -1;
  const start = at === -1 && direction === -1 ? 0 : at;
  const key = keys[(start + direction + keys.length) % keys.length];
  return key === undefined ? state : focusOn(state, { kind: "relation", key });
}

function waitForEnd(state: EditorState, which: End): EditorState {
  const { focus, work } = state;
  if (focus.kind !== "relation") return state;
  const relation = findRelation(work, focus.key);
  if (relation === undefined || findEntity(work, relation[which]) === undefined) return state;
  return focusOn(state, { kind: "end", key: focus.key, which });
}

function change(name: "change-head" | "change-tail", key: string, which: End): Command {
  return {
    name,
    keys: [key],
    group: "relations",
    where: ["relation"],
    when: always,
    run: (state) => ({ state: waitForEnd(state, which) }),
  };
}

function step(name: Command["name"], key: string, direction: 1 | -1): Command {
  return {
    name,
    keys: [key],
    group: "relations",
    where: ["nothing", "entity", "pair", "relation", "proposal"],
    when: (state) => state.work.relations.length > 0,
    run: (state) => ({ state: walkRelations(state, direction) }),
  };
}

const matrixCommands: readonly Command[] = [
  {
    name: "matrix",
    keys: ["m", "Shift+m"],
    group: "relations",
    where: ["nothing", "entity", "pair", "relation", "proposal", "matrix"],
    when: always,
    run: (state) => ({
      state: state.focus.kind === "matrix" ? focusOn(state, NO_FOCUS) : openMatrix(state),
    }),
  },
  {
    name: "matrix-move",
    keys: ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"],
    group: "relations",
    where: ["matrix"],
    when: always,
    run: (state, key) => ({ state: moveInMatrix(state, key) }),
  },
  {
    name: "matrix-toggle",
    keys: ["Space"],
    group: "relations",
    where: ["matrix"],
    when: always,
    run: (state) => ({
      state:
        state.focus.kind === "matrix"
          ? toggleCell(state, state.focus.pair, state.focus.type)
          : state,
    }),
  },
];

export const relationCommands: readonly Command[] = [
  {
    name: "reverse",
    keys: ["r", "Shift+r"],
    group: "relations",
    where: ["relation", "pair"],
    when: always,
    run: (state) => ({ state: reverse(state) }),
  },
  {
    name: "deny",
    keys: ["n", "-", "Shift+n"],
    group: "relations",
    where: ["pair", "matrix"],
    when: always,
    run: (state) => ({ state: deny(state) }),
  },
  change("change-head", ",", "head"),
  change("change-tail", ".", "tail"),
  step("relation-next", "]", 1),
  step("relation-previous", "[", -1),
  {
    name: "lock-head",
    keys: ["l", "Shift+l"],
    group: "relations",
    where: ["nothing", "entity", "pair", "relation"],
    when: canLock,
    run: (state) => ({ state: toggleLock(state) }),
  },
  ...matrixCommands,
];
