// How the graph is drawn: nodes by how often they are said, edges in the colours of the schema.
import cytoscape from "cytoscape";
import type {
  Core,
  EdgeSingular,
  ElementDefinition,
  NodeSingular,
  StylesheetJson,
} from "cytoscape";
import type { KnowledgeGraph, Schema } from "@/api/types";
import { entityType, relationType } from "@/core/schema";
import type { Place } from "./layout";

export type Chosen =
  { readonly kind: "node"; readonly at: number } | { readonly kind: "edge"; readonly at: number };

export interface Drawing {
  readonly graph: KnowledgeGraph;
  readonly schema: Schema;
  readonly places: readonly Place[];
}

const STYLE_ID = "__________cytoscape_stylesheet";

/** Its style element would break the page's policy; ours says the same (graph.css). */
function keepPolicy(): void {
  if (document.getElementById(STYLE_ID) !== null) return;
  const stand = document.createElement("meta");
  stand.id = STYLE_ID;
  document.head.append(stand);
}

/** The place of an element in the graph, which its id carries. */
export const placeOf = (element: { id: () => string }) => Number(element.id().slice(1));

function elements(graph: KnowledgeGraph, places: readonly Place[], schema: Schema) {
  const nodes: ElementDefinition[] = graph.nodes.map((node, at) => ({
    group: "nodes",
    data: {
      id: `n${at}`,
      label: node.name,
      size: 12 + 7 * Math.log2(1 + node.statements),
      font: 12 + 7 * Math.log2(node.statements),
      color: entityType(schema, node.type)?.color ?? "#888888",
    },
    position: { ...(places[at] ?? { x: 0, y: 0 }) },
  }));
  const edges: ElementDefinition[] = graph.edges.map((edge, at) => ({
    group: "edges",
    data: {
      id: `e${at}`,
      source: `n${edge.head}`,
      target: `n${edge.tail}`,
      width: 1 + Math.log2(1 + edge.sentences),
      color: relationType(schema, edge.type)?.color ?? "#888888",
      line: edge.gold > 0 ? "solid" : "dashed",
      arrow: relationType(schema, edge.type)?.symmetric === true ? "none" : "triangle",
    },
    classes: edge.contradicted ? "contradicted" : "",
  }));
  return [...nodes, ...edges];
}

function stylesheet(): StylesheetJson {
  const colour = (name: string) =>
    getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  return [
    {
      selector: "node",
      style: {
        "background-color": "data(color)",
        width: "data(size)",
        height: "data(size)",
        label: "data(label)",
        "font-size": "data(font)",
        color: colour("--ink"),
        "text-outline-color": colour("--surface"),
        "text-outline-width": 2,
        "min-zoomed-font-size": 9,
        "text-valign": "top",
      },
    },
    {
      selector: "edge",
      style: {
        width: "data(width)",
        "line-color": "data(color)",
        "line-style": "data(line)" as "solid",
        "target-arrow-color": "data(color)",
        "target-arrow-shape": "data(arrow)" as "triangle",
        "curve-style": "haystack",
        opacity: 0.75,
      },
    },
    { selector: ".few edge, edge.few", style: { "curve-style": "bezier" } },
    {
      selector: ".contradicted",
      style: { "underlay-color": colour("--bad"), "underlay-padding": 4, "underlay-opacity": 0.4 },
    },
    { selector: ".dim", style: { opacity: 0.12 } },
    {
      selector: ":selected, .marked",
      style: { "overlay-color": colour("--accent"), "overlay-padding": 5, "overlay-opacity": 0.35 },
    },
  ];
}

const FEW = 1500; // edges that may be curved and carry arrows without making the picture slow

/** Draw the graph into a room; what is tapped is told, the ground as null. */
export function draw(
  room: HTMLElement,
  { graph, schema, places }: Drawing,
  onChoose: (chosen: Chosen | null) => void,
): Core {
  keepPolicy();
  const core = cytoscape({
    container: room,
    elements: elements(graph, places, schema),
    style: stylesheet(),
    layout: { name: "preset" },
    hideEdgesOnViewport: graph.edges.length > FEW * 5,
    textureOnViewport: graph.edges.length > FEW,
    pixelRatio: graph.edges.length > FEW ? 1 : "auto",
    minZoom: 0.02,
    maxZoom: 6,
  });
  if (graph.edges.length <= FEW) core.edges().addClass("few");
  core.fit(undefined, 30);
  for (const kind of ["node", "edge"] as const) {
    core.on("tap", kind, (event) => {
      const target = event.target as NodeSingular | EdgeSingular;
      onChoose({ kind, at: placeOf(target) });
    });
  }
  core.on("tap", (event) => {
    if (event.target === core) onChoose(null);
  });
  return core;
}
