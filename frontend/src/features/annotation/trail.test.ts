import { expect, test } from "vitest";
import type { Sentence } from "@/api/types";
import {
  NO_TRAIL,
  ahead,
  back,
  current,
  extend,
  forgetAhead,
  forward,
  needsMore,
  visit,
  without,
} from "./trail";

const sentence = (id: number): Sentence => ({
  id,
  text: "",
  state: "pending",
  priority: null,
  position: id,
  external_id: "",
  document: null,
  previous_gold: false,
  annotation: null,
  suggestion: null,
  why: { reason: "in_order", text: { zh: "", en: "" } },
  blind: false,
  lease_until: null,
});
const given = (...ids: number[]) => extend(NO_TRAIL, ids.map(sentence));

test("going on and going back", () => {
  const trail = given(1, 2, 3);
  expect(current(trail)?.id).toBe(1);
  expect(current(forward(trail))?.id).toBe(2);
  expect(current(back(forward(trail)))?.id).toBe(1);
  expect(current(back(trail))?.id).toBe(1);
});

test("past the last sentence there is none, and one can still go back", () => {
  const end = forward(forward(given(1)));
  expect(current(end)).toBeNull();
  expect(current(back(end))?.id).toBe(1);
});

test("more is asked for as soon as fewer than three lie ahead", () => {
  expect(needsMore(given(1, 2, 3, 4))).toBe(false);
  expect(needsMore(forward(given(1, 2, 3, 4)))).toBe(true);
});

test("at the end of the row the queue is asked once more", () => {
  const dry = extend(given(1, 2), []);
  expect(needsMore(forward(dry))).toBe(false);
  expect(needsMore(forward(forward(dry)))).toBe(true);
});

test("a new order of the queue changes what lies ahead, not what is on the desk", () => {
  const trail = forgetAhead(forward(given(1, 2, 3)));
  expect(current(trail)?.id).toBe(2);
  expect(ahead(trail)).toEqual([]);
  expect(needsMore(trail)).toBe(true);
});

test("what is handed out again is not shown twice, and nothing new means dry", () => {
  const again = extend(given(1, 2), [sentence(2), sentence(3)]);
  expect(again.sentences.map(({ id }) => id)).toEqual([1, 2, 3]);
  expect(needsMore(extend(given(1), [sentence(1)]))).toBe(false);
});

test("a sentence from elsewhere comes onto the desk, the rest stays ahead", () => {
  const trail = visit(given(1, 2), sentence(9));
  expect(current(trail)?.id).toBe(9);
  expect(ahead(trail).map(({ id }) => id)).toEqual([1, 2]);
  expect(current(visit(trail, sentence(2)))?.id).toBe(2);
});

test("a lost sentence leaves the row ahead, never the desk", () => {
  expect(ahead(without(given(1, 2, 3), 2)).map(({ id }) => id)).toEqual([3]);
  expect(current(without(given(1, 2), 1))?.id).toBe(1);
});
