// The pair matrix: every legal pair of entities against every relation type, with the model's chances.
import { findEntity, relationKey } from "./graph";
import type { Entity, Relation } from "./graph";
import { denyPair, dropRelation, relate, said } from "./relations";
import { isLegal } from "./schema";
import { focusOn, proposalsOf, take } from "./state";
import type { EditorState } from "./state";
import { acceptEdits, entityKey } from "./suggestions";

export interface Cell {
  readonly type: string;
  /** The relation as it is said now, if it is. */
  readonly relation: Relation | null;
  /** The model's chance for it; null where the model says nothing or nearly nothing. */
  readonly chance: number | null;
  readonly isLegal: boolean;
}

export interface Row {
  readonly key: string;
  readonly head: Entity;
  readonly tail: Entity;
  readonly cells: readonly Cell[];
  readonly isDenied: boolean;
}

/** With more rows than this only those of which something is said, or likely, are shown. */
export const MANY_ROWS = 40;

type Chances = ReadonlyMap<string, number>;
type Span = Pick<Entity, "start" | "end">;

const place = ({ start, end }: Span) => `${start}-${end}`;
const chanceKey = (head: Span, tail: Span, type: string) => `${place(head)}>${place(tail)}:${type}`;

/** What the model gives each triple, said, nearly said or weighed, by the places of its ends. */
function chancesOf({ suggestion, showsProposals }: EditorState): Chances {
  const chances = new Map<string, number>();
  if (suggestion === null || !showsProposals) return chances;
  const byId = new Map(suggestion.entities.map((entity) => [entity.id, entity]));
  const note = (key: string, chance: number) =>
    chances.set(key, Math.max(chance, chances.get(key) ?? 0));
  for (const { head, tail, type, confidence } of suggestion.relations) {
    const [from, to] = [byId.get(head), byId.get(tail)];
    if (from !== undefined && to !== undefined) note(chanceKey(from, to, type), confidence);
  }
  for (const one of [...(suggestion.alternatives ?? []), ...(suggestion.refused ?? [])]) {
    if (one.kind !== "relation" || one.tail_start === undefined || one.tail_end === undefined) {
      continue;
    }
    const tail = { start: one.tail_start, end: one.tail_end };
    note(chanceKey(one, tail, one.type), one.confidence);
  }
  return chances;
}

/** The model's chance for a relation between two entities; null where it says nothing of it. */
export function chanceBetween(
  state: EditorState,
  head: string,
  tail: string,
  type: string,
): number | null {
  const [from, to] = [findEntity(state.work, head), findEntity(state.work, tail)];
  if (from === undefined || to === undefined) return null;
  return cellOf(state, chancesOf(state), from, to, type).chance;
}

function cellOf(state: EditorState, chances: Chances, head: Entity, tail: Entity, type: string) {
  const kind = state.schema.relation_types.find(({ name }) => name === type);
  const isSymmetric = kind?.symmetric ?? false;
  const there = chances.get(chanceKey(head, tail, type));
  const back = isSymmetric ? chances.get(chanceKey(tail, head, type)) : undefined;
  const chance = there === undefined && back === undefined ? null : Math.max(there ?? 0, back ?? 0);
  const isTwin = isSymmetric && head.start > tail.start;
  const legal = isLegal(state.schema, head.type, type, tail.type) && !isTwin;
  const relation = legal ? (said(state, head.id, tail.id, type) ?? null) : null;
  return { type, relation, chance, isLegal: legal };
}

function rowOf(state: EditorState, chances: Chances, head: Entity, tail: Entity): Row | null {
  const cells = state.schema.relation_types.map(({ name }) =>
    cellOf(state, chances, head, tail, name),
  );
  if (!cells.some((cell) => cell.isLegal)) return null;
  const isDenied = state.work.negatives.some(
    (pair) =>
      (pair.head === head.id && pair.tail === tail.id) ||
      (pair.head === tail.id && pair.tail === head.id),
  );
  return { key: `${head.id}>${tail.id}`, head, tail, cells, isDenied };
}

