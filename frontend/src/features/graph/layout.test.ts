import { expect, test } from "vitest";
import type { KnowledgeGraph } from "@/api/types";
import { firstPlaces, settle, spread, stepsFor } from "./layout";

function ring(count: number): KnowledgeGraph {
  const nodes = Array.from({ length: count }, (_, at) => ({
    name: `药${at}`,
    type: "药物",
    statements: 1,
  }));
  const edges = nodes.map((_, at) => ({
    head: at,
    tail: (at + 1) % count,
    type: "协同",
    sentences: 1,
    gold: 1,
    confidence: null,
    contradicted: false,
  }));
  return { nodes, edges, total_edges: count, truncated: false };
}

const soon = () => Promise.resolve();

test("the same graph stands in the same places", async () => {
  const [first, second] = [
    await settle(ring(30), soon, () => false),
    await settle(ring(30), soon, () => false),
  ];
  expect(first).toEqual(second);
  expect(first.every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))).toBe(true);
});

test("an end joined to itself and two edges between the same do no harm", async () => {
  const graph = ring(3);
  const loops = graph.edges.map((edge) => ({ ...edge, tail: edge.head }));
  const places = await settle(
    { ...graph, edges: [...graph.edges, ...loops, ...graph.edges] },
    soon,
    () => false,
  );
  expect(places).toHaveLength(3);
});

test("it stops when told", async () => {
  let turns = 0;
  await settle(
    ring(5),
    () => Promise.resolve(void (turns += 1)),
    () => turns > 2,
  );
  expect(turns).toBe(3);
});

test("large graphs get fewer steps", () => {
  expect(stepsFor(2000)).toBeLessThan(stepsFor(100));
  expect(firstPlaces(0)).toEqual([]);
});

test("each node has room of its own, and one alone does not fly away", () => {
  const places = spread([
    { x: 0, y: 0 },
    { x: 1, y: 0 },
    { x: 0, y: 1 },
    { x: 1, y: 1 },
  ]);
  expect(Math.max(...places.map(({ x }) => x))).toBe(220);
  expect(spread([{ x: 3, y: 4 }])).toEqual([{ x: 3, y: 4 }]);
});
