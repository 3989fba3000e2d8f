import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ApiError, UnreachableError } from "@/api/client";
import { NO_HISTORY } from "@/core/history";
import { emptyLane, giveUp, post } from "@/core/outbox";
import type { Letter } from "@/core/outbox";
import type { Desk } from "./desk-store";
import { Sender } from "./sender";

const GRAPH = { entities: [], relations: [], negatives: [], flags: [], comment: "" };
const body = { ...GRAPH, action: "save" as const, seconds: 2 };

/** The browser's database: desks by tab. */
let kept: Map<string, Desk>;
let closed: string[];
let sent: Letter[];
let answer: (letter: Letter) => number;
let whoIsThere: number | null;

const deskOf = (tab: string) => kept.get(`${tab} 9`);

function sender(tab = "this"): Sender {
  const place = ({ sentenceId }: Pick<Desk, "sentenceId">) => `${tab} ${sentenceId}`;
  return new Sender(1, {
    store: {
      own: () =>
        Promise.resolve([...kept].filter(([key]) => key.startsWith(tab)).map(([, desk]) => desk)),
      adopt: async (_, keep) => {
        for (const [key, desk] of [...kept]) {
          if (!closed.some((other) => key.startsWith(other))) continue;
          await keep(desk);
          kept.delete(key);
        }
      },
      put: (desk) => {
        kept.set(place(desk), structuredClone(desk));
        return Promise.resolve();
      },
      drop: (desk) => {
        kept.delete(place(desk));
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
  closed = [];
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
    expect(deskOf("this")?.lane.letters).toHaveLength(1);
    expect(sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(800);
    expect(sent).toMatchObject([{ key: "k1", base: 0 }]);
    expect(mine.state()).toEqual({
      waiting: 0,
      isOffline: false,
      isFull: false,
      isKept: true,
      troubles: [],
    });
    expect(deskOf("this")?.lane.version).toBe(1);
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

  test("a server without room is said by name, and the letter goes when there is some", async () => {
    const mine = sender();
    answer = () => {
      throw new ApiError(507, "disk_full", "The disk is full");
    };
    lay(mine, "k1");
    await vi.advanceTimersByTimeAsync(2500);
    expect(mine.state()).toMatchObject({ waiting: 1, isOffline: true, isFull: true, troubles: [] });
    answer = () => 1;
    mine.hurry();
    await vi.advanceTimersByTimeAsync(10);
    expect(mine.state()).toMatchObject({ waiting: 0, isOffline: false, isFull: false });
  });

  test("after ten minutes without a network all is sent once, in order, when it is back", async () => {
    const mine = sender();
    const arrivedKeys: string[] = [];
    answer = unreachable;
    for (const key of ["k1", "k2", "k3"]) {
      lay(mine, key);
      await vi.advanceTimersByTimeAsync(200_000);
    }
    const waiting = mine.desk(9)?.lane.letters.map(({ key }) => key) ?? [];
    answer = ({ key, base }) => {
      arrivedKeys.push(key);
      return (base ?? 0) + 1;
    };
    await vi.advanceTimersByTimeAsync(60_000);
    expect(waiting).toEqual(["k1", "k3"]); // the draft between was never sent and is newer in k3
    expect(arrivedKeys).toEqual(waiting);
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
    expect(deskOf("this")?.lane.letters).toEqual([]);
  });

  test("what a closed tab left is taken up by another, once; what a living one has is not", async () => {
    answer = unreachable;
    const other = sender("other");
    lay(other, "k1");
    await vi.advanceTimersByTimeAsync(10);
    other.stop();
    answer = () => 1;
    const mine = sender();
    await mine.load();
    await vi.advanceTimersByTimeAsync(100);
    expect(mine.desk(9)).toBeUndefined();
    closed = ["other"];
    await mine.lookAround();
    await mine.lookAround();
    await vi.advanceTimersByTimeAsync(100);
    expect(sent.filter(({ key }) => key === "k1").at(-1)).toMatchObject({ base: 0 });
    expect(deskOf("this")?.lane).toMatchObject({ version: 1, letters: [] });
    expect(deskOf("other")).toBeUndefined();
  });

  test("work of a closed tab meets newer work as a conflict, it is not written over it", async () => {
    const other = sender("other");
    answer = unreachable;
    lay(other, "old");
    await vi.advanceTimersByTimeAsync(10);
    other.stop();
    const mine = sender();
    answer = () => 1;
    lay(mine, "new");
    await vi.advanceTimersByTimeAsync(10);
    const current = { ...GRAPH, version: 1 };
    answer = ({ base }) => {
      if (base !== 1) throw new ApiError(412, "version_conflict", "changed", { current });
      return 2;
    };
    closed = ["other"];
    await mine.load();
    await vi.advanceTimersByTimeAsync(100);
    expect(mine.state().troubles).toEqual([9]);
    expect(mine.desk(9)?.lane.letters).toMatchObject([{ key: "old", base: 0 }]);
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
    expect(deskOf("this")?.lane.letters).toHaveLength(1);
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
