// What is said and contradicted: each pair can be sent to review.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { listContradictions, reviewContradiction } from "@/api/graph";
import { keys } from "@/api/keys";
import type { Contradiction } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Problem } from "@/ui/notice";

interface RowProps {
  readonly projectId: number;
  readonly clash: Contradiction;
}

function Row({ projectId, clash }: RowProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const send = useMutation({
    mutationFn: () => reviewContradiction(projectId, clash.nodes),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.allComments(projectId) }),
  });
  return (
    <tr>
      <td>{clash.nodes.map((node) => node.name).join(" – ")}</td>
      <td>
        {clash.edges.map((edge) => (
          <div key={`${edge.head.name} ${edge.type}`}>
            {edge.head.name} — {edge.type} → {edge.tail.name}{" "}
            <span className="muted small">{t("graph.in_sentences", { n: edge.sentences })}</span>
          </div>
        ))}
        <Problem error={send.error} />
      </td>
      <td>
        {send.data === undefined ? (
          <Button size="small" disabled={send.isPending} onClick={() => send.mutate()}>
            {t("graph.review")}
          </Button>
        ) : (
          <span className="badge badge-good">{t("graph.reviewed", { n: send.data.opened })}</span>
        )}
      </td>
    </tr>
  );
}

export function Contradictions({ projectId }: { readonly projectId: number }) {
  const { t } = useI18n();
  const found = useQuery({
    queryKey: [...keys.graph(projectId), "contradictions"],
    queryFn: () => listContradictions(projectId),
  });
  const { results = [], total = 0 } = found.data ?? {};
  return (
    <Card title={t("graph.contradictions", { n: total })} testId="contradictions">
      <Problem error={found.error} />
      {total === 0 && found.isSuccess ? <p className="muted">{t("graph.none")}</p> : null}
      {results.length === 0 ? null : (
        <div className="table-wrap">
          <table>
            <thead>
              <tr>
                <th>{t("graph.pair")}</th>
                <th>{t("graph.statements")}</th>
                <th>{t("graph.action")}</th>
              </tr>
            </thead>
            <tbody>
              {results.map((clash) => (
                <Row
                  key={clash.nodes.map((node) => `${node.type} ${node.name}`).join("\n")}
                  projectId={projectId}
                  clash={clash}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  );
}
