// What can be done to relations: pick two entities, choose a legal type, reverse, retype, deny, delete.
import type { Edit } from "./edits";
import { findEntity, findRelation, relationKey } from "./graph";
import type { Relation } from "./graph";
import { directionsBetween, isLegal, relationType } from "./schema";
import type { Direction } from "./schema";
import { NO_FOCUS, focusOn, take } from "./state";
import type { EditorState, End } from "./state";
import { refusalOf } from "./suggestions";

/** The relation of this type between the two, if it is said; a symmetric one reads both ways. */
export function said(
  state: EditorState,
  head: string,
  tail: string,
  type: string,
): Relation | undefined {
  const isSymmetric = relationType(state.schema, type)?.symmetric ?? false;
  return state.work.relations.find(
    (one) =>
      one.type === type &&
      ((one.head === head && one.tail === tail) ||
        (isSymmetric && one.head === tail && one.tail === head)),
  );
}

function ends(first: string, second: string, { flipped }: Direction): [string, string] {
  return flipped ? [second, first] : [first, second];
}

function legalDirections(state: EditorState, first: string, second: string): readonly Direction[] {
  const [a, b] = [findEntity(state.work, first), findEntity(state.work, second)];
  if (a === undefined || b === undefined || first === second) return [];
  return directionsBetween(state.schema, a.type, b.type);
}

/** The types still to be said between two entities: only legal ones, no duplicates. */
export function choicesBetween(
  state: EditorState,
  first: string,
  second: string,
): readonly Direction[] {
  return legalDirections(state, first, second).filter(
    (direction) => said(state, ...ends(first, second, direction), direction.type) === undefined,
  );
}

/** Can the entity take part in any relation with the one that is selected? */
export function isReachable(state: EditorState, first: string, other: string): boolean {
  return legalDirections(state, first, other).length > 0;
}

function isDenied(state: EditorState, head: string, tail: string) {
  return state.work.negatives.filter(
    (pair) =>
      (pair.head === head && pair.tail === tail) || (pair.head === tail && pair.tail === head),
  );
}

export function relate(
  state: EditorState,
  first: string,
  second: string,
  direction: Direction,
): EditorState {
  const [head, tail] = ends(first, second, direction);
  const relation: Relation = { head, tail, type: direction.type, source: "human" };
  const edits: Edit[] = [
    ...isDenied(state, head, tail).map((pair): Edit => ({ kind: "drop-negative", pair })),
    { kind: "add-relation", relation },
  ];
  const focus = { kind: "relation", key: relationKey(relation) } as const;
  return take(state, { name: "relate", edits }, focus);
}

/** Two entities were picked: nothing is asked when only one relation is possible. */
export function openPair(state: EditorState, first: string, second: string): EditorState {
  const choices = choicesBetween(state, first, second);
  const [only, ...others] = choices;
  if (only !== undefined && others.length === 0) {
    const isOnlyType = legalDirections(state, first, second).length === 1;
    if (isOnlyType) return relate(state, first, second, only);
  }
  if (only !== undefined) return focusOn(state, { kind: "pair", first, second });
  const existing = legalDirections(state, first, second)
    .map((direction) => said(state, ...ends(first, second, direction), direction.type))
    .find((relation) => relation !== undefined);
  if (existing !== undefined) {
    const focus = { kind: "relation", key: relationKey(existing) } as const;
    return { ...focusOn(state, focus), hint: { kind: "said-already" } };
  }
  const hint = { kind: "no-legal-relation", first, second } as const;
  return { ...focusOn(state, { kind: "entity", id: first }), hint };
}

