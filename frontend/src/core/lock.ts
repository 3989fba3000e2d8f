// One head with many tails: lock the head, and every pick after it is a tail.
import { findEntity, findRelation } from "./graph";
import { choicesBetween, openPair, relate } from "./relations";
import { focusOn } from "./state";
import type { EditorState, Lock } from "./state";

/** What would be locked: the selected entity, or the head and type of the selected relation. */
function lockable(state: EditorState): Lock | null {
  const { focus, work } = state;
  if (focus.kind === "entity") return { head: focus.id, type: null };
  if (focus.kind === "pair") return { head: focus.first, type: null };
  const relation = focus.kind === "relation" ? findRelation(work, focus.key) : undefined;
  return relation === undefined ? null : { head: relation.head, type: relation.type };
}

export function canLock(state: EditorState): boolean {
  return state.lock !== null || lockable(state) !== null;
}

/** Lock what is selected, or let go of what is locked. */
export function toggleLock(state: EditorState): EditorState {
  return { ...state, lock: state.lock === null ? lockable(state) : null };
}

/** The lock while its head is still there. */
export function lockOf(state: EditorState): Lock | null {
  const { lock, work } = state;
  return lock !== null && findEntity(work, lock.head) !== undefined ? lock : null;
}

/** Join another tail to the locked head: at once when the relation is clear. */
export function addTail(state: EditorState, lock: Lock, tail: string): EditorState {
  const choices = choicesBetween(state, lock.head, tail);
  const same = choices.find(({ type, flipped }) => type === lock.type && !flipped);
  if (same !== undefined) return relate(state, lock.head, tail, same);
  if (lock.head === tail) return focusOn(state, { kind: "entity", id: tail });
  return openPair(state, lock.head, tail);
}
