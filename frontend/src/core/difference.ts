// Compares two graphs of the same sentence by what they say, whatever the ids; and joins them.
import { freshId, graphOf, sameSpan, tidy, workOn } from "./graph";
import type { Entity, Graph, Relation } from "./graph";
import { entityKey } from "./suggestions";

export interface Statement {
  readonly key: string;
  readonly words: string;
}

export interface Difference {
  readonly both: readonly Statement[];
  readonly onlyMine: readonly Statement[];
  readonly onlyTheirs: readonly Statement[];
}

type Say = (entity: Pick<Entity, "start" | "end">) => string;

function statements(graph: Graph, say: Say): Statement[] {
  const byId = new Map(graph.entities.map((entity) => [entity.id, entity]));
  const entities = graph.entities.map((entity) => ({
    key: entityKey(entity),
    words: `${say(entity)} · ${entity.type}`,
  }));
  const relations = graph.relations.flatMap(({ head, tail, type }): Statement[] => {
    const [from, to] = [byId.get(head), byId.get(tail)];
    if (from === undefined || to === undefined) return [];
    const key = `${entityKey(from)}>${entityKey(to)}:${type}`;
    return [{ key, words: `${say(from)} → ${type} → ${say(to)}` }];
  });
  return [...entities, ...relations];
}

export function difference(mine: Graph, theirs: Graph, say: Say): Difference {
  const [ours, others] = [statements(mine, say), statements(theirs, say)];
  const keys = (some: readonly Statement[]) => new Set(some.map(({ key }) => key));
  const [ourKeys, otherKeys] = [keys(ours), keys(others)];
  return {
    both: ours.filter(({ key }) => otherKeys.has(key)),
    onlyMine: ours.filter(({ key }) => !otherKeys.has(key)),
    onlyTheirs: others.filter(({ key }) => !ourKeys.has(key)),
  };
}

/** Everything that either says; flags of both, and both comments. */
export function union(mine: Graph, theirs: Graph): Graph {
  let joined = workOn(mine);
  const names = new Map<string, string>();
  for (const entity of theirs.entities) {
    const there = sameSpan(joined, entity);
    const id = there?.id ?? freshId(joined);
    names.set(entity.id, id);
    if (there === undefined) {
      joined = { ...joined, entities: [...joined.entities, { ...entity, id }] };
    }
  }
  const renamed = <Ends extends { head: string; tail: string }>(ends: Ends): Ends => ({
    ...ends,
    head: names.get(ends.head) ?? ends.head,
    tail: names.get(ends.tail) ?? ends.tail,
  });
  const isNew = (some: readonly Relation[]) => (one: Relation) =>
    !some.some(({ head, tail, type }) => {
      return head === one.head && tail === one.tail && type === one.type;
    });
  const added = theirs.relations.map(renamed).filter(isNew(joined.relations));
  const comments = new Set([mine.comment, theirs.comment].filter((one) => one !== ""));
  const relations = [...joined.relations, ...added];
  const isRelated = (a: string, b: string) =>
    relations.some(({ head, tail }) => (head === a && tail === b) || (head === b && tail === a));
  const negatives = [...joined.negatives, ...theirs.negatives.map(renamed)].filter(
    ({ head, tail }, place, all) =>
      !isRelated(head, tail) &&
      all.findIndex((one) => one.head === head && one.tail === tail) === place,
  );
  const { entities } = joined;
  const flags = [...new Set([...mine.flags, ...theirs.flags])];
  const whole = { entities, relations, negatives, flags, comment: [...comments].join("\n") };
  return graphOf(tidy({ ...whole, rejected: [] }));
}
