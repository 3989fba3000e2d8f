// What the model proposes and nobody has answered yet; accepting and refusing are ordinary edits.
import { applyEdits } from "./edits";
import type { Edit } from "./edits";
import { findEntity, freshId, sameSpan } from "./graph";
import type { Entity, Work } from "./graph";
import { entityType, isLegal, relationType } from "./schema";
import type { Schema } from "./schema";

export interface SuggestedEntity {
  readonly id: string;
  readonly start: number;
  readonly end: number;
  readonly type: string;
  readonly confidence: number;
}

export interface SuggestedRelation {
  readonly head: string;
  readonly tail: string;
  readonly type: string;
  readonly confidence: number;
}

/** Something that the model weighed and did not say. */
export interface Weighed {
  readonly kind: "entity" | "relation";
  readonly type: string;
  readonly confidence: number;
  readonly start: number;
  readonly end: number;
  readonly tail_start?: number;
  readonly tail_end?: number;
}

export interface SuggestedGraph {
  readonly entities: readonly SuggestedEntity[];
  readonly relations: readonly SuggestedRelation[];
  /** The strongest of what was nearly said. */
  readonly refused?: readonly Weighed[];
  /** What else was weighed for the pairs of the suggested entities. */
  readonly alternatives?: readonly Weighed[];
}

export type Proposal =
  | { readonly kind: "entity"; readonly key: string; readonly entity: SuggestedEntity }
  | {
      readonly kind: "relation";
      readonly key: string;
      readonly relation: SuggestedRelation;
      readonly head: SuggestedEntity;
      readonly tail: SuggestedEntity;
    };

export function confidenceOf(proposal: Proposal): number {
  return proposal.kind === "entity" ? proposal.entity.confidence : proposal.relation.confidence;
}

export type Certainty = "certain" | "likely" | "doubtful";

/** The word beside the number. */
export function certainty(confidence: number): Certainty {
  if (confidence >= 0.9) return "certain";
  return confidence >= 0.7 ? "likely" : "doubtful";
}

/** Named by content, so that an answer still holds when the model says the same thing again. */
export function entityKey({ start, end, type }: Pick<Entity, "start" | "end" | "type">): string {
  return `${start}-${end}:${type}`;
}

function proposalKey(head: SuggestedEntity, tail: SuggestedEntity, type: string): string {
  return `${entityKey(head)}>${entityKey(tail)}:${type}`;
}

function says(work: Work, schema: Schema, head: Entity, tail: Entity, type: string): boolean {
  const isSymmetric = relationType(schema, type)?.symmetric ?? false;
  return work.relations.some(
    (one) =>
      one.type === type &&
      ((one.head === head.id && one.tail === tail.id) ||
        (isSymmetric && one.head === tail.id && one.tail === head.id)),
  );
}

export function allProposals(graph: SuggestedGraph | null): readonly Proposal[] {
  if (graph === null) return [];
  const byId = new Map(graph.entities.map((entity) => [entity.id, entity]));
  const entities = [...graph.entities]
    .sort((a, b) => a.start - b.start || a.end - b.end)
    .map((entity): Proposal => ({ kind: "entity", key: entityKey(entity), entity }));
  const relations = graph.relations.flatMap((relation): Proposal[] => {
    const [head, tail] = [byId.get(relation.head), byId.get(relation.tail)];
    if (head === undefined || tail === undefined) return [];
    const key = proposalKey(head, tail, relation.type);
    return [{ kind: "relation", key, relation, head, tail }];
  });
  return [...entities, ...relations];
}

/** The schema may have changed since the model spoke. */
function isSayable(schema: Schema, proposal: Proposal): boolean {
  if (proposal.kind === "entity") return entityType(schema, proposal.entity.type) !== undefined;
  const { head, relation, tail } = proposal;
  return isLegal(schema, head.type, relation.type, tail.type);
}

/** The proposals that are neither in the work nor refused, in walking order. */
export function openProposals(
  work: Work,
  schema: Schema,
  graph: SuggestedGraph | null,
): readonly Proposal[] {
  const refused = new Set(work.rejected);
  return allProposals(graph).filter((proposal) => {
    if (refused.has(proposal.key) || !isSayable(schema, proposal)) return false;
    if (proposal.kind === "entity") return sameSpan(work, proposal.entity) === undefined;
    const [head, tail] = [sameSpan(work, proposal.head), sameSpan(work, proposal.tail)];
    if (head === undefined || tail === undefined) return true;
    return !says(work, schema, head, tail, proposal.relation.type);
  });
}

/** The edits that put these proposals into the work, with the entities that relations need. */
export function acceptEdits(
  work: Work,
  schema: Schema,
  proposals: readonly Proposal[],
): readonly Edit[] {
  const edits: Edit[] = [];
  let grown = work;
  const add = (edit: Edit) => {
    edits.push(edit);
    grown = applyEdits(grown, [edit]);
  };
  const ensure = (span: SuggestedEntity): Entity => {
    const there = sameSpan(grown, span);
    if (there !== undefined) return there;
    const { start, end, type } = span;
    const entity: Entity = { id: freshId(grown), start, end, type, source: "accepted" };
    add({ kind: "add-entity", entity });
    if (grown.rejected.includes(entityKey(span))) add({ kind: "restore", key: entityKey(span) });
    return entity;
  };
  for (const proposal of proposals) {
    if (proposal.kind === "entity") {
      ensure(proposal.entity);
      continue;
    }
    const [head, tail] = [ensure(proposal.head), ensure(proposal.tail)];
    const { type } = proposal.relation;
    if (says(grown, schema, head, tail, type)) continue;
    const ends = { head: head.id, tail: tail.id };
    add({ kind: "add-relation", relation: { ...ends, type, source: "accepted" } });
  }
  return edits;
}

/** The edits that refuse a proposal; a refused entity takes its proposed relations with it. */
export function rejectEdits(
  work: Work,
  open: readonly Proposal[],
  wanted: Proposal,
): readonly Edit[] {
  const hangsOn = (proposal: Proposal) =>
    wanted.kind === "entity" &&
    proposal.kind === "relation" &&
    [entityKey(proposal.head), entityKey(proposal.tail)].includes(wanted.key);
  return open
    .filter((proposal) => proposal.key === wanted.key || hangsOn(proposal))
    .filter((proposal) => !work.rejected.includes(proposal.key))
    .map((proposal) => ({ kind: "reject", key: proposal.key }));
}

/** When an accepted statement is deleted again, it is refused, or it would come back as a proposal. */
export function refusalOf(
  work: Work,
  graph: SuggestedGraph | null,
  edits: readonly Edit[],
): Edit[] {
  const keys = new Set(allProposals(graph).map((proposal) => proposal.key));
  const dropped = edits.flatMap((edit): string[] => {
    if (edit.kind === "drop-entity") return [entityKey(edit.entity)];
    if (edit.kind !== "drop-relation") return [];
    const [head, tail] = [edit.relation.head, edit.relation.tail].map((id) => findEntity(work, id));
    if (head === undefined || tail === undefined) return [];
    return [`${entityKey(head)}>${entityKey(tail)}:${edit.relation.type}`];
  });
  return dropped
    .filter((key) => keys.has(key) && !work.rejected.includes(key))
    .map((key) => ({ kind: "reject", key }));
}