function replace(
  state: EditorState,
  before: Relation,
  wanted: Pick<Relation, "head" | "tail" | "type">,
  name: string,
): EditorState {
  const isSelf = said(state, wanted.head, wanted.tail, wanted.type);
  if (isSelf !== undefined && relationKey(isSelf) !== relationKey(before)) {
    const focus = { kind: "relation", key: relationKey(before) } as const;
    return { ...focusOn(state, focus), hint: { kind: "said-already" } };
  }
  const after: Relation = { ...wanted, source: before.source === "human" ? "human" : "edited" };
  const dropped: Edit[] = [{ kind: "drop-relation", relation: before }];
  const denied = isDenied(state, wanted.head, wanted.tail);
  const edits: Edit[] = [
    ...denied.map((pair): Edit => ({ kind: "drop-negative", pair })),
    ...dropped,
    { kind: "add-relation", relation: after },
    ...refusalOf(state.work, state.suggestion, dropped),
  ];
  return take(state, { name, edits }, { kind: "relation", key: relationKey(after) });
}

function typesOf(state: EditorState, { head, tail }: Pick<Relation, "head" | "tail">) {
  return [head, tail].map((id) => findEntity(state.work, id)?.type ?? "") as [string, string];
}

export function reverseRelation(state: EditorState, key: string): EditorState {
  const before = findRelation(state.work, key);
  if (before === undefined) return state;
  const { head, tail, type } = before;
  const [headType, tailType] = typesOf(state, before);
  const isSymmetric = relationType(state.schema, type)?.symmetric ?? false;
  if (isSymmetric || !isLegal(state.schema, tailType, type, headType)) {
    return { ...state, hint: { kind: "no-legal-relation", first: tail, second: head } };
  }
  return replace(state, before, { head: tail, tail: head, type }, "reverse");
}

/** May this entity be that end of the relation? */
export function canEnd(state: EditorState, key: string, which: End, id: string): boolean {
  const before = findRelation(state.work, key);
  if (before === undefined) return false;
  const wanted = { ...before, [which]: id };
  const [headType, tailType] = typesOf(state, wanted);
  return wanted.head !== wanted.tail && isLegal(state.schema, headType, before.type, tailType);
}

/** Move one end of a relation to another entity, where the schema allows it. */
export function moveEnd(state: EditorState, key: string, which: End, id: string): EditorState {
  const before = findRelation(state.work, key);
  if (before === undefined) return state;
  const wanted = { ...before, [which]: id };
  if (!canEnd(state, key, which, id)) {
    const hint = { kind: "no-legal-relation", first: wanted.head, second: wanted.tail } as const;
    return { ...focusOn(state, { kind: "relation", key }), hint };
  }
  if (before[which] === id) return focusOn(state, { kind: "relation", key });
  const { head, tail, type } = wanted;
  return replace(state, before, { head, tail, type }, "move-end");
}

export function retypeRelation(state: EditorState, key: string, type: string): EditorState {
  const before = findRelation(state.work, key);
  if (before === undefined || before.type === type) return state;
  const { head, tail } = before;
  const [headType, tailType] = typesOf(state, before);
  const direction = directionsBetween(state.schema, headType, tailType).find(
    (one) => one.type === type,
  );
  if (direction === undefined) {
    return { ...state, hint: { kind: "no-legal-relation", first: head, second: tail } };
  }
  const [newHead, newTail] = ends(head, tail, direction);
  return replace(state, before, { head: newHead, tail: newTail, type }, "retype");
}

export function dropRelation(state: EditorState, key: string): EditorState {
  const relation = findRelation(state.work, key);
  if (relation === undefined) return state;
  const edits: Edit[] = [{ kind: "drop-relation", relation }];
  const refusals = refusalOf(state.work, state.suggestion, edits);
  return take(state, { name: "delete", edits: [...edits, ...refusals] }, NO_FOCUS);
}

/** Say that two entities have no relation, or take that back. */
export function denyPair(state: EditorState, head: string, tail: string): EditorState {
  const isPair = (one: { head: string; tail: string }) =>
    (one.head === head && one.tail === tail) || (one.head === tail && one.tail === head);
  if (state.work.relations.some(isPair)) return { ...state, hint: { kind: "said-related" } };
  const denied = isDenied(state, head, tail);
  const edits: Edit[] =
    denied.length > 0
      ? denied.map((pair) => ({ kind: "drop-negative", pair }))
      : [{ kind: "add-negative", pair: { head, tail } }];
  return take(state, { name: "deny", edits }, NO_FOCUS);
}
