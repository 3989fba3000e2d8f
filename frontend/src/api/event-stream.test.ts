import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { EventStream } from "./event-stream";
import type { ProjectEvent } from "./event-stream";

class Line {
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readonly url: string;
  constructor(url: string) {
    this.url = url;
  }
  close(): void {
    this.onclose = null;
  }
  say(id: number, kind = "run.progress"): void {
    this.onmessage?.({ data: JSON.stringify({ id, kind, at: "2030-01-01T00:00:00Z" }) });
  }
  drop(code = 1006): void {
    this.onclose?.({ code });
  }
}

let lines: Line[];
let heard: number[];
let states: string[];
let kept: ProjectEvent[];
let asked: number[];

const last = () => lines.at(-1) ?? new Line("");

function listen(): EventStream {
  const stream = new EventStream(
    "/ws/projects/1/",
    {
      openSocket: (url) => {
        const line = new Line(url);
        lines.push(line);
        return line as unknown as WebSocket;
      },
      fetchSince: (since) => {
        asked.push(since);
        const results = kept.filter(({ id }) => id > since);
        return Promise.resolve({ results, last: results.at(-1)?.id ?? since });
      },
      now: () => Date.parse("2029-01-01T00:00:00Z"),
      chance: () => 0.5,
    },
    { onEvent: ({ id }) => heard.push(id), onState: (state) => states.push(state) },
  );
  stream.open();
  return stream;
}

beforeEach(() => {
  vi.useFakeTimers();
  [lines, heard, states, kept, asked] = [[], [], [], [], []];
});
afterEach(() => {
  vi.useRealTimers();
});

test("who loses the line before the first event asks for what came after the hello", () => {
  listen();
  last().onopen?.();
  last().say(7, "hello");
  last().drop();
  vi.advanceTimersByTime(5000);
  expect(lines.map(({ url }) => url)).toEqual(["/ws/projects/1/", "/ws/projects/1/?since=7"]);
  last().say(8);
  expect(heard).toEqual([8]);
});

test("events are heard once, in order, and pings are no events", () => {
  listen();
  last().onopen?.();
  last().say(4);
  last().say(4);
  last().onmessage?.({ data: '{"kind":"ping"}' });
  last().say(5);
  expect(heard).toEqual([4, 5]);
});

test("a lost socket is opened again after what was heard last", () => {
  listen();
  last().onopen?.();
  last().say(7);
  last().drop();
  vi.advanceTimersByTime(2000);
  expect(lines).toHaveLength(2);
  expect(last().url).toBe("/ws/projects/1/?since=7");
});

test("while the socket is down the events are asked for, and nothing old is news", async () => {
  kept = [
    { id: 1, kind: "run.changed", at: "2020-01-01T00:00:00Z" },
    { id: 2, kind: "run.changed", at: "2030-01-01T00:00:00Z" },
  ];
  listen();
  last().drop();
  await vi.advanceTimersByTimeAsync(1500);
  last().drop();
  await vi.advanceTimersByTimeAsync(100);
  expect(states).toContain("polling");
  expect(heard).toEqual([2]);
  kept.push({ id: 3, kind: "run.changed", at: "2030-01-02T00:00:00Z" });
  await vi.advanceTimersByTimeAsync(5000);
  expect(heard).toEqual([2, 3]);
});

test("a socket that comes back ends the polling", async () => {
  listen();
  last().drop();
  await vi.advanceTimersByTimeAsync(1500);
  last().drop();
  await vi.advanceTimersByTimeAsync(3000);
  last().onopen?.();
  const before = asked.length;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveLength(before);
});

test("who is not a member is not asked to try again", () => {
  listen();
  last().drop(4404);
  vi.advanceTimersByTime(60_000);
  expect(lines).toHaveLength(1);
  expect(states.at(-1)).toBe("closed");
});
