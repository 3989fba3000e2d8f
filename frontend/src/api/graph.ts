// The calls of the knowledge graph's page.
import { request } from "./client";
import type { Contradiction, Contradictions, KnowledgeGraph, Page, StatedSentence } from "./types";

const project = (id: number) => `projects/${id}/`;

export const getGraph = (id: number, asked: Record<string, string>) =>
  request<KnowledgeGraph>(`${project(id)}graph/?${new URLSearchParams(asked).toString()}`);
export const listGraphSentences = (id: number, asked: Record<string, string>) =>
  request<Page<StatedSentence>>(
    `${project(id)}graph/sentences/?${new URLSearchParams(asked).toString()}`,
  );
export const listContradictions = (id: number) =>
  request<Contradictions>(`${project(id)}graph/contradictions/`);
export const reviewContradiction = (id: number, nodes: Contradiction["nodes"]) =>
  request<{ readonly opened: number }>(`${project(id)}graph/contradictions/review/`, {
    method: "POST",
    body: { nodes },
  });
export const graphUrl = (id: number, asked: Record<string, string>) =>
  `/api/v1/${project(id)}graph/export/?${new URLSearchParams(asked).toString()}`;
