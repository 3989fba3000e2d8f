import { describe, expect, test } from "vitest";
import type { TrainingState } from "@/api/types";
import { whySlots } from "@/i18n/training-words";
import { translator } from "@/i18n/translate";
import { failureText, startText } from "./why";

const t = translator("en");

const STATE: TrainingState = {
  is_training: false,
  automatic: true,
  workers_alive: 1,
  why: {
    code: "waiting_for_labels",
    is_due: false,
    failure: null,
    failure_message: null,
    retry_minutes: null,
    refusal: null,
    refusal_message: null,
  },
  next: {
    labels: 33,
    new_gold: 3,
    wanted: 30,
    floor: 5,
    minutes_left: null,
    speed: "quick",
    origin_number: 4,
    anew: null,
  },
  run: { id: 9, state: "done", automatic: null, origin_number: null, anew: "no_version" },
};

const why = (change: Partial<TrainingState["why"]>): TrainingState => ({
  ...STATE,
  why: { ...STATE.why, ...change },
});
const said = (state: TrainingState) => t(`policy.why.${state.why.code}`, whySlots(t, state));

describe("why it is or is not training", () => {
  test("counts what is new", () => {
    expect(said(STATE)).toBe("It waits for labels: 3 of 30 new gold sentences.");
  });

  test("says how long it waits after a failure, and not how long for labels", () => {
    const failed = why({ code: "failed_backing_off", failure: "x", retry_minutes: 20 });
    const state = { ...failed, next: { ...failed.next, minutes_left: 3 } };
    expect(said(state)).toContain("20 minutes");
  });

  test("says for what it would be refused", () => {
    const gone = why({ code: "refused", refusal: "unknown_encoder", refusal_message: "None" });
    expect(said(gone)).toContain("This encoder is not on this machine.");
    const strange = why({ code: "refused", refusal: "new_code", refusal_message: "Said there" });
    expect(said(strange)).toContain("Said there");
  });
});

describe("what it goes on from", () => {
  test("the next one from a version, or anew with the reason", () => {
    expect(startText(t, STATE)).toBe("The next training (Quick) goes on from version 4.");
    const anew = { ...STATE, next: { ...STATE.next, origin_number: null, anew: "grown" } };
    expect(startText(t, anew)).toContain("begins anew, because the labels have grown by half");
  });

  test("the one under way, as it was asked for", () => {
    expect(startText(t, { ...STATE, is_training: true })).toContain("no version is active");
  });

  test("nothing where a training would be refused", () => {
    const refused = { ...STATE, next: { ...STATE.next, origin_number: null, anew: null } };
    expect(startText(t, refused)).toBe("");
    expect(startText(t, { ...STATE, is_training: true, run: null })).toBe("");
  });
});

describe("how the last one failed", () => {
  test("in words and by its code", () => {
    expect(failureText(t, STATE)).toBe("");
    const failed = why({ failure: "odd_end", failure_message: "It stopped oddly." });
    expect(failureText(t, failed)).toBe("The last training failed: It stopped oddly. (odd_end)");
  });
});
