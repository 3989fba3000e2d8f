// What picking an entity means just now: select it, join it to another, or take it as a relation's end.
import { entityAt, findRelation } from "./graph";
import { addTail, lockOf } from "./lock";
import { moveEnd, openPair } from "./relations";
import { NO_FOCUS, focusOn } from "./state";
import type { EditorState } from "./state";

/** Click on an entity, or its number; `keepsHead` asks for another tail of the selected relation. */
export function pickEntity(state: EditorState, id: string, keepsHead = false): EditorState {
  const { focus } = state;
  if (focus.kind === "end") return moveEnd(state, focus.key, focus.which, id);
  const lock = lockOf(state);
  if (lock !== null && lock.head !== id) return addTail(state, lock, id);
  if (focus.kind === "entity" && focus.isFresh !== true) {
    return focus.id === id ? focusOn(state, NO_FOCUS) : openPair(state, focus.id, id);
  }
  if (focus.kind === "pair" && focus.first !== id) return openPair(state, focus.first, id);
  const relation = focus.kind === "relation" ? findRelation(state.work, focus.key) : undefined;
  if (keepsHead && relation !== undefined && relation.head !== id) {
    return openPair(state, relation.head, id);
  }
  return focusOn(state, { kind: "entity", id });
}

export function pickNumber(state: EditorState, number: number, keepsHead: boolean): EditorState {
  const entity = entityAt(state.work, number);
  if (entity === undefined) {
    return { ...state, digits: "", hint: { kind: "no-such-number", number } };
  }
  return pickEntity(state, entity.id, keepsHead);
}
