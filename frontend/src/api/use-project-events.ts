// Keeps remembered answers fresh: an event says what is stale, or carries the new numbers itself.
import { useQueryClient } from "@tanstack/react-query";
import type { QueryClient, QueryKey } from "@tanstack/react-query";
import { useEffect } from "react";
import { request } from "./client";
import { EventStream } from "./event-stream";
import type { ProjectEvent } from "./event-stream";
import { keys } from "./keys";
import { announce } from "./news";
import type { ImportJob, Page, Run } from "./types";

type Stale = (project: number) => readonly QueryKey[];

const versions: Stale = (p) => [
  keys.models(p),
  keys.leaderboard(p),
  keys.comparisons(p),
  keys.curves(p),
];

const STALE: Readonly<Record<string, Stale>> = {
  "sentence.saved": (p) => [keys.progress(p), keys.allChecks(p)],
  "comment.added": (p) => [keys.allComments(p)],
  "comment.changed": (p) => [keys.allComments(p)],
  "comment.removed": (p) => [keys.allComments(p)],
  "run.changed": (p) => [keys.runs(p), keys.progress(p), keys.trainingState(p), ...versions(p)],
  "model.promoted": (p) => [keys.progress(p), keys.trainingState(p), ...versions(p)],
  "model.measured": (p) => [keys.leaderboard(p), keys.allErrors(p)],
  "suggestions.ready": (p) => [keys.models(p), keys.progress(p)],
  "import.progress": (p) => [keys.imports(p), keys.progress(p)],
  "schema.changed": (p) => [keys.schema(p), keys.project(p), keys.guidelines(p), keys.allErrors(p)],
  "guidelines.changed": (p) => [keys.guidelines(p)],
  "project.changed": (p) => [
    keys.project(p),
    keys.policy(p),
    keys.trainingState(p),
    keys.members(p),
    keys.projects,
  ],
};

const FLUSH_EVERY = 800;

function patch<Item extends { readonly id: number }>(
  queries: QueryClient,
  key: QueryKey,
  id: unknown,
  fields: Partial<Item>,
): boolean {
  let isKnown = false;
  queries.setQueryData<Page<Item>>(key, (page) => {
    if (page === undefined) return page;
    const results = page.results.map((item) => {
      if (item.id !== id) return item;
      isKnown = true;
      return { ...item, ...fields };
    });
    return { ...page, results };
  });
  return isKnown;
}

function withHistory(queries: QueryClient, key: QueryKey, event: ProjectEvent): Partial<Run> {
  const { phase, progress, epoch, epochs, loss, dev_f1, eta_seconds } = event as Partial<Run>;
  const now = { phase, progress, epoch, epochs, loss, dev_f1, eta_seconds } as Partial<Run>;
  const run = queries
    .getQueryData<Page<Run>>(key)
    ?.results.find(({ id }) => id === event["run_id"]);
  if (run === undefined || epoch == null) return { ...now, state: "running" };
  const point = { epoch, loss: loss ?? null, dev_f1: dev_f1 ?? null };
  const history = [...run.history.filter((one) => one.epoch !== epoch), point];
  return { ...now, state: "running", history };
}

function take(queries: QueryClient, project: number, event: ProjectEvent): readonly QueryKey[] {
  if (event.kind === "run.progress") {
    const key = keys.runs(project);
    const isKnown = patch<Run>(queries, key, event["run_id"], withHistory(queries, key, event));
    return isKnown ? [] : [key];
  }
  if (event.kind === "import.progress") {
    const { state, accepted, refused, progress } = event as Partial<ImportJob>;
    const fields = { state, accepted, refused, progress } as Partial<ImportJob>;
    const isKnown = patch<ImportJob>(queries, keys.imports(project), event["import_id"], fields);
    if (isKnown && state === "running") return [];
  }
  return STALE[event.kind]?.(project) ?? [];
}

function socketUrl(project: number): string {
  const { protocol, host } = window.location;
  return `${protocol === "https:" ? "wss" : "ws"}://${host}/ws/projects/${project}/`;
}

/** Listen to a project as long as one of its pages is open. */
export function useProjectEvents(project: number | null): void {
  const queries = useQueryClient();
  useEffect(() => {
    if (project === null) return undefined;
    const stale = new Map<string, QueryKey>();
    const flush = setInterval(() => {
      for (const queryKey of stale.values()) void queries.invalidateQueries({ queryKey });
      stale.clear();
    }, FLUSH_EVERY);
    const doors = {
      openSocket: (url: string) => new WebSocket(url),
      fetchSince: (since: number) =>
        request<{ results: readonly ProjectEvent[]; last: number }>(
          `projects/${project}/events/?since=${since}`,
        ),
      now: () => Date.now(),
      chance: () => Math.random(),
    };
    const stream = new EventStream(socketUrl(project), doors, {
      onEvent: (event) => {
        announce(event);
        for (const key of take(queries, project, event)) stale.set(JSON.stringify(key), key);
      },
    });
    stream.open();
    return () => {
      clearInterval(flush);
      stream.close();
    };
  }, [project, queries]);
}
