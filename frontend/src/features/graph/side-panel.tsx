// What was chosen in the graph: the sentences that say so.
import { useQuery } from "@tanstack/react-query";
import { listGraphSentences } from "@/api/graph";
import { keys } from "@/api/keys";
import type { KnowledgeGraph } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Loading } from "@/ui/loading";
import { Problem } from "@/ui/notice";
import { Link } from "@/ui/router";
import type { Chosen } from "./drawing";

interface PanelProps {
  readonly projectId: number;
  readonly graph: KnowledgeGraph;
  readonly chosen: Chosen;
  readonly said: string;
}

function askedOf({ graph, chosen, said }: PanelProps): Record<string, string> {
  if (chosen.kind === "node") {
    const node = graph.nodes[chosen.at];
    return { said, head: node?.name ?? "", head_type: node?.type ?? "" };
  }
  const edge = graph.edges[chosen.at];
  const [head, tail] = [graph.nodes[edge?.head ?? 0], graph.nodes[edge?.tail ?? 0]];
  return {
    said,
    head: head?.name ?? "",
    head_type: head?.type ?? "",
    predicate: edge?.type ?? "",
    tail: tail?.name ?? "",
    tail_type: tail?.type ?? "",
  };
}

export function SidePanel(props: PanelProps) {
  const { t } = useI18n();
  const { projectId, graph, chosen } = props;
  const asked = askedOf(props);
  const found = useQuery({
    queryKey: [...keys.graph(projectId), "sentences", asked],
    queryFn: () => listGraphSentences(projectId, asked),
  });
  const edge = chosen.kind === "edge" ? graph.edges[chosen.at] : undefined;
  return (
    <section className="panel graph-side" aria-live="polite" data-testid="graph-side">
      <h2>
        {edge === undefined ? asked["head"] : `${asked["head"]} — ${edge.type} → ${asked["tail"]}`}
      </h2>
      {edge === undefined || edge.confidence === null ? null : (
        <p className="muted small">
          {t("graph.confidence")}: {edge.confidence.toFixed(2)}
        </p>
      )}
      <Problem error={found.error} />
      {found.isPending ? <Loading /> : null}
      <ul className="graph-sentences">
        {found.data?.results.map(({ id, text, state }) => (
          <li key={id}>
            <Link to={`/projects/${projectId}/annotate/${id}`}>{text}</Link>{" "}
            <span className="badge">{t(`state.${state}` as "state.gold")}</span>
          </li>
        ))}
      </ul>
      {found.data?.next ? <p className="muted small">{t("graph.more_sentences")}</p> : null}
    </section>
  );
}
