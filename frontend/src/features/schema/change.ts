// A change of types over all labels, while it is filled in.
import type { NewSchemaChange, Schema } from "@/api/types";

export const KINDS = ["rename", "merge", "split", "reverse"] as const;
export type Kind = (typeof KINDS)[number];
export type Of = "entity" | "relation";

export interface Wish {
  readonly kind: Kind;
  readonly of: Of;
  readonly from: readonly string[];
  readonly into: string;
  readonly headType: string;
  readonly tailType: string;
  readonly subject: string;
  readonly object: string;
  /** One string a line. */
  readonly surfaces: string;
  readonly extendPairs: boolean;
}

/** What every part of the form gets. */
export interface FormProps {
  readonly schema: Schema;
  readonly wish: Wish;
  readonly onWish: (wish: Wish) => void;
}

export const NO_WISH: Wish = {
  kind: "rename",
  of: "relation",
  from: [],
  into: "",
  headType: "",
  tailType: "",
  subject: "",
  object: "",
  surfaces: "",
  extendPairs: false,
};

export function typesOf(schema: Schema, of: Of): readonly { name: string; label: string }[] {
  return of === "entity" ? schema.entity_types : schema.relation_types;
}

/** Which types can be changed in this way: only a relation with a direction can be reversed. */
export function changeable(schema: Schema, { kind, of }: Wish): readonly string[] {
  if (kind !== "reverse") return typesOf(schema, of).map(({ name }) => name);
  return schema.relation_types.filter(({ symmetric }) => !symmetric).map(({ name }) => name);
}

/** Another kind or other types: what does not fit any more is let go. */
export function withKind(wish: Wish, kind: Kind, of: Of): Wish {
  return { ...NO_WISH, kind, of: kind === "reverse" ? "relation" : of, surfaces: wish.surfaces };
}

const lines = (text: string) =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

function whereOf(wish: Wish): NonNullable<NewSchemaChange["where"]> {
  if (wish.kind !== "split") return {};
  if (wish.of === "entity") return { surfaces: lines(wish.surfaces) };
  const named = {
    head_type: wish.headType,
    tail_type: wish.tailType,
    subject_contains: wish.subject.trim(),
    object_contains: wish.object.trim(),
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== ""));
}

/** As the server takes it; null while something is missing. */
export function changeOf(wish: Wish): NewSchemaChange | null {
  const { kind, of, from, extendPairs } = wish;
  const into = kind === "reverse" ? "" : wish.into.trim();
  const where = whereOf(wish);
  const isComplete =
    from.length > 0 &&
    (kind === "reverse" || into !== "") &&
    !from.includes(into) &&
    (kind !== "split" || Object.values(where).some((value) => value.length > 0));
  return isComplete ? { kind, of, from, into, where, extend_pairs: extendPairs } : null;
}