/** Every ordered pair for which the schema allows some relation, in reading order. */
export function matrixOf(state: EditorState): readonly Row[] {
  const chances = chancesOf(state);
  const { entities } = state.work;
  return entities.flatMap((head) =>
    entities.flatMap((tail): Row[] => {
      const row = head.id === tail.id ? null : rowOf(state, chances, head, tail);
      return row === null ? [] : [row];
    }),
  );
}

/** Of many rows those of which something is said, denied or likely; the row in focus stays. */
export function shortened(rows: readonly Row[], focus: string): readonly Row[] {
  if (rows.length <= MANY_ROWS) return rows;
  return rows.filter(
    ({ key, cells, isDenied }) =>
      key === focus ||
      isDenied ||
      cells.some(({ relation, chance }) => relation !== null || chance !== null),
  );
}

function legalTypes(row: Row | undefined): readonly string[] {
  return row?.cells.filter((cell) => cell.isLegal).map(({ type }) => type) ?? [];
}

/** Look at the matrix, at the pair that is chosen or else at the first one. */
export function openMatrix(state: EditorState): EditorState {
  const rows = matrixOf(state);
  const { focus, work } = state;
  const relation =
    focus.kind === "relation"
      ? work.relations.find((one) => relationKey(one) === focus.key)
      : undefined;
  const wanted =
    focus.kind === "pair"
      ? `${focus.first}>${focus.second}`
      : relation === undefined
        ? null
        : `${relation.head}>${relation.tail}`;
  const row = rows.find(({ key }) => key === wanted) ?? shortened(rows, "")[0] ?? rows[0];
  const type = relation?.type ?? legalTypes(row)[0];
  if (row === undefined || type === undefined) return { ...state, hint: { kind: "no-pairs" } };
  return focusOn(state, { kind: "matrix", pair: row.key, type });
}

/** Move to the next row or to the next legal cell; at an edge one stays. */
export function moveInMatrix(state: EditorState, key: string): EditorState {
  const { focus } = state;
  if (focus.kind !== "matrix") return state;
  const rows = shortened(matrixOf(state), focus.pair);
  const at = rows.findIndex((row) => row.key === focus.pair);
  const step = key === "ArrowDown" ? 1 : key === "ArrowUp" ? -1 : 0;
  const row = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
  if (row === undefined) return state;
  const types = legalTypes(row);
  const column = Math.max(0, types.indexOf(focus.type));
  const side = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
  const type = types[Math.min(Math.max(column + side, 0), types.length - 1)] ?? focus.type;
  return focusOn(state, { kind: "matrix", pair: row.key, type });
}

/** Say the relation of a cell, or take it back; what the model proposed counts as accepted. */
export function toggleCell(state: EditorState, pair: string, type: string): EditorState {
  const row = matrixOf(state).find(({ key }) => key === pair);
  const cell = row?.cells.find((one) => one.type === type);
  if (row === undefined || cell?.isLegal !== true) return state;
  const focus = { kind: "matrix", pair, type } as const;
  if (cell.relation !== null) {
    return { ...dropRelation(state, relationKey(cell.relation)), focus };
  }
  const key = `${entityKey(row.head)}>${entityKey(row.tail)}:${type}`;
  const proposal = proposalsOf(state).find((one) => one.key === key);
  if (proposal !== undefined && !row.isDenied) {
    const edits = acceptEdits(state.work, state.schema, [proposal]);
    return take(state, { name: "accept", edits }, focus);
  }
  return { ...relate(state, row.head.id, row.tail.id, { type, flipped: false }), focus };
}

/** Say of the row's pair that there is no relation, or take that back. */
export function denyRow(state: EditorState, pair: string, type: string): EditorState {
  const row = matrixOf(state).find(({ key }) => key === pair);
  if (row === undefined) return state;
  const denied = denyPair(state, row.head.id, row.tail.id);
  return { ...denied, focus: { kind: "matrix", pair, type } };
}
