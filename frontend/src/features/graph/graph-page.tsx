// The knowledge graph: what the labels say, all together; a click shows who says so.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { getSchema } from "@/api/endpoints";
import { getGraph, graphUrl } from "@/api/graph";
import { keys } from "@/api/keys";
import type { KnowledgeGraph, Schema } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { PageHead } from "@/ui/head";
import { Loading } from "@/ui/loading";
import { Notice, Problem } from "@/ui/notice";
import { GraphCanvas } from "./canvas";
import type { Chosen } from "./drawing";
import { Contradictions } from "./contradictions";
import { Controls } from "./controls";
import type { Filters } from "./controls";
import { EdgeTable } from "./edge-table";
import { SidePanel } from "./side-panel";
import "./graph.css";

const ALL: Filters = { said: "gold", least: 0, hidden: [] };

function askedOf(filters: Filters, schema: Schema | undefined): Record<string, string> {
  const names = (schema?.relation_types ?? []).map((type) => type.name);
  const shown = names.filter((name) => !filters.hidden.includes(name));
  return {
    said: filters.said,
    ...(filters.least > 0 ? { min_confidence: String(filters.least) } : {}),
    ...(shown.length < names.length ? { predicates: shown.join(",") || "-" } : {}),
  };
}

function markedIn(graph: KnowledgeGraph | undefined, search: string): ReadonlySet<number> {
  const wanted = search.trim().toLocaleLowerCase();
  if (graph === undefined || wanted === "") return new Set();
  return new Set(
    graph.nodes.flatMap((node, at) => (node.name.toLocaleLowerCase().includes(wanted) ? [at] : [])),
  );
}

function save(picture: () => string, projectId: number): void {
  const link = document.createElement("a");
  link.href = picture();
  link.download = `graph-${projectId}.png`;
  link.click();
}

export function GraphPage({ projectId }: { readonly projectId: number }) {
  const { t, format } = useI18n();
  const [filters, setFilters] = useState(ALL);
  const [search, setSearch] = useState("");
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [picture, setPicture] = useState<(() => string) | null>(null);
  const schema = useQuery({
    queryKey: keys.schema(projectId),
    queryFn: () => getSchema(projectId),
  });
  const asked = askedOf(filters, schema.data);
  const found = useQuery({
    queryKey: [...keys.graph(projectId), asked],
    queryFn: () => getGraph(projectId, asked),
    enabled: schema.data !== undefined,
    placeholderData: keepPreviousData,
  });
  const graph = found.data;
  const marked = useMemo(() => markedIn(graph, search), [graph, search]);
  const onReady = useCallback((next: (() => string) | null) => setPicture(() => next), []);
  const change = (next: Filters) => {
    setChosen(null);
    setFilters(next);
  };
  return (
    <>
      <PageHead title={t("graph.title")} lead={t("graph.lead")} />
      <Problem error={schema.error ?? found.error} />
      {schema.data === undefined || graph === undefined ? (
        <Loading />
      ) : (
        <div className="stack">
          <Card
            title={t("graph.counts", {
              nodes: format.number(graph.nodes.length),
              edges: format.number(graph.total_edges),
            })}
          >
            <div className="stack">
              <Controls
                schema={schema.data}
                filters={filters}
                search={search}
                onFilters={change}
                onSearch={setSearch}
              />
              {graph.truncated ? <Notice tone="warn">{t("graph.truncated")}</Notice> : null}
              <div className="graph-split">
                <GraphCanvas
                  graph={graph}
                  schema={schema.data}
                  marked={marked}
                  onChoose={setChosen}
                  onReady={onReady}
                />
                {chosen === null ? (
                  <p className="muted graph-side">{t("graph.choose")}</p>
                ) : (
                  <SidePanel
                    projectId={projectId}
                    graph={graph}
                    chosen={chosen}
                    said={filters.said}
                  />
                )}
              </div>
              <div className="form-actions">
                <Button
                  disabled={picture === null}
                  onClick={() => {
                    if (picture !== null) save(picture, projectId);
                  }}
                >
                  {t("graph.png")}
                </Button>
                {(["graphml", "csv", "json"] as const).map((form) => (
                  <a
                    key={form}
                    className="button"
                    href={graphUrl(projectId, { ...asked, format: form })}
                    download
                  >
                    {form.toUpperCase()}
                  </a>
                ))}
              </div>
              <details>
                <summary>{t("graph.table")}</summary>
                <EdgeTable graph={graph} marked={marked} onChoose={setChosen} />
              </details>
            </div>
          </Card>
          <Contradictions projectId={projectId} />
        </div>
      )}
    </>
  );
}
