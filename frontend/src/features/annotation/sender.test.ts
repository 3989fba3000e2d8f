import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ApiError, UnreachableError } from "@/api/client";
import { NO_HISTORY } from "@/core/history";
import { emptyLane, giveUp, post } from "@/core/outbox";
import type { Letter } from "@/core/outbox";
import type { Desk } from "./desk-store";
import { Sender } from "./sender";

const GRAPH = { entities: [], relations: [], negatives: [], flags: [], comment: "" };
const body = { ...GRAPH, action: "save" as const, seconds: 2 };

let kept: Map<number, Desk>;
let sent: Letter[];
let answer: (letter: Letter) => number;
let whoIsThere: number | null;

function sender(): Sender {
  return new Sender(1, {
    store: {
      all: () => Promise.resolve([...kept.values()]),
      put: (desk) => {
        kept.set(desk.sentenceId, structuredClone(desk));
        return Promise.resolve();
      },
      drop: ({ sentenceId }) => {
        kept.delete(sentenceId);
        return Promise.resolve();
      },
    },
    save: (_, letter) => {
      sent.push(letter);
      const version = answer(letter);
      const annotation = { ...GRAPH, version };
      return Promise.resolve({ version, state: "in_progress" as const, annotation });
    },
    whoAmI: () => Promise.resolve(whoIsThere),
    now: () => Date.now(),
    chance: () => 0.5,
  });
}

const lay = (on: Sender, key: string, wait = 0) => {
  const lane = on.desk(9)?.lane ?? emptyLane(0);
  const work = { graph: GRAPH, history: NO_HISTORY, rejected: [], seconds: 2 };
  on.lay({ projectId: 1, sentenceId: 9, lane: post(lane, key, body), ...work }, wait);
};
const unreachable = () => {
  throw new UnreachableError("gone");
};

beforeEach(() => {
  vi.useFakeTimers();
  kept = new Map();
  sent = [];
  whoIsThere = 1;
  answer = (letter) => (letter.base ?? 0) + 1;
});
afterEach(() => {
  vi.useRealTimers();
});

describe("sending", () => {
  test("a change is written down before it is sent", async () => {
    const mine = sender();
    lay(mine, "k1", 700);
    expect(kept.get(9)?.lane.letters).toHaveLength(1);
    expect(sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(800);
    expect(sent).toMatchObject([{ key: "k1", base: 0 }]);
    expect(mine.state()).toEqual({ waiting: 0, isOffline: false, troubles: [] });
    expect(kept.get(9)?.lane.version).toBe(1);
  });

  test("an unanswered letter is repeated with the same key until it is answered", async () => {
    const mine = sender();
    answer = unreachable;
    lay(mine, "k1");
    await vi.advanceTimersByTimeAsync(2500);
    expect(mine.state()).toMatchObject({ waiting: 1, isOffline: true });
    answer = () => 1;
    mine.hurry();
    await vi.advanceTimersByTimeAsync(10);
    expect(new Set(sent.map(({ key, base }) => `${key} ${base ?? ""}`))).toEqual(new Set(["k1 0"]));
    expect(mine.state()).toMatchObject({ waiting: 0, isOffline: false });
  });

  test("what was left behind is sent by the next page, under its own key", async () => {
    answer = unreachable;
    lay(sender(), "k1");
    await vi.advanceTimersByTimeAsync(10);
    answer = () => 1;
    await sender().load();
    await vi.advanceTimersByTimeAsync(10);
    expect(sent.at(-1)?.key).toBe("k1");
    expect(kept.get(9)?.lane.letters).toEqual([]);
  });

  test("a conflict waits for the person, and giving up ends it", async () => {
    const mine = sender();
    const current = { ...GRAPH, version: 5 };
    answer = () => {
      throw new ApiError(412, "version_conflict", "changed", { current });
    };
    lay(mine, "k1");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent).toHaveLength(1);
    expect(mine.state().troubles).toEqual([9]);
    const lane = mine.desk(9)?.lane ?? emptyLane(0);
    expect(lane.trouble).toEqual({ kind: "conflict", current });
    mine.change(9, GRAPH, giveUp(lane));
    expect(mine.state()).toMatchObject({ waiting: 0, troubles: [] });
    expect(mine.desk(9)?.lane.version).toBe(5);
  });

  test("an expired log-in loses nothing", async () => {
    const mine = sender();
    answer = () => {
      throw new ApiError(403, "not_authenticated", "log in");
    };
    lay(mine, "k1");
    await vi.advanceTimersByTimeAsync(10);
    expect(mine.state()).toMatchObject({ waiting: 1, troubles: [] });
  });

  test("nothing is sent under another person's name", async () => {
    const mine = sender();
    whoIsThere = 2;
    lay(mine, "k1");
    await vi.advanceTimersByTimeAsync(5000);
    expect(sent).toEqual([]);
    expect(mine.state()).toMatchObject({ waiting: 1 });
    whoIsThere = 1;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent).toMatchObject([{ key: "k1" }]);
  });

  test("who has left sends nothing, and what waits stays written down", async () => {
    const mine = sender();
    lay(mine, "k1", 700);
    mine.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent).toEqual([]);
    expect(kept.get(9)?.lane.letters).toHaveLength(1);
  });

  test("a refused save says why", async () => {
    const mine = sender();
    answer = () => {
      throw new ApiError(422, "illegal_relation", "no");
    };
    lay(mine, "k1");
    await vi.advanceTimersByTimeAsync(10);
    expect(mine.desk(9)?.lane.trouble).toMatchObject({ kind: "refused", code: "illegal_relation" });
  });
});
