import { describe, expect, test } from "vitest";
import { drugs } from "./cast";
import {
  arrived,
  begin,
  emptyLane,
  giveUp,
  nextLetter,
  post,
  settle,
  troubled,
  unanswered,
  unsaved,
  waitBefore,
} from "./outbox";
import type { SaveAction } from "./outbox";

const body = (action: SaveAction, ...places: number[]) => ({
  ...drugs(...places),
  action,
  seconds: 1,
});

describe("what waits to be saved", () => {
  test("drafts that were never sent become one", () => {
    const lane = post(post(emptyLane(3), "k1", body("save", 0)), "k2", body("save", 0, 2));
    expect(lane.letters).toHaveLength(1);
    expect(nextLetter(lane)?.key).toBe("k2");
  });

  test("a submission is never replaced", () => {
    const lane = post(post(emptyLane(0), "k1", body("submit", 0)), "k2", body("save", 2));
    expect(lane.letters.map(({ key }) => key)).toEqual(["k1", "k2"]);
  });

  test("a letter that may have arrived is repeated with its key, base and body", () => {
    const tried = unanswered(begin(post(emptyLane(3), "k1", body("save", 0))));
    const again = begin(post(tried, "k2", body("save", 0, 2)));
    expect(again.letters[0]).toMatchObject({ key: "k1", base: 3, attempts: 2 });
    expect(again.letters[1]).toMatchObject({ key: "k2", base: null });
  });

  test("the next letter builds on the answer to the one before", () => {
    const both = post(begin(post(emptyLane(3), "k1", body("save", 0))), "k2", body("submit", 0));
    const next = begin(arrived(both, 4));
    expect(next.letters).toMatchObject([{ key: "k2", base: 4 }]);
    expect(arrived(next, 5)).toEqual(emptyLane(5));
  });

  test("only one letter is on its way", () => {
    expect(nextLetter(begin(post(emptyLane(0), "k1", body("save"))))).toBeNull();
  });
});

describe("a conflict", () => {
  const current = { ...drugs(6), version: 7 };
  const lane = troubled(begin(post(emptyLane(3), "k1", body("submit", 0))), {
    kind: "conflict",
    current,
  });

  test("stops sending and keeps both", () => {
    expect(nextLetter(lane)).toBeNull();
    expect(unsaved(lane)?.entities).toEqual(drugs(0).entities);
    expect(lane.trouble).toMatchObject({ current });
  });

  test("is settled by a graph on top of the newest version, with the action that was wanted", () => {
    const settled = begin(settle(lane, "k9", drugs(0, 6)));
    expect(settled.letters).toMatchObject([{ key: "k9", base: 7, body: { action: "submit" } }]);
  });

  test("is settled by giving up", () => {
    expect(giveUp(lane)).toEqual(emptyLane(7));
  });
});

test("the wait grows and has an end", () => {
  expect(waitBefore(1, 0.5)).toBe(1000);
  expect(waitBefore(3, 0.5)).toBe(4000);
  expect(waitBefore(30, 0.5)).toBe(30_000);
});
