// The answers about a project that several pages ask for.
import { useQuery } from "@tanstack/react-query";
import {
  getCatalogue,
  getGuidelines,
  getProgress,
  getProject,
  getSchema,
  getTrainingState,
  listModels,
  listRuns,
} from "./endpoints";
import { keys } from "./keys";
import type { Run } from "./types";

export const useProject = (id: number) =>
  useQuery({ queryKey: keys.project(id), queryFn: () => getProject(id) });

export const useProgress = (id: number) =>
  useQuery({ queryKey: keys.progress(id), queryFn: () => getProgress(id) });

export const useSchema = (id: number) =>
  useQuery({ queryKey: keys.schema(id), queryFn: () => getSchema(id) });

/** Kept as long as the page lives, so that they can be read without a connection. */
export const useGuidelines = (id: number) =>
  useQuery({
    queryKey: keys.guidelines(id),
    queryFn: () => getGuidelines(id),
    staleTime: 300_000,
    gcTime: Infinity,
  });

export const useRuns = (id: number) =>
  useQuery({ queryKey: keys.runs(id), queryFn: () => listRuns(id) });

export const useModels = (id: number) =>
  useQuery({ queryKey: keys.models(id), queryFn: () => listModels(id) });

/** Milliseconds: time alone may start a training. */
const LOOK_AGAIN = 10_000;

export const useTrainingState = (id: number) =>
  useQuery({
    queryKey: keys.trainingState(id),
    queryFn: () => getTrainingState(id),
    refetchInterval: LOOK_AGAIN,
  });

export const useCatalogue = () =>
  useQuery({ queryKey: keys.catalogue, queryFn: getCatalogue, staleTime: Infinity });

const LIVE: readonly Run["state"][] = ["queued", "running", "evaluating"];

export const isLive = (run: Run): boolean => LIVE.includes(run.state);
