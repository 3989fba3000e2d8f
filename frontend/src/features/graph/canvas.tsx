// The picture of the graph. Everything that it shows stands in the table, too, for those who cannot see it.
import type { Core } from "cytoscape";
import { useEffect, useRef, useState } from "react";
import type { KnowledgeGraph, Schema } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { draw, placeOf } from "./drawing";
import type { Chosen } from "./drawing";
import { settle } from "./layout";

interface CanvasProps {
  readonly graph: KnowledgeGraph;
  readonly schema: Schema;
  readonly marked: ReadonlySet<number>;
  readonly onChoose: (chosen: Chosen | null) => void;
  readonly onReady: (picture: (() => string) | null) => void;
}

const breathe = () =>
  new Promise<void>((done) => {
    requestAnimationFrame(() => done());
  });

function mark(core: Core, marked: ReadonlySet<number>): void {
  core.batch(() => {
    core.elements().removeClass("dim marked");
    if (marked.size === 0) return;
    const found = core.nodes().filter((node) => marked.has(placeOf(node)));
    core.elements().not(found.closedNeighborhood()).addClass("dim");
    found.addClass("marked");
  });
}

export function GraphCanvas(props: CanvasProps) {
  const { t } = useI18n();
  const room = useRef<HTMLDivElement>(null);
  const shown = useRef<Core | null>(null);
  const [settled, setSettled] = useState<KnowledgeGraph | null>(null);
  const { graph, marked } = props;
  const isSettling = settled !== graph;
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  useEffect(() => {
    let isOver = false;
    void settle(graph, breathe, () => isOver).then((places) => {
      if (isOver || room.current === null) return;
      const { schema, onChoose, onReady } = latest.current;
      const core = draw(room.current, { graph, schema, places }, onChoose);
      shown.current = core;
      onReady(() => core.png({ output: "base64uri", full: true, scale: 2, maxWidth: 8000 }));
      setSettled(graph);
    });
    return () => {
      isOver = true;
      latest.current.onReady(null);
      shown.current?.destroy();
      shown.current = null;
    };
  }, [graph]);
  useEffect(() => {
    if (shown.current !== null && !isSettling) mark(shown.current, marked);
  }, [marked, isSettling]);
  return (
    <div className="graph-room">
      {isSettling ? <p className="muted graph-settling">{t("graph.settling")}</p> : null}
      <div
        ref={room}
        className="graph-canvas"
        role="img"
        aria-label={t("graph.picture", { nodes: graph.nodes.length, edges: graph.edges.length })}
        data-testid="graph-canvas"
        data-settled={isSettling ? "no" : "yes"}
      />
    </div>
  );
}
