// What can be done to entities: label, retype, move a boundary, delete, label the same string elsewhere.
import type { Edit } from "./edits";
import { findEntity, freshId, sameSpan } from "./graph";
import type { Entity, Source, Work } from "./graph";
import { isLegal } from "./schema";
import { NO_FOCUS, focusOn, impliedType, selectedRange, take } from "./state";
import type { EditorState } from "./state";
import { refusalOf } from "./suggestions";
import { nextStop } from "./text";
import { sameStrings, trimRange } from "./trim";
import type { Range } from "./trim";

function unlabelled(state: EditorState, entity: Pick<Entity, "start" | "end" | "type">): Range[] {
  return sameStrings(state.text, entity).filter(
    (range) => sameSpan(state.work, { ...range, type: entity.type }) === undefined,
  );
}

/** Label a range; what is there already is only selected. */
export function labelRange(state: EditorState, range: Range, type: string): EditorState {
  const trimmed = trimRange(state.text, range.start, range.end);
  if (trimmed === null) return focusOn(state, NO_FOCUS);
  const there = sameSpan(state.work, { ...trimmed, type });
  if (there !== undefined) {
    const hint = { kind: "said-already" } as const;
    return { ...focusOn(state, { kind: "entity", id: there.id }), hint };
  }
  const entity: Entity = { id: freshId(state.work), ...trimmed, type, source: "human" };
  const step = { name: "label", edits: [{ kind: "add-entity", entity }] as const };
  const next = take(state, step, { kind: "entity", id: entity.id, isFresh: true });
  const count = unlabelled(next, entity).length;
  return count === 0 ? next : { ...next, hint: { kind: "same-strings", id: entity.id, count } };
}

/** A selection by mouse: labelled at once when its type is clear, else the types are offered. */
export function selectRange(state: EditorState, range: Range): EditorState {
  const trimmed = trimRange(state.text, range.start, range.end);
  if (trimmed === null) return focusOn(state, NO_FOCUS);
  const type = impliedType(state);
  if (type !== null) return labelRange(state, trimmed, type);
  return focusOn(state, { kind: "range", anchor: trimmed.start, at: trimmed.end });
}

export function labelSelection(state: EditorState, type: string): EditorState {
  const range = selectedRange(state);
  return range === null ? state : labelRange(state, range, type);
}

/** Label the same string everywhere else in the sentence. */
export function labelSameStrings(state: EditorState, id: string): EditorState {
  const entity = findEntity(state.work, id);
  if (entity === undefined) return state;
  let grown: Work = state.work;
  const edits = unlabelled(state, entity).map((range): Edit => {
    const added: Entity = { id: freshId(grown), ...range, type: entity.type, source: "human" };
    grown = { ...grown, entities: [...grown.entities, added] };
    return { kind: "add-entity", entity: added };
  });
  return take(state, { name: "label-same", edits }, { kind: "entity", id, isFresh: true });
}

function edited(source: Source): Source {
  return source === "human" ? "human" : "edited";
}

/** Relations that the schema no longer allows once the entity has this type. */
function nowIllegal(state: EditorState, entity: Entity, type: string): Edit[] {
  const { work, schema } = state;
  const typeOf = (id: string) => (id === entity.id ? type : (findEntity(work, id)?.type ?? ""));
  return work.relations
    .filter(({ head, tail }) => head === entity.id || tail === entity.id)
    .filter(({ head, tail, type: name }) => !isLegal(schema, typeOf(head), name, typeOf(tail)))
    .map((relation) => ({ kind: "drop-relation", relation }));
}

export function retypeEntity(state: EditorState, id: string, type: string): EditorState {
  const before = findEntity(state.work, id);
  if (before === undefined || before.type === type) return state;
  if (sameSpan(state.work, { ...before, type }) !== undefined) {
    return { ...state, hint: { kind: "said-already" } };
  }
  const after: Entity = { ...before, type, source: edited(before.source) };
  const edits: Edit[] = [
    ...nowIllegal(state, before, type),
    { kind: "change-entity", before, after },
  ];
  return take(state, { name: "retype", edits }, { kind: "entity", id, isFresh: true });
}

export type Boundary = "start" | "end";

export function moveBoundary(
  state: EditorState,
  id: string,
  boundary: Boundary,
  direction: 1 | -1,
): EditorState {
  const before = findEntity(state.work, id);
  if (before === undefined) return state;
  const at = nextStop(state.text, before[boundary], direction);
  const after: Entity = { ...before, [boundary]: at, source: edited(before.source) };
  const isMove = after.start < after.end && at !== before[boundary];
  if (!isMove || sameSpan(state.work, after) !== undefined) return state;
  const step = { name: "boundary", edits: [{ kind: "change-entity", before, after }] as const };
  return take(state, step, { kind: "entity", id, isFresh: true });
}

export function dropEntity(state: EditorState, id: string): EditorState {
  const entity = findEntity(state.work, id);
  if (entity === undefined) return state;
  const touches = (ends: { head: string; tail: string }) => ends.head === id || ends.tail === id;
  const edits: Edit[] = [
    ...state.work.relations
      .filter(touches)
      .map((relation): Edit => ({ kind: "drop-relation", relation })),
    ...state.work.negatives.filter(touches).map((pair): Edit => ({ kind: "drop-negative", pair })),
    { kind: "drop-entity", entity },
  ];
  const refusals = refusalOf(state.work, state.suggestion, edits);
  return take(state, { name: "delete", edits: [...edits, ...refusals] }, NO_FOCUS);
}
