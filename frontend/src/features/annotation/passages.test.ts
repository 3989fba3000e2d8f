import { expect, test } from "vitest";
import type { SourceDocument } from "@/api/types";
import { passagesOf } from "./passages";

const document: SourceDocument = {
  id: 1,
  name: "甲药片",
  section: "药物相互作用",
  text: "1.与𠮷药合用。2.避免与乙药合用。",
  start: 2,
  end: 7,
  sentences: [
    { id: 8, text: "甲药片@避免与乙药合用", state: "pending", start: 10, end: 17 },
    { id: 7, text: "甲药片@与𠮷药合用", state: "gold", start: 2, end: 7 },
    { id: 9, text: "甲药片@别处", state: "pending", start: null, end: null },
  ],
};

test("sentences stand in the text in its order, rare characters counted as one", () => {
  expect(passagesOf(document)).toEqual([
    { text: "1.", id: null },
    { text: "与𠮷药合用", id: 7 },
    { text: "。2.", id: null },
    { text: "避免与乙药合用", id: 8 },
    { text: "。", id: null },
  ]);
});

test("a document known by name only is its sentences", () => {
  const texts = passagesOf({ ...document, text: "" }).map(({ text }) => text);
  expect(texts.join("")).toBe("甲药片@避免与乙药合用\n甲药片@与𠮷药合用\n甲药片@别处\n");
});
