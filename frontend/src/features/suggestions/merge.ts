// Adding a suggested statement to one's own labels, and taking it out again. Pure.
import type { Annotation, NewAnnotation, Statement } from "@/api/types";
import { freshId, sameSpan, workOn } from "@/core/graph";
import type { Entity, Relation, Work } from "@/core/graph";

type Ids = readonly string[];

/** What was added to a sentence for some statements: enough to take it out again. */
export interface Added {
  readonly entities: readonly Pick<Entity, "start" | "end" | "type">[];
  readonly relations: readonly Statement[];
}

export const NOTHING_ADDED: Added = { entities: [], relations: [] };

interface Ends {
  readonly head: Pick<Entity, "start" | "end" | "type">;
  readonly tail: Pick<Entity, "start" | "end" | "type"> | null;
}

function endsOf(row: Statement): Ends {
  const head = { start: row.start, end: row.end, type: row.head_type };
  const { tail_start: start, tail_end: end, tail_type: type } = row;
  if (start === undefined || end === undefined || type === undefined) return { head, tail: null };
  return { head, tail: { start, end, type } };
}

const joins = (one: Pick<Relation, "head" | "tail">, [head, tail]: Ids) =>
  one.head === head && one.tail === tail;

function withEntity(work: Work, added: Added, span: Ends["head"]): [Work, Added, string] {
  const there = sameSpan(work, span);
  if (there !== undefined) return [work, added, there.id];
  const entity: Entity = { ...span, id: freshId(work), source: "accepted" };
  return [
    { ...work, entities: [...work.entities, entity] },
    { ...added, entities: [...added.entities, span] },
    entity.id,
  ];
}

function accept(work: Work, added: Added, row: Statement, isSymmetric: boolean): [Work, Added] {
  const { head, tail } = endsOf(row);
  const [withHead, addedHead, from] = withEntity(work, added, head);
  if (tail === null) return [withHead, addedHead];
  const [grown, more, to] = withEntity(withHead, addedHead, tail);
  const isSaid = grown.relations.some(
    (one) =>
      one.type === row.type && (joins(one, [from, to]) || (isSymmetric && joins(one, [to, from]))),
  );
  if (isSaid) return [grown, more];
  const relation: Relation = { head: from, tail: to, type: row.type, source: "accepted" };
  return [
    {
      ...grown,
      relations: [...grown.relations, relation],
      negatives: grown.negatives.filter((one) => !joins(one, [from, to])),
    },
    { ...more, relations: [...more.relations, row] },
  ];
}

/** The labels with these statements, and what that added. */
export function acceptAll(
  mine: Annotation,
  rows: readonly Statement[],
  symmetric: ReadonlySet<string>,
): { readonly work: Work; readonly added: Added } {
  let [work, added]: [Work, Added] = [workOn(mine), NOTHING_ADDED];
  for (const row of rows) [work, added] = accept(work, added, row, symmetric.has(row.type));
  return { work, added };
}

/** The labels without what was added; an entity stays where something else has come to need it. */
export function withdraw(mine: Annotation, added: Added): Work {
  const work = workOn(mine);
  const dropped = new Set<Relation>();
  for (const row of added.relations) {
    const { head, tail } = endsOf(row);
    const from = sameSpan(work, head)?.id ?? "";
    const to = tail === null ? "" : (sameSpan(work, tail)?.id ?? "");
    for (const one of work.relations) {
      if (one.type === row.type && joins(one, [from, to])) dropped.add(one);
    }
  }
  const relations = work.relations.filter((one) => !dropped.has(one));
  const needed = new Set(
    [...relations, ...work.negatives].flatMap(({ head, tail }) => [head, tail]),
  );
  const gone = new Set(
    added.entities.map((span) => sameSpan(work, span)?.id).filter((id) => id !== undefined),
  );
  const entities = work.entities.filter(({ id }) => needed.has(id) || !gone.has(id));
  return { ...work, entities, relations };
}

/** The body that saves labels as a draft. */
export function draftOf(work: Work): NewAnnotation {
  const { entities, relations, negatives, flags, comment } = work;
  return {
    entities: [...entities],
    relations: [...relations],
    negatives: [...negatives],
    flags: [...flags],
    comment,
    action: "save",
    seconds: 0,
  };
}
