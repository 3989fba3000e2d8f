// One person's work on one sentence: entities, relations, denied pairs, flags, refused suggestions.

export type Source = "human" | "accepted" | "edited" | "imported";

export interface Entity {
  readonly id: string;
  readonly start: number;
  readonly end: number;
  readonly type: string;
  readonly source: Source;
}

export interface Relation {
  readonly head: string;
  readonly tail: string;
  readonly type: string;
  readonly source: Source;
}

export interface Negative {
  readonly head: string;
  readonly tail: string;
}

export interface Graph {
  readonly entities: readonly Entity[];
  readonly relations: readonly Relation[];
  readonly negatives: readonly Negative[];
  readonly flags: readonly string[];
  readonly comment: string;
}

/** A graph and what was refused of the suggestion, which only this browser remembers. */
export interface Work extends Graph {
  readonly rejected: readonly string[];
}

export const EMPTY: Work = {
  entities: [],
  relations: [],
  negatives: [],
  flags: [],
  comment: "",
  rejected: [],
};

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Reading order; this is the order of the numbers on the screen. */
export function inReadingOrder(a: Entity, b: Entity): number {
  return a.start - b.start || a.end - b.end || compare(a.type, b.type) || compare(a.id, b.id);
}

/** One order for equal contents, so that an edit and its inverse give back the same value. */
export function tidy(work: Work): Work {
  const entities = [...work.entities].sort(inReadingOrder);
  const place = new Map(entities.map((entity, index) => [entity.id, index]));
  const byEnds = (a: Negative, b: Negative) =>
    (place.get(a.head) ?? -1) - (place.get(b.head) ?? -1) ||
    (place.get(a.tail) ?? -1) - (place.get(b.tail) ?? -1);
  return {
    entities,
    relations: [...work.relations].sort((a, b) => byEnds(a, b) || compare(a.type, b.type)),
    negatives: [...work.negatives].sort(byEnds),
    flags: [...work.flags],
    comment: work.comment,
    rejected: [...work.rejected].sort(compare),
  };
}

export function workOn(graph: Graph | null, rejected: readonly string[] = []): Work {
  return graph === null ? { ...EMPTY, rejected } : tidy({ ...graph, rejected });
}

/** What is sent to the server. */
export function graphOf({ entities, relations, negatives, flags, comment }: Work): Graph {
  return { entities, relations, negatives, flags, comment };
}

export function relationKey({ head, tail, type }: Omit<Relation, "source">): string {
  return `${head}>${tail}:${type}`;
}

export function findEntity(work: Work, id: string): Entity | undefined {
  return work.entities.find((entity) => entity.id === id);
}

export function findRelation(work: Work, key: string): Relation | undefined {
  return work.relations.find((relation) => relationKey(relation) === key);
}

export function entityAt(work: Work, number: number): Entity | undefined {
  return work.entities[number - 1];
}

export function numberOf(work: Work, id: string): number {
  return work.entities.findIndex((entity) => entity.id === id) + 1;
}

/** An id that no entity of this sentence has. */
export function freshId(work: Work): string {
  const numbers = work.entities.map(({ id }) => Number(/^e(\d+)$/.exec(id)?.[1] ?? 0));
  return `e${Math.max(0, ...numbers) + 1}`;
}

export function sameSpan(
  work: Work,
  { start, end, type }: Pick<Entity, "start" | "end" | "type">,
): Entity | undefined {
  return work.entities.find(
    (entity) => entity.start === start && entity.end === end && entity.type === type,
  );
}

/** Do two graphs say the same, whatever the order of their lists? */
export function isSameGraph(a: Graph, b: Graph): boolean {
  return JSON.stringify(plain(a)) === JSON.stringify(plain(b));
}

function plain(graph: Graph): unknown {
  const { entities, relations, negatives, flags, comment } = workOn(graph);
  return [
    entities.map(({ id, start, end, type, source }) => [id, start, end, type, source]),
    relations.map(({ head, tail, type, source }) => [head, tail, type, source]),
    negatives.map(({ head, tail }) => [head, tail]),
    flags,
    comment,
  ];
}
