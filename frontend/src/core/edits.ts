// Edits are data, and every edit has an inverse: undo is the inverse on the same road.
import { relationKey, tidy } from "./graph";
import type { Entity, Negative, Relation, Work } from "./graph";

export type Edit =
  | { readonly kind: "add-entity"; readonly entity: Entity }
  | { readonly kind: "drop-entity"; readonly entity: Entity }
  | { readonly kind: "change-entity"; readonly before: Entity; readonly after: Entity }
  | { readonly kind: "add-relation"; readonly relation: Relation }
  | { readonly kind: "drop-relation"; readonly relation: Relation }
  | { readonly kind: "add-negative"; readonly pair: Negative }
  | { readonly kind: "drop-negative"; readonly pair: Negative }
  | { readonly kind: "reject"; readonly key: string }
  | { readonly kind: "restore"; readonly key: string }
  | {
      readonly kind: "set-flags";
      readonly before: readonly string[];
      readonly after: readonly string[];
    }
  | { readonly kind: "set-comment"; readonly before: string; readonly after: string };

export function inverse(edit: Edit): Edit {
  switch (edit.kind) {
    case "add-entity":
      return { kind: "drop-entity", entity: edit.entity };
    case "drop-entity":
      return { kind: "add-entity", entity: edit.entity };
    case "change-entity":
      return { kind: "change-entity", before: edit.after, after: edit.before };
    case "add-relation":
      return { kind: "drop-relation", relation: edit.relation };
    case "drop-relation":
      return { kind: "add-relation", relation: edit.relation };
    case "add-negative":
      return { kind: "drop-negative", pair: edit.pair };
    case "drop-negative":
      return { kind: "add-negative", pair: edit.pair };
    case "reject":
      return { kind: "restore", key: edit.key };
    case "restore":
      return { kind: "reject", key: edit.key };
    case "set-flags":
      return { kind: "set-flags", before: edit.after, after: edit.before };
    case "set-comment":
      return { kind: "set-comment", before: edit.after, after: edit.before };
  }
}

const isPair = (pair: Negative) => (other: Negative) =>
  other.head === pair.head && other.tail === pair.tail;

function changed(work: Work, edit: Edit): Work {
  switch (edit.kind) {
    case "add-entity":
      return { ...work, entities: [...work.entities, edit.entity] };
    case "drop-entity":
      return { ...work, entities: work.entities.filter(({ id }) => id !== edit.entity.id) };
    case "change-entity":
      return {
        ...work,
        entities: work.entities.map((one) => (one.id === edit.before.id ? edit.after : one)),
      };
    case "add-relation":
      return { ...work, relations: [...work.relations, edit.relation] };
    case "drop-relation": {
      const key = relationKey(edit.relation);
      return { ...work, relations: work.relations.filter((one) => relationKey(one) !== key) };
    }
    case "add-negative":
      return { ...work, negatives: [...work.negatives, edit.pair] };
    case "drop-negative": {
      const isIt = isPair(edit.pair);
      return { ...work, negatives: work.negatives.filter((one) => !isIt(one)) };
    }
    case "reject":
      return { ...work, rejected: [...work.rejected, edit.key] };
    case "restore":
      return { ...work, rejected: work.rejected.filter((key) => key !== edit.key) };
    case "set-flags":
      return { ...work, flags: edit.after };
    case "set-comment":
      return { ...work, comment: edit.after };
  }
}

export function applyEdits(work: Work, edits: readonly Edit[]): Work {
  return tidy(edits.reduce(changed, work));
}

/** The edits that take back what these edits did. */
export function inverseOf(edits: readonly Edit[]): readonly Edit[] {
  return edits.map(inverse).reverse();
}
