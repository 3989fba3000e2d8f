// The parts of the guidelines: one in general, one for each type; and joining what two people wrote.
import type { Guidelines, NewGuidelines, Schema } from "@/api/types";

export const GENERAL = "";

export interface Part {
  /** The name of the type; empty for the general part. */
  readonly name: string;
  readonly label: string;
  readonly color: string;
  readonly key: string;
}

/** The types in the order of the schema; one that is both entity and relation is said once. */
export function typeParts(schema: Schema): readonly Part[] {
  const types = [...schema.entity_types, ...schema.relation_types];
  const parts = types.map(({ name, label, color, key }) => ({
    name,
    label: label || name,
    color,
    key,
  }));
  return parts.filter(({ name }, place) => parts.findIndex((one) => one.name === name) === place);
}

export type Texts = Readonly<Record<string, string>>;

export function textsOf({ text, types }: Pick<Guidelines, "text" | "types">): Texts {
  return { ...types, [GENERAL]: text };
}

export function bodyOf(texts: Texts): NewGuidelines {
  const { [GENERAL]: text = "", ...types } = texts;
  const said = Object.entries(types).filter(([, one]) => one.trim() !== "");
  return { text, types: Object.fromEntries(said) };
}

export interface Joined {
  readonly texts: Texts;
  /** What they wrote where both changed the same part; mine stands in the texts. */
  readonly open: Texts;
}

/** Join mine with theirs: a part that only one of us changed is taken as changed. */
export function join(base: Texts, mine: Texts, theirs: Texts): Joined {
  const names = new Set([base, mine, theirs].flatMap((texts) => Object.keys(texts)));
  const texts: Record<string, string> = {};
  const open: Record<string, string> = {};
  for (const name of names) {
    const [before, own, other] = [base[name] ?? "", mine[name] ?? "", theirs[name] ?? ""];
    texts[name] = own === before ? other : own;
    if (own !== before && other !== before && own !== other) open[name] = other;
  }
  return { texts, open };
}
