// A schema while it is being edited: lists that can grow, and what is wrong with them.
import type { NewSchema, Schema } from "@/api/types";

export interface DraftType {
  readonly id: number;
  readonly isNew: boolean;
  readonly name: string;
  readonly label: string;
  readonly color: string;
  readonly key: string;
}

export interface DraftRelation extends DraftType {
  readonly symmetric: boolean;
  readonly pairs: readonly (readonly string[])[];
}

export interface Draft {
  readonly entities: readonly DraftType[];
  readonly relations: readonly DraftRelation[];
}

const COLORS = ["#2f6fab", "#2e7d5b", "#b3541e", "#8e44ad", "#00728f", "#a83250", "#5d6d1e"];

export function draftOf(schema: Schema): Draft {
  return {
    entities: schema.entity_types.map((type, id) => ({ ...type, id, isNew: false })),
    relations: schema.relation_types.map((type, id) => {
      return { ...type, pairs: type.pairs ?? [], id, isNew: false };
    }),
  };
}

function freshType(types: readonly DraftType[]): DraftType {
  const id = Math.max(-1, ...types.map((type) => type.id)) + 1;
  const taken = new Set(types.map(({ key }) => key));
  const key = Array.from("dgjkpqtuvwyz").find((letter) => !taken.has(letter)) ?? "";
  return { id, isNew: true, name: "", label: "", color: COLORS[id % COLORS.length] ?? "", key };
}

export function withEntity(draft: Draft): Draft {
  return { ...draft, entities: [...draft.entities, freshType(draft.entities)] };
}

export function withRelation(draft: Draft): Draft {
  const type = { ...freshType(draft.relations), symmetric: false, pairs: [] };
  return { ...draft, relations: [...draft.relations, type] };
}

/** A pair is legal or not; turning it over keeps the others. */
export function togglePair(type: DraftRelation, head: string, tail: string): DraftRelation {
  const isIt = (pair: readonly string[]) => pair[0] === head && pair[1] === tail;
  const others = type.pairs.filter((pair) => !isIt(pair));
  const had = others.length < type.pairs.length;
  return { ...type, pairs: had ? others : [...others, [head, tail]] };
}

export function hasPair(type: DraftRelation, head: string, tail: string): boolean {
  return type.pairs.some((pair) => pair[0] === head && pair[1] === tail);
}

export type DraftProblem = "nameless" | "name_twice" | "key_twice";

export function problemsOf(draft: Draft): readonly DraftProblem[] {
  const problems: DraftProblem[] = [];
  for (const types of [draft.entities, draft.relations]) {
    const names = types.map(({ name }) => name.trim());
    const keys = types.map(({ key }) => key.toLowerCase()).filter((key) => key !== "");
    if (names.includes("")) problems.push("nameless");
    if (new Set(names).size < names.length) problems.push("name_twice");
    if (new Set(keys).size < keys.length) problems.push("key_twice");
  }
  return [...new Set(problems)];
}

/** What is sent: pairs of types that are gone are gone too. */
export function schemaOf(draft: Draft): NewSchema {
  const plain = ({ name, label, color, key }: DraftType) => ({
    name: name.trim(),
    label: label.trim() === "" ? name.trim() : label.trim(),
    color,
    key: key.toLowerCase(),
  });
  const names = new Set(draft.entities.map(({ name }) => name.trim()));
  return {
    entity_types: draft.entities.map(plain),
    relation_types: draft.relations.map((type) => ({
      ...plain(type),
      symmetric: type.symmetric,
      pairs: type.pairs.filter((pair) => pair.every((name) => names.has(name))),
    })),
  };
}
