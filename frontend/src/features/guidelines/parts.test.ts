import fc from "fast-check";
import { expect, test } from "vitest";
import { GENERAL, bodyOf, join, textsOf, typeParts } from "./parts";

const look = { label: "", color: "#123456", key: "" };

test("every type has a part, one that is entity and relation has one", () => {
  const relation = { name: "ADE", ...look, symmetric: false, pairs: [] };
  const schema = {
    entity_types: [
      { name: "Drug", ...look },
      { name: "ADE", ...look },
    ],
    relation_types: [relation],
  };
  expect(typeParts(schema).map(({ name }) => name)).toEqual(["Drug", "ADE"]);
  expect(typeParts(schema)[0]?.label).toBe("Drug");
});

test("texts become a body again, without what was left empty", () => {
  const texts = textsOf({ text: "all", types: { a: "x" } });
  expect(bodyOf({ ...texts, b: " " })).toEqual({ text: "all", types: { a: "x" } });
});

test("what only one of us changed is taken; where both did, both texts are kept", () => {
  const base = { [GENERAL]: "g", a: "a", b: "b" };
  const joined = join(
    base,
    { ...base, [GENERAL]: "mine", a: "my a" },
    { ...base, a: "their a", b: "their b" },
  );
  expect(joined.texts).toEqual({ [GENERAL]: "mine", a: "my a", b: "their b" });
  expect(joined.open).toEqual({ a: "their a" });
});

const texts = fc.dictionary(fc.constantFrom("", "a", "b", "c"), fc.constantFrom("", "1", "2", "3"));

test("joining loses no text that anybody wrote", () => {
  fc.assert(
    fc.property(texts, texts, texts, (base, mine, theirs) => {
      const joined = join(base, mine, theirs);
      for (const side of [mine, theirs]) {
        for (const [name, text] of Object.entries(side)) {
          if (text === (base[name] ?? "")) continue;
          expect([joined.texts[name], joined.open[name]]).toContain(text);
        }
      }
    }),
  );
});
