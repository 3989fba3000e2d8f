// Sentences that are cut by the end of a page.
import { expect, test } from "vitest";
import { joinSentences } from "./join-sentences";

const cut = (sentence_id: number, ...statements: string[]) => ({
  sentence_id,
  text: `sentence ${sentence_id}`,
  statements,
});

test("a sentence goes on where the page before ended", () => {
  const pages = [
    { results: [cut(2, "a"), cut(7, "b", "c")] },
    { results: [cut(7, "d")] },
    { results: [cut(7, "e"), cut(1)] },
  ];
  expect(joinSentences(pages)).toEqual([cut(2, "a"), cut(7, "b", "c", "d", "e"), cut(1)]);
  expect(pages[0]?.results[1]?.statements).toEqual(["b", "c"]);
});

test("nothing comes of no pages", () => {
  expect(joinSentences([])).toEqual([]);
});
