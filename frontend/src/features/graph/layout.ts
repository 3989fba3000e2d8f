// Where the nodes of the graph stand: forces, a few steps at a time, the same picture every time.
import Graph from "graphology";
import forceAtlas2 from "graphology-layout-forceatlas2";
import type { KnowledgeGraph } from "@/api/types";

export interface Place {
  readonly x: number;
  readonly y: number;
}

const STEPS_A_TURN = 4;
const SPREAD = 10;
const ROOM = 110; // of a node, in the picture's own units

/** Places on a spiral, so that the first step does not depend on chance. */
export function firstPlaces(count: number): Place[] {
  const golden = Math.PI * (3 - Math.sqrt(5));
  return Array.from({ length: count }, (_, at) => {
    const radius = SPREAD * Math.sqrt(at + 1);
    return { x: radius * Math.cos(at * golden), y: radius * Math.sin(at * golden) };
  });
}

/** How many steps a graph of that size gets: large ones settle roughly, small ones well. */
export function stepsFor(count: number): number {
  return Math.max(60, Math.min(400, Math.round(120_000 / Math.max(1, count))));
}

/** Let the forces act; gives the page room to breathe between turns, and stops when told. */
export async function settle(
  graph: KnowledgeGraph,
  breathe: () => Promise<void>,
  isOver: () => boolean,
): Promise<Place[]> {
  const forces = new Graph({ multi: false, type: "undirected" });
  firstPlaces(graph.nodes.length).forEach((place, at) => forces.addNode(at, { ...place, size: 1 }));
  for (const { head, tail } of graph.edges) {
    if (head !== tail) forces.mergeEdge(head, tail);
  }
  const settings = {
    ...forceAtlas2.inferSettings(forces),
    barnesHutOptimize: graph.nodes.length > 200,
    gravity: 1,
    scalingRatio: 12,
  };
  const steps = stepsFor(graph.nodes.length);
  for (let step = 0; step < steps && !isOver(); step += STEPS_A_TURN) {
    forceAtlas2.assign(forces, { iterations: STEPS_A_TURN, settings });
    await breathe();
  }
  return spread(
    graph.nodes.map((_, at) => ({
      x: Number(forces.getNodeAttribute(at, "x")),
      y: Number(forces.getNodeAttribute(at, "y")),
    })),
  );
}

/** Stretch the places so that each node has room of its own, however many there are. */
export function spread(places: readonly Place[]): Place[] {
  const reach = (of: (place: Place) => number) =>
    Math.max(...places.map(of)) - Math.min(...places.map(of));
  const side = Math.max(
    reach(({ x }) => x),
    reach(({ y }) => y),
  );
  const factor = places.length < 2 || side === 0 ? 1 : (ROOM * Math.sqrt(places.length)) / side;
  return places.map(({ x, y }) => ({ x: x * factor, y: y * factor }));
}
