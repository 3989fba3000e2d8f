// What may be said: entity types, relation types, and between which types a relation may stand.

export interface EntityType {
  readonly name: string;
  readonly label: string;
  readonly color: string;
  readonly key: string;
}

export interface RelationType extends EntityType {
  readonly symmetric: boolean;
  /** Legal (head type, tail type); none means every pair. */
  readonly pairs?: readonly (readonly string[])[];
}

export interface Schema {
  readonly entity_types: readonly EntityType[];
  readonly relation_types: readonly RelationType[];
}

export function entityType(schema: Schema, name: string): EntityType | undefined {
  return schema.entity_types.find((type) => type.name === name);
}

export function relationType(schema: Schema, name: string): RelationType | undefined {
  return schema.relation_types.find((type) => type.name === name);
}

function allows(type: RelationType, head: string, tail: string): boolean {
  const pairs = type.pairs ?? [];
  if (pairs.length === 0) return true;
  const has = (a: string, b: string) => pairs.some((pair) => pair[0] === a && pair[1] === b);
  return has(head, tail) || (type.symmetric && has(tail, head));
}

export function isLegal(schema: Schema, head: string, relation: string, tail: string): boolean {
  const type = relationType(schema, relation);
  if (type === undefined || !entityType(schema, head) || !entityType(schema, tail)) return false;
  return allows(type, head, tail);
}

export interface Direction {
  readonly type: string;
  /** The schema allows it only the other way round: the second entity is the head. */
  readonly flipped: boolean;
}

/** The relations that may join two entities picked in this order; direction comes from the schema. */
export function directionsBetween(
  schema: Schema,
  first: string,
  second: string,
): readonly Direction[] {
  return schema.relation_types.flatMap(({ name }): Direction[] => {
    if (isLegal(schema, first, name, second)) return [{ type: name, flipped: false }];
    if (isLegal(schema, second, name, first)) return [{ type: name, flipped: true }];
    return [];
  });
}

/** The first word of a label: short enough for a chip. */
export function shortLabel(type: EntityType | undefined, fallback: string): string {
  const label = type?.label.trim() ?? "";
  return label === "" ? fallback : (label.split(/\s+/)[0] ?? fallback);
}

/** The type that a key stands for, whatever its case. */
export function typeForKey<Type extends EntityType>(
  types: readonly Type[],
  key: string,
): Type | undefined {
  return types.find((type) => type.key !== "" && type.key.toLowerCase() === key.toLowerCase());
}
