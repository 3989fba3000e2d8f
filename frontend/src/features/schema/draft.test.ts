import { expect, test } from "vitest";
import { draftOf, problemsOf, schemaOf, togglePair, withEntity, withRelation } from "./draft";

const look = { color: "#2f6fab" };
const SCHEMA = {
  version: 1,
  entity_types: [{ name: "药物", label: "药物", key: "d", ...look }],
  relation_types: [
    {
      name: "协同",
      label: "协同",
      key: "t",
      symmetric: false,
      pairs: [["药物", "药物"]] as [string, string][],
      ...look,
    },
  ],
};

test("an untouched draft is the schema", () => {
  const same = { entity_types: SCHEMA.entity_types, relation_types: SCHEMA.relation_types };
  expect(schemaOf(draftOf(SCHEMA))).toEqual(same);
});

test("a new type needs a name, and gets a key that is free", () => {
  const draft = withEntity(draftOf(SCHEMA));
  expect(draft.entities[1]?.key).toBe("g");
  expect(problemsOf(draft)).toEqual(["nameless"]);
});

test("two types may not share a key or a name", () => {
  const draft = withRelation(draftOf(SCHEMA));
  const clash = draft.relations.map((type) => ({ ...type, name: "协同", key: "T" }));
  expect(problemsOf({ ...draft, relations: clash })).toEqual(["name_twice", "key_twice"]);
});

test("a pair is turned on and off", () => {
  const [type] = draftOf(SCHEMA).relations;
  if (type === undefined) throw new Error("the schema has a relation");
  expect(togglePair(type, "药物", "药物").pairs).toEqual([]);
  expect(togglePair(type, "药物", "食物").pairs).toHaveLength(2);
});

test("the pairs of a type that is gone go with it", () => {
  const draft = draftOf(SCHEMA);
  expect(schemaOf({ ...draft, entities: [] }).relation_types[0]?.pairs).toEqual([]);
});
